import { LRUCache } from 'lru-cache';
import type { Command } from '../../booking/commands.js';
import { monotonicMs } from '../../core/clock.js';
import type { CommandQueue } from './command-queue.js';

/** How long no caller may have sent a command for an event before its expiry commands get a batch of their own. */
export const QUIET_BEFORE_EXPIRY_MS = 25;
/** Events whose last call is remembered. */
const LAST_CALLS_KEPT_MAX = 1_000;

const EXPIRY_COMMANDS: readonly Command['kind'][] = [
  'expireLocks',
  'expireBookings',
  'expirePayments',
  'endReservations',
];

/** Whether a job sent the command: it records what has expired, and no caller waits for it. */
export const isExpiry = ({ kind }: Command): boolean => EXPIRY_COMMANDS.includes(kind);

/** Delays expiry commands until no caller wants anything of their event. */
export class QuietTime {
  readonly #lastCallMs = new LRUCache<string, number>({ max: LAST_CALLS_KEPT_MAX });

  recordCall(eventId: string, nowMs: number): void {
    this.#lastCallMs.set(eventId, nowMs);
  }

  /** Calls back once the event is quiet, unless its expiry commands have joined another batch by then. */
  whenQuiet(queue: CommandQueue, callback: (queue: CommandQueue) => void): void {
    clearTimeout(queue.quietTimer);
    const lastCallMs = this.#lastCallMs.get(queue.eventId) ?? Number.NEGATIVE_INFINITY;
    const leftMs = lastCallMs + QUIET_BEFORE_EXPIRY_MS - monotonicMs();
    if (leftMs <= 0) callback(queue);
    else
      queue.quietTimer = setTimeout(() => {
        if (queue.expiryCommands.length > 0 && !queue.isBusy) this.whenQuiet(queue, callback);
      }, leftMs);
  }
}
