import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import { DomainError } from '../../core/errors.js';

const isPrivate = proxyAddr.compile(['loopback', 'linklocal', 'uniquelocal']);

/**
 * Who may read /metrics: whoever has the token where there is one, and otherwise private addresses alone, such as a
 * Prometheus beside the server. What came through a proxy that is not trusted to say from whom may be from anybody, and
 * where everybody is trusted to, everybody may say that their address is private.
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
    'Metrics are for private addresses, and for none where TRUST_PROXY is on. With METRICS_TOKEN set, they are for whoever has it.',
  );

/** In a time that does not tell how much of it was right. */
function isSame(given: string, wanted: string): boolean {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashOf(given), hashOf(wanted));
}
