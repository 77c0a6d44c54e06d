import { apiErrorOf } from './api-error.js';
import type { HeldSeat } from './held-seats.js';

/** The result of extending locks. Each lock has its own call, and so its own result. */
export interface Extension {
  /** With their new end. */
  readonly extended: readonly HeldSeat[];
  /** Locks that cannot be extended any further. */
  readonly exhausted: readonly HeldSeat[];
  readonly failed: readonly { readonly lock: HeldSeat; readonly error: unknown }[];
}

/** @param extend extends one lock; throws the server's refusal */
export async function extendLocks(
  locks: readonly HeldSeat[],
  extend: (lockId: string) => Promise<HeldSeat>,
): Promise<Extension> {
  const answers = await Promise.allSettled(locks.map(({ id }) => extend(id)));
  const extended: HeldSeat[] = [];
  const exhausted: HeldSeat[] = [];
  const failed: { lock: HeldSeat; error: unknown }[] = [];
  for (const [index, answer] of answers.entries()) {
    const lock = locks[index] as HeldSeat;
    if (answer.status === 'fulfilled') extended.push(answer.value);
    else if (apiErrorOf(answer.reason)?.code === 'LOCK_EXTENSION_LIMIT') exhausted.push(lock);
    else failed.push({ lock, error: answer.reason });
  }
  return { extended, exhausted, failed };
}
