import { setTimeout as wait } from 'node:timers/promises';
import { type Finding, finding, findingLines } from './audit.js';
import { HISTORY, PAUSE_SALE } from './operations.js';
import type { SaleRecord } from './sale-record.js';
import { type Ask, nodesOf } from './server-state.js';
import type { PauseNotice, Watcher } from './watcher.js';

interface HistoryEntry {
  readonly kind: string;
  readonly version: number;
  readonly seatNumber: number | null;
}

/** What became of the organizer's pause of a sale. */
export interface PauseResult {
  /** The seat map's version from which on nothing may be locked. */
  readonly version: number;
  /** From the request to the answer. */
  readonly answerMs: number;
  /** From the request until each connected watcher that was notified had the status PAUSED, in ascending order. */
  readonly notifiedMs: readonly number[];
  /** The same of the watchers without a connection, from the request or from when they began to connect again. */
  readonly returnedMs: readonly number[];
  /** Bookings that were acknowledged after the answer. */
  readonly bookingsAfter: number;
  readonly lockedAfter: Finding;
  readonly notNotified: Finding;
}

/** Pauses a sale once, and afterwards checks what that did. */
export class SalePause {
  #requestedAtMs = Number.NaN;
  #answeredAtMs = Number.NaN;

  constructor(
    private readonly ask: Ask,
    private readonly eventId: string,
    private readonly record: Pick<SaleRecord, 'pauseRequested' | 'bookedAtMs'>,
  ) {}

  /** @throws UnansweredError */
  async pauseAfter(ms: number): Promise<void> {
    await wait(ms);
    this.record.pauseRequested = true;
    this.#requestedAtMs = performance.now();
    await this.ask(PAUSE_SALE, { eventId: this.eventId });
    this.#answeredAtMs = performance.now();
  }

  /** Reads the event's history. To be called after the last answer to a fan. */
  async result(watchers: readonly Watcher[]): Promise<PauseResult> {
    const later: HistoryEntry[] = [];
    let version = Number.NaN;
    // Newest first.
    for await (const entry of nodesOf<HistoryEntry>(this.ask, HISTORY, this.eventId, 'history')) {
      if (entry.kind === 'SALE_PAUSED') {
        version = entry.version;
        break;
      }
      later.push(entry);
    }
    if (Number.isNaN(version)) throw new Error('The history of the event does not have the pause.');
    const locked = later.filter(({ kind }) => kind === 'LOCKED');
    const notified = watchers.flatMap(({ notifiedOfPause }) => notifiedOfPause ?? []);
    const wasConnected = ({ connectedAtMs }: PauseNotice) => connectedAtMs <= this.#requestedAtMs;
    const notNotified = watchers.flatMap(({ notifiedOfPause }, index) =>
      notifiedOfPause === null ? [`watcher ${index}`] : [],
    );
    return {
      version,
      answerMs: this.#answeredAtMs - this.#requestedAtMs,
      notifiedMs: msOf(notified.filter(wasConnected), () => this.#requestedAtMs),
      returnedMs: msOf(
        notified.filter((each) => !wasConnected(each)),
        ({ connectingAtMs }) => Math.max(this.#requestedAtMs, connectingAtMs),
      ),
      bookingsAfter: this.record.bookedAtMs.filter((ms) => ms > this.#answeredAtMs).length,
      lockedAfter: finding(locked.map((entry) => `seat ${entry.seatNumber} at version ${entry.version}`)),
      notNotified: finding(notNotified),
    };
  }
}

/** How long each took, in ascending order. */
const msOf = (notices: readonly PauseNotice[], beginMs: (notice: PauseNotice) => number): number[] =>
  notices.map((notice) => notice.atMs - beginMs(notice)).sort((a, b) => a - b);

export const isPauseClean = ({ lockedAfter, notNotified, bookingsAfter }: PauseResult): boolean =>
  lockedAfter.count === 0 && notNotified.count === 0 && bookingsAfter > 0;

const lastOf = (ms: readonly number[]) => (ms.at(-1) ?? 0).toFixed(0);

/** The result as lines of text. */
export function pauseLines({
  version,
  answerMs,
  notifiedMs,
  returnedMs,
  bookingsAfter,
  ...checks
}: PauseResult): string[] {
  return [
    '',
    `The pause, from version ${version} on: answered after ${answerMs.toFixed(0)} ms`,
    `${String(notifiedMs.length).padStart(7)}  connected watchers notified, the last after ${lastOf(notifiedMs)} ms`,
    `${String(returnedMs.length).padStart(7)}  watchers without a connection notified, the last ${lastOf(returnedMs)} ms after it asked for one`,
    `${String(bookingsAfter).padStart(7)}  bookings of held seats after it, which must not be 0`,
    ...findingLines(checks.lockedAfter, 'seats locked after it'),
    ...findingLines(checks.notNotified, 'watchers that were not notified'),
  ];
}
