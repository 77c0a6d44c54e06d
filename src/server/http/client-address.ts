import { isIP } from 'node:net';

/**
 * The first four groups of an IPv6 address. A household or server gets all addresses of such a /64 and may use any of
 * them.
 */
const IPV6_GROUPS_COUNTED = 4;

/**
 * The key for limits by address: an IPv4 address in plain notation, or the /64 of an IPv6 address. Everything that is
 * no address, which a proxy may have passed on, shares the key `unknown`.
 *
 * @param address undefined if the client has already gone, whatever fastify's types say
 */
export function countedAddress(address: string | undefined): string {
  const [plain = ''] = (address ?? '').split('%');
  const version = isIP(plain);
  if (version === 4) return plain;
  if (version !== 6) return 'unknown';
  const groups = ipv6Groups(plain);
  const [high = 0, low = 0] = groups.slice(-2);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const counted = groups.slice(0, IPV6_GROUPS_COUNTED).map((group) => group.toString(16));
  return `${counted.join(':')}::/64`;
}

function ipv6Groups(address: string): number[] {
  const halves = address.split('::').map((half) => half.split(':').filter(Boolean).flatMap(groupsIn));
  const [head = [], tail = []] = halves;
  return [...head, ...Array(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
}

/** The last part may be an IPv4 address, which is two groups. */
function groupsIn(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
