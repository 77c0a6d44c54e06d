import { type Finding, finding, findingLines } from './audit.js';
import { HISTORY, PAUSE_SALE } from './operations.js';
import type { Ask } from './server-state.js';
import type { Watcher } from './watcher.js';

/** Pages of 100 entries, newest first. A seat can be locked and released many times after the pause was requested. */
const PAGES_MAX = 10_000;

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
  /** From the request until each watcher that was told had the status PAUSED, in ascending order. */
  readonly toldMs: readonly number[];
  /** Bookings that were acknowledged after the answer. */
  readonly bookingsAfter: number;
  readonly lockedAfter: Finding;
  readonly notTold: Finding;
}

/** Pauses a sale once, and afterwards checks what that did. */
export class SalePause {
  #requestedAtMs = Number.NaN;
  #answeredAtMs = Number.NaN;

  constructor(
    private readonly ask: Ask,
    private readonly eventId: string,
  ) {}

  /** @throws UnansweredError */
  async pause(): Promise<void> {
    this.#requestedAtMs = performance.now();
    await this.ask(PAUSE_SALE, { eventId: this.eventId });
    this.#answeredAtMs = performance.now();
  }

  /** Reads the event's history. To be called after the last answer to a fan. */
  async result(watchers: readonly Watcher[], bookedAtMs: readonly number[]): Promise<PauseResult> {
    const later: HistoryEntry[] = [];
    let version = Number.NaN;
    for await (const entry of this.#entries()) {
      if (entry.kind === 'SALE_PAUSED') {
        version = entry.version;
        break;
      }
      later.push(entry);
    }
    if (Number.isNaN(version)) throw new Error('The history of the event does not have the pause.');
    const locked = later.filter(({ kind }) => kind === 'LOCKED');
    const notTold = watchers.flatMap(({ pausedAtMs }, index) =>
      pausedAtMs === null ? [`watcher ${index}`] : [],
    );
    return {
      version,
      answerMs: this.#answeredAtMs - this.#requestedAtMs,
      toldMs: watchers
        .flatMap(({ pausedAtMs }) => (pausedAtMs === null ? [] : [pausedAtMs - this.#requestedAtMs]))
        .sort((a, b) => a - b),
      bookingsAfter: bookedAtMs.filter((ms) => ms > this.#answeredAtMs).length,
      lockedAfter: finding(locked.map((entry) => `seat ${entry.seatNumber} at version ${entry.version}`)),
      notTold: finding(notTold),
    };
  }

  async *#entries(): AsyncGenerator<HistoryEntry> {
    let after: string | null = null;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const data = await this.ask(HISTORY, { eventId: this.eventId, after });
      const { history } = data.event as {
        history: { nodes: HistoryEntry[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
      };
      yield* history.nodes;
      if (!history.pageInfo.hasNextPage) return;
      after = history.pageInfo.endCursor;
    }
  }
}

export const isPauseClean = ({ lockedAfter, notTold, bookingsAfter }: PauseResult): boolean =>
  lockedAfter.count === 0 && notTold.count === 0 && bookingsAfter > 0;

/** The result as lines of text. */
export function pauseLines({ version, answerMs, toldMs, bookingsAfter, ...checks }: PauseResult): string[] {
  return [
    '',
    `The pause, from version ${version} on: answered after ${answerMs.toFixed(0)} ms; ${toldMs.length} watchers told, the last after ${(toldMs.at(-1) ?? 0).toFixed(0)} ms`,
    `${String(bookingsAfter).padStart(7)}  bookings of held seats after it, which must not be 0`,
    ...findingLines(checks.lockedAfter, 'seats locked after it'),
    ...findingLines(checks.notTold, 'watchers that were not told'),
  ];
}
