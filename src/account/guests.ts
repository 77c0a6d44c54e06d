import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { User } from './user.js';

/**
 * When a merge is repeated, counted from its beginning. A command of the guest that another server had accepted before
 * can still lock a seat. The last repetition is later than the longest life of such a command: a minute in which that
 * server may know the guest from its cache, and the time that a command may wait for its batch and its batch may take.
 */
export const MERGE_REPEATED_MS = [5_000, 120_000] as const;
/** How long a log-in waits for the merge. After that the job completes it. */
const LOG_IN_WAITS_MS_MAX = 5_000;
/** Merges that one run of the job continues. */
const MERGES_AT_ONCE_MAX = 200;

/** A guest whose locks, payments and bookings become an account's. */
export interface Merge {
  readonly guestId: string;
  readonly accountId: string;
  readonly startedAt: Date;
}

/** What guests need from the store. */
export interface Guests {
  /** @param until when the token of the new guest expires */
  insert(guest: User, until: Date): Promise<void>;
  /** Notes that a guest has a token that expires then. */
  keep(id: string, until: Date): Promise<void>;
  /**
   * Turns a guest into an account, and notifies every process.
   *
   * @returns null if the user is no guest any more
   * @throws EmailInUse if the address is in use; then nothing has changed
   */
  name(id: string, email: string, passwordHash: string): Promise<User | null>;
  /**
   * Ends the tokens of a guest for ever, notes whose the guest's reservations are now, and notifies every process.
   *
   * @returns null if the user is no guest any more, or is merged into another account
   */
  beginMerge(guestId: string, accountId: string, startedAt: Date, nextAt: Date): Promise<Merge | null>;
  /** Merges to continue by now, the longest due first. */
  dueMerges(now: Date, max: number): Promise<Merge[]>;
  postponeMerge(guestId: string, nextAt: Date): Promise<void>;
  /** Deletes the guest, who has nothing any more. */
  endMerge(guestId: string): Promise<void>;
  /** Deletes guests who have nothing, and whose last token expired before `expiredBefore`. @returns how many */
  deleteIdle(expiredBefore: Date): Promise<number>;
}

/**
 * Merges guests into the accounts that they log in to. The intention is stored first, so that the job completes a merge
 * whose server has died, and repeats each one for what was still on its way.
 */
export class GuestMerges {
  constructor(
    private readonly guests: Guests,
    /** Gives everything that a user has to another one; safe to repeat. */
    private readonly transferAll: (fromUserId: string, toUserId: string) => Promise<void>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Stores the intention. @returns null if the user is no guest any more */
  begin(guestId: string, accountId: string): Promise<Merge | null> {
    const now = this.clock.now();
    return this.guests.beginMerge(guestId, accountId, now, repetitionAfter(now, 0) as Date);
  }

  /** Returns when the account has all that the guest had, or after LOG_IN_WAITS_MS_MAX. Never throws. */
  async transfer({ guestId, accountId }: Merge): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LOG_IN_WAITS_MS_MAX);
    });
    const transferred = this.transferAll(guestId, accountId).catch((error: unknown) => {
      this.log.warn({ err: error, guestId, accountId }, 'A guest was not merged; the job continues it');
    });
    await Promise.race([transferred, isLate]).finally(() => clearTimeout(timer));
  }

  /** Continues all merges that are due. @returns how many; a failed one is tried again by the next run */
  async continueDue(): Promise<number> {
    const now = this.clock.now();
    const faults: unknown[] = [];
    const due = await this.guests.dueMerges(now, MERGES_AT_ONCE_MAX);
    for (const { guestId, accountId, startedAt } of due) {
      try {
        await this.transferAll(guestId, accountId);
        const nextAt = repetitionAfter(startedAt, now.getTime() - startedAt.getTime());
        if (nextAt === undefined) await this.guests.endMerge(guestId);
        else await this.guests.postponeMerge(guestId, nextAt);
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} guests could not be merged`);
    return due.length;
  }
}

function repetitionAfter(startedAt: Date, elapsedMs: number): Date | undefined {
  const afterMs = MERGE_REPEATED_MS.find((ms) => ms > elapsedMs);
  return afterMs === undefined ? undefined : new Date(startedAt.getTime() + afterMs);
}
