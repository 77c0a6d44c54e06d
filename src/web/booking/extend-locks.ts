import type { LockDetailsFragment } from '../graphql/generated/graphql.js';
import { apiErrorOf } from '../network/api-error.js';

/** The result of extending locks. Each lock has its own call, and so its own result. */
export interface Extension {
  /** With their new end. */
  readonly extended: readonly LockDetailsFragment[];
  /** Locks that cannot be extended any further. */
  readonly exhausted: readonly LockDetailsFragment[];
  readonly failed: readonly { readonly lock: LockDetailsFragment; readonly error: unknown }[];
}

/** @param extend extends one lock; throws the server's refusal */
export async function extendLocks(
  locks: readonly LockDetailsFragment[],
  extend: (lockId: string) => Promise<LockDetailsFragment>,
): Promise<Extension> {
  const answers = await Promise.allSettled(locks.map(({ id }) => extend(id)));
  const extended: LockDetailsFragment[] = [];
  const exhausted: LockDetailsFragment[] = [];
  const failed: { lock: LockDetailsFragment; error: unknown }[] = [];
  for (const [index, answer] of answers.entries()) {
    const lock = locks[index] as LockDetailsFragment;
    if (answer.status === 'fulfilled') extended.push(answer.value);
    else if (apiErrorOf(answer.reason)?.code === 'LOCK_EXTENSION_LIMIT') exhausted.push(lock);
    else failed.push({ lock, error: answer.reason });
  }
  return { extended, exhausted, failed };
}

/** One or two sentences for the user. */
export function extensionText(
  { extended, exhausted, failed }: Extension,
  nameOf: (seatNumber: number) => string,
  messageOf: (error: unknown) => string,
): string {
  const names = (locks: readonly LockDetailsFragment[]) =>
    locks.map(({ seatNumber }) => nameOf(seatNumber)).join('; ');
  const isPartly = exhausted.length > 0 || failed.length > 0;
  return [
    extended.length > 0 && (isPartly ? `More time for ${names(extended)}.` : 'You have more time.'),
    exhausted.length > 0 &&
      (extended.length + failed.length > 0
        ? `Cannot be held longer: ${names(exhausted)}.`
        : 'These seats cannot be held longer.'),
    failed.length > 0 &&
      `No more time for ${names(failed.map(({ lock }) => lock))}: ${messageOf(failed[0]?.error)}`,
  ]
    .filter((sentence) => sentence !== false)
    .join(' ');
}
