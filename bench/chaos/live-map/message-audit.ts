import { lettersOf, type MapHistory, type SeatState } from './history.js';
import type { Received, Subscription, Watched } from './recorded-subscriptions.js';

export const CHECKS = {
  gap: 'messages that do not follow the watcher’s version',
  backwards: 'messages with an older or the same version',
  unborn: 'versions that never existed',
  untrue: 'seats shown with a wrong state',
  leftOut: 'changed seats missing from a message',
  unasked: 'unchanged seats in a message',
  wholeMap: 'wrong maps as text, or wrong counts',
  undone: 'expiries that were shown and taken back',
  needless: 'snapshots for watchers whose missed changes were stored',
  waiting: 'watchers that did not catch up',
  ending: 'final maps that differ from the database',
  refused: 'answers that break the contract',
  history: 'changes that differ from the database',
} as const;
export type Check = keyof typeof CHECKS;

export interface Finding {
  readonly check: Check;
  readonly what: string;
}

export interface AuditOptions {
  /** There was no fault, and all changes are stored: a watcher with a version gets only what it missed. */
  readonly isAllKnown: boolean;
}

interface ShownExpiry {
  readonly server: number;
  readonly lockedUntilMs: number;
}

type WatchersMap = Map<number, SeatState>;

/** Compares every message to every watcher with the committed changes. */
export function auditMessages(
  history: MapHistory,
  watched: readonly Watched[],
  options: AuditOptions,
): { findings: Finding[]; endings: Map<string, Ending> } {
  const findings: Finding[] = [];
  const endings = new Map<string, Ending>();
  for (const each of watched)
    endings.set(each.watcher, new MessageAudit(history, each, options, findings).receive());
  return { findings, endings };
}

/** A watcher's map after the last message. A lock in it may expire without a message. */
export interface Ending {
  readonly version: number | null;
  letters(atMs: number): string;
}

/** Applies one watcher's messages as its client would, and compares them with the history. */
class MessageAudit {
  #version: number | null = null;
  #map: WatchersMap = new Map();
  /** The watcher's map at each of its versions. */
  readonly #kept = new Map<number, WatchersMap>();
  /** Locks that were shown as expired before that was recorded, by seat. */
  readonly #shownExpiries = new Map<number, ShownExpiry>();
  /** The newest version that it ever received. */
  #newest = 0;

  constructor(
    private readonly history: MapHistory,
    private readonly watched: Watched,
    private readonly options: AuditOptions,
    private readonly findings: Finding[],
  ) {}

  receive(): Ending {
    for (const subscription of this.watched.subscriptions) {
      const { base, since } = subscription;
      this.#map = new Map(base === 'its map' || base === 'an old map' ? this.#kept.get(since as number) : []);
      this.#version = since;
      subscription.received.forEach((message, index) => {
        this.#checkVersion(subscription, message, index === 0);
        this.#checkContent(subscription, message);
        this.#apply(subscription, message);
      });
    }
    const { totalSeats } = this.history;
    const [version, map] = [this.#version, this.#map];
    return {
      version,
      letters: (atMs) => {
        const live = [...map].filter(
          ([, { lockedUntilMs }]) => lockedUntilMs === null || lockedUntilMs > atMs,
        );
        return lettersOf(new Map(live), totalSeats);
      },
    };
  }

  #find(
    check: Check,
    { server }: Subscription,
    { kind, previousVersion, version }: Received,
    what: string,
  ): void {
    const message = `${kind} ${previousVersion ?? ''}→${version}`;
    this.findings.push({ check, what: `${this.watched.watcher} at server ${server}, ${message}: ${what}` });
  }

  /** Checks whether the message may come after the watcher's version. */
  #checkVersion(subscription: Subscription, message: Received, isFirst: boolean): void {
    const { base, since } = subscription;
    const { kind, version, previousVersion } = message;
    const had = this.#version;
    const find = (check: Check, what: string) => this.#find(check, subscription, message, what);
    if (kind === 'SNAPSHOT') {
      if (previousVersion !== null) find('gap', 'a snapshot has no previous version');
    } else if (previousVersion === null || previousVersion !== had) {
      find('gap', `it had ${had}`);
    }
    if (version > this.history.version) find('unborn', `the database is at ${this.history.version}`);
    if (version < 0 || !Number.isInteger(version)) find('unborn', 'not a version');
    if (base === 'an invention' && isFirst && kind === 'SNAPSHOT') {
      // The answer to a made-up version must not be older than a version that this watcher has.
      if ((since ?? 0) > 0 && version < this.#newest) find('backwards', `it knew ${this.#newest}`);
    } else if (had !== null && version < had) find('backwards', `it had ${had}`);
    if (!isFirst && had === version) find('backwards', 'it had that already');
    if (kind === 'SNAPSHOT' && since !== null && base !== 'an invention' && this.options.isAllKnown) {
      find('needless', `it had ${had}`);
    }
  }

  /** Checks whether the message has exactly the changes of the database. */
  #checkContent(subscription: Subscription, message: Received): void {
    const { version, previousVersion, seats, statuses, availability } = message;
    if (version > this.history.version) return;
    const atMs = Date.parse(message.serverTime);
    const find = (check: Check, what: string) => this.#find(check, subscription, message, what);
    const due =
      previousVersion === null
        ? new Set(this.history.taken(version, atMs).keys())
        : this.history.changedSeats(previousVersion, version);
    for (const { seatNumber, status, lockedUntil } of seats) {
      const right = this.history.shown(seatNumber, version, atMs);
      const lockedUntilMs = lockedUntil === null ? null : Date.parse(lockedUntil);
      if (status !== right.status || lockedUntilMs !== right.lockedUntilMs) {
        const [shown, had] = [{ status, lockedUntilMs }, right].map(
          (state) => `${state.status}${state.lockedUntilMs === null ? '' : ` until ${state.lockedUntilMs}`}`,
        );
        find('untrue', `seat ${seatNumber} is shown ${shown} and was ${had} at ${atMs}`);
      }
      if (!due.delete(seatNumber)) find('unasked', `seat ${seatNumber}`);
    }
    for (const seatNumber of due) find('leftOut', `seat ${seatNumber}`);
    if (String(Object.keys(message)) !== String(subscription.fields))
      find('refused', 'it has other fields than requested');
    if (message.eventId !== undefined && message.eventId !== this.watched.eventId)
      find('untrue', 'of another event');
    if (statuses !== undefined && statuses !== this.history.letters(version, atMs)) {
      find('wholeMap', 'its text is not the map');
    }
    if (availability !== undefined && !this.#areCounts(availability, version, atMs)) {
      find('wholeMap', `its counts are ${JSON.stringify(availability)}`);
    }
  }

  #areCounts(counts: NonNullable<Received['availability']>, version: number, atMs: number): boolean {
    const taken = [...this.history.taken(version, atMs).values()];
    const locked = taken.filter(({ status }) => status === 'LOCKED').length;
    const { totalSeats } = this.history;
    return (
      counts.totalSeats === totalSeats &&
      counts.lockedSeats === locked &&
      counts.bookedSeats === taken.length - locked &&
      counts.availableSeats === totalSeats - taken.length
    );
  }

  #apply(subscription: Subscription, message: Received): void {
    const { kind, version, seats } = message;
    const atMs = Date.parse(message.serverTime);
    // Changes after a made-up version cannot be applied.
    if (
      subscription.base === 'an invention' &&
      kind === 'CHANGES' &&
      subscription.received[0]?.kind === 'CHANGES'
    ) {
      this.#version = version;
      return;
    }
    const isShown = new Set(seats.map(({ seatNumber }) => seatNumber));
    if (kind === 'SNAPSHOT') {
      for (const seatNumber of this.#map.keys())
        if (!isShown.has(seatNumber)) this.#noteFree(subscription, message, seatNumber);
      this.#map = new Map();
    }
    for (const { seatNumber, status, lockedUntil } of seats) {
      const lockedUntilMs = lockedUntil === null ? null : Date.parse(lockedUntil);
      const shown = this.#shownExpiries.get(seatNumber);
      if (
        status === 'LOCKED' &&
        shown?.server === subscription.server &&
        shown.lockedUntilMs === lockedUntilMs
      ) {
        this.#find('undone', subscription, message, `seat ${seatNumber} had expired at ${lockedUntilMs}`);
      }
      if (status === 'AVAILABLE') {
        this.#map.delete(seatNumber);
        this.#noteFree(subscription, message, seatNumber);
      } else this.#map.set(seatNumber, { status, lockedUntilMs });
    }
    for (const [seatNumber, { lockedUntilMs }] of this.#map) {
      if (lockedUntilMs !== null && lockedUntilMs <= atMs) this.#map.delete(seatNumber);
    }
    this.#newest = Math.max(this.#newest, version);
    this.#version = version;
    this.#kept.set(version, new Map(this.#map));
  }

  /** Notes whether a free seat is only free because of an unrecorded expiry. */
  #noteFree({ server }: Subscription, { version }: Received, seatNumber: number): void {
    const { lockedUntilMs } = this.history.recorded(seatNumber, version);
    if (lockedUntilMs === null) this.#shownExpiries.delete(seatNumber);
    else this.#shownExpiries.set(seatNumber, { server, lockedUntilMs });
  }
}
