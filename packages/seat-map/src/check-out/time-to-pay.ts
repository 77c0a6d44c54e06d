import { apiErrorOf } from '../core/api-error.js';
import type { HeldSeat } from '../core/held-seats.js';

/** With less time left than this, locks are extended before the payment. */
export const PAY_MARGIN_MS = 20_000;
/** With less than this left and no extension possible, nothing is paid: on a slow network the booking would come too late. */
export const PAY_LATEST_MS = 5_000;

export interface TimeToPay {
  /** Locks with their new end. */
  readonly extended: readonly HeldSeat[];
  /** True if too little time is left and the locks cannot be extended. */
  readonly isTooLate: boolean;
}

/**
 * Makes sure that no payment starts seconds before its locks expire. Other errors are ignored: the server refuses the payment
 * if a lock has expired.
 *
 * @param locks the locks to pay for
 * @param nowMs by the server's clock
 * @param extend extends one lock; throws the server's refusal
 */
export async function timeToPay(
  locks: readonly HeldSeat[],
  nowMs: number,
  extend: (lockId: string) => Promise<HeldSeat>,
): Promise<TimeToPay> {
  const leftMs = ({ expiresAt }: HeldSeat) => Date.parse(expiresAt) - nowMs;
  const extended: HeldSeat[] = [];
  let isTooLate = false;
  const inTime = async (lock: HeldSeat) => {
    try {
      extended.push(await extend(lock.id));
    } catch (error) {
      isTooLate ||= apiErrorOf(error)?.code === 'LOCK_EXTENSION_LIMIT' && leftMs(lock) < PAY_LATEST_MS;
    }
  };
  await Promise.all(locks.filter((lock) => leftMs(lock) < PAY_MARGIN_MS).map(inTime));
  return { extended, isTooLate };
}
