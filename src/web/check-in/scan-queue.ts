import { apiErrorOf, isRetryable, isSessionEnded } from 'seat-map';
import type { CheckInResult } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';

/** Scans that wait for the network, at most. One has about 400 bytes, and browsers keep 5 MB. */
export const SCANS_WAITING_MAX = 5_000;

/** A code that was scanned. */
export interface Scan {
  /** The server answers it once, however often it is sent. */
  readonly scanId: string;
  readonly code: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What the server says about a scan. */
export interface Answer {
  readonly result: CheckInResult;
  readonly checkedInAt: string | null;
  /** Where the seat is, in words; null if there is no booking. */
  readonly place: string | null;
}

export type Verdict =
  | ({ readonly kind: 'answered' } & Answer)
  /** It is kept, and sent later. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly message: string };

/** Scans without an answer. They outlive the page. */
export interface WaitingScans {
  /** Oldest first. */
  all(): Scan[];
  /** @throws if there is no space left */
  add(scan: Scan): void;
  remove(scan: Scan): void;
}

/** Sends scans, and keeps those that the server has not answered. */
export class ScanQueue {
  #isSending = false;

  constructor(
    private readonly scans: WaitingScans,
    private readonly send: (scan: Scan) => Promise<Answer>,
    /** Called with each verdict that is not about to be returned by `check`. */
    private readonly onLateVerdict: (scan: Scan, verdict: Verdict) => void,
  ) {}

  get waiting(): number {
    return this.scans.all().length;
  }

  /** At once, also while earlier scans wait: somebody stands at the entrance. */
  async check(scan: Scan): Promise<Verdict> {
    if (this.waiting >= SCANS_WAITING_MAX)
      return { kind: 'refused', message: 'Too many scans wait for the network. This one is not kept.' };
    try {
      this.scans.add(scan);
    } catch {
      return { kind: 'refused', message: 'The browser keeps no more scans. This one is not checked.' };
    }
    return this.#attempt(scan);
  }

  /** Sends what waits, oldest first, until the network fails again. */
  async sendWaiting(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (const scan of this.scans.all()) {
        const verdict = await this.#attempt(scan);
        if (verdict.kind === 'waiting') return;
        this.onLateVerdict(scan, verdict);
      }
    } finally {
      this.#isSending = false;
    }
  }

  async #attempt(scan: Scan): Promise<Verdict> {
    try {
      const answer = await this.send(scan);
      this.scans.remove(scan);
      return { kind: 'answered', ...answer };
    } catch (error) {
      // It is sent again in the session of its organizer.
      if (isRetryable(error) || isSessionEnded(error)) return { kind: 'waiting' };
      this.scans.remove(scan);
      const isOthers = apiErrorOf(error)?.code === 'EVENT_NOT_FOUND';
      return {
        kind: 'refused',
        message: isOthers ? 'Only the event’s organizer checks tickets.' : messageOf(error),
      };
    }
  }
}

/** Each scan under a key of its own, so that two tabs lose none. */
export function waitingScansIn(storage: Storage, userId: string, eventId: string): WaitingScans {
  const prefix = `scan ${userId} ${eventId} `;
  return {
    all: () =>
      Object.keys(storage)
        .filter((key) => key.startsWith(prefix))
        .map((key) => JSON.parse(storage.getItem(key) ?? 'null') as Scan | null)
        .filter((scan) => scan !== null)
        .sort((a, b) => a.at.localeCompare(b.at)),
    add: (scan) => storage.setItem(prefix + scan.scanId, JSON.stringify(scan)),
    remove: ({ scanId }) => storage.removeItem(prefix + scanId),
  };
}

/** What was scanned: a code, or the link of a ticket's page with the code behind its #. */
export const codeIn = (text: string): string => text.trim().replace(/^https?:\/\/\S*#/, '');
