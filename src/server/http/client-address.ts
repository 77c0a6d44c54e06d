import { isIP } from 'node:net';

/** Of an IPv6 address: a household or a server is given all addresses with the same first half, and changes among them freely. */
const IPV6_GROUPS_COUNTED = 4;

/**
 * What an address counts as where callers are limited by address: an IPv4 address by itself, in whatever notation, an
 * IPv6 address with its whole /64. Whatever a proxy passed on that is no address counts as one.
 */
export function countedAddress(address: string): string {
  const [plain = ''] = address.split('%');
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

/** The last part may be an IPv4 address, which is two. */
function groupsIn(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
