import type { HeldSeat } from '../core/held-seats.js';

/**
 * The locks among `before` that have expired, without used and released ones.
 *
 * @param known the viewer's locks of the last message, ended ones too
 * @param nowMs by the server's clock
 */
export function expiredSince(
  before: readonly HeldSeat[],
  known: readonly HeldSeat[],
  nowMs: number,
): HeldSeat[] {
  const now = new Map(known.map((lock) => [lock.id, lock]));
  return before.filter((lock) => {
    const { status, expiresAt } = now.get(lock.id) ?? lock;
    return status === 'EXPIRED' || (status === 'ACTIVE' && Date.parse(expiresAt) <= nowMs);
  });
}
