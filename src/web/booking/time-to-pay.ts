import type { LockDetailsFragment } from '../graphql/generated/graphql.js';
import { apiErrorOf } from '../network/api-error.js';

/** With less time left than this, more is asked for before anything is paid. */
export const PAY_MARGIN_MS = 20_000;
/** With less than this left, and no more to be had, nothing is paid: on a slow network the booking would come too late. */
export const PAY_LATEST_MS = 5_000;

export interface TimeToPay {
  /** Locks that are held longer now. */
  readonly extended: readonly LockDetailsFragment[];
  /** True where too little time is left and the server gives no more. */
  readonly isTooLate: boolean;
}

/**
 * Makes sure that a payment is not begun seconds before its seats are lost. What else goes wrong meanwhile is left to the
 * payment itself, which the server refuses where the hold is over.
 *
 * @param locks what is to be paid for
 * @param nowMs by the server's clock
 * @param extend one lock; @throws what the server refused it with
 */
export async function timeToPay(
  locks: readonly LockDetailsFragment[],
  nowMs: number,
  extend: (lockId: string) => Promise<LockDetailsFragment>,
): Promise<TimeToPay> {
  const leftMs = ({ expiresAt }: LockDetailsFragment) => Date.parse(expiresAt) - nowMs;
  const extended: LockDetailsFragment[] = [];
  let isTooLate = false;
  const inTime = async (lock: LockDetailsFragment) => {
    try {
      extended.push(await extend(lock.id));
    } catch (error) {
      isTooLate ||= apiErrorOf(error)?.code === 'LOCK_EXTENSION_LIMIT' && leftMs(lock) < PAY_LATEST_MS;
    }
  };
  await Promise.all(locks.filter((lock) => leftMs(lock) < PAY_MARGIN_MS).map(inTime));
  return { extended, isTooLate };
}
