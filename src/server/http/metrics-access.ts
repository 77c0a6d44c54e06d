import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import { DomainError } from '../../core/errors.js';

const isPrivate = proxyAddr.compile(['loopback', 'linklocal', 'uniquelocal']);

/**
 * Whether a request may read /metrics. If a token is set, it decides. Otherwise only private addresses may, such as a
 * Prometheus next to the server. A request through an untrusted proxy may come from anywhere, so it is refused. If
 * every proxy is trusted, any client can claim a private address, so all requests are refused.
 */
export function mayReadMetrics(
  { headers }: IncomingMessage,
  address: string,
  token: string | undefined,
  trustProxy: boolean | readonly string[],
): boolean {
  if (token !== undefined) return isSame(headers.authorization ?? '', `Bearer ${token}`);
  if (trustProxy === true) return false;
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return isPrivate(address, 0) && (trustProxy !== false || !isForwarded);
}

export const metricsAreForPrivateAddresses = (): DomainError =>
  new DomainError(
    'FORBIDDEN',
    'Only private addresses may read metrics, and nobody while TRUST_PROXY is on. Set METRICS_TOKEN to allow its holder.',
  );

/** Compares in constant time, so that the duration does not reveal how much of a guess was right. */
function isSame(given: string, wanted: string): boolean {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashOf(given), hashOf(wanted));
}
