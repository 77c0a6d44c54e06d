import { lettersOf, type MapHistory, type SeatState } from './history.js';
import type { ReceivedUpdate, RecordedWatcher, Subscription } from './recorded-subscriptions.js';

export const CHECKS = {
  gap: 'messages that do not follow the watcher’s version',
  backwards: 'messages with an older or the same version',
  unknownVersion: 'versions that never existed',
  wrongState: 'seats shown with a wrong state',
  leftOut: 'changed seats missing from a message',
  extraSeat: 'unchanged seats in a message',
  wholeMap: 'wrong maps as text, or wrong counts',
  expiryReverted: 'expiries that were shown and taken back',
  avoidableSnapshot: 'snapshots although the missed changes were stored',
  notCaughtUp: 'watchers that did not catch up',
  finalState: 'final maps that differ from the database',
  clientMap: 'wrong maps that the client package showed',
  accused: 'right maps that the client package took for wrong',
  unnoticedFault: 'planted faults that the client package did not notice',
  contract: 'answers that break the contract',
  history: 'changes that differ from the database',
} as const;
export type Check = keyof typeof CHECKS;

export interface Finding {
  readonly check: Check;
  readonly what: string;
}

export interface AuditOptions {
  /** There was no fault, and all changes are stored: a watcher with a version gets only what it missed. */
  readonly hasAllChanges: boolean;
}

interface ShownExpiry {
  readonly server: number;
  readonly lockedUntilMs: number;
}

type WatchersMap = Map<number, SeatState>;

/** Compares every message to every watcher with the committed changes. */
export function auditMessages(
  history: MapHistory,
  watchers: readonly RecordedWatcher[],
  options: AuditOptions,
): { findings: Finding[]; finalMaps: Map<string, FinalMap> } {
  const findings: Finding[] = [];
  const finalMaps = new Map<string, FinalMap>();
  for (const each of watchers) {
    const audit = new MessageAudit(history, each, options, findings);
    finalMaps.set(each.watcher, audit.receive());
  }
  return { findings, finalMaps };
}

/** A watcher's map after the last message. A lock in it may expire without a message. */
export interface FinalMap {
  readonly version: number | null;
  letters(atMs: number): string;
}

/** Applies one watcher's messages as its client would, and compares them with the history. */
class MessageAudit {
  #version: number | null = null;
  #map: WatchersMap = new Map();
  /** The watcher's map at each of its versions. */
  readonly #kept = new Map<number, WatchersMap>();
  /** Locks that were shown as expired before the expiry was recorded, by seat. */
  readonly #shownExpiries = new Map<number, ShownExpiry>();
  /** The newest version that it ever received. */
  #newest = 0;

  constructor(
    private readonly history: MapHistory,
    private readonly recorded: RecordedWatcher,
    private readonly options: AuditOptions,
    private readonly findings: Finding[],
  ) {}

  receive(): FinalMap {
    for (const subscription of this.recorded.subscriptions) {
      const { knownState, since } = subscription;
      this.#map = new Map(
        knownState === 'latest map' || knownState === 'older map' ? this.#kept.get(since as number) : [],
      );
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
    { kind, previousVersion, version }: ReceivedUpdate,
    what: string,
  ): void {
    const message = `${kind} ${previousVersion ?? ''}→${version}`;
    this.findings.push({ check, what: `${this.recorded.watcher} at server ${server}, ${message}: ${what}` });
  }

  /** Checks whether the message may come after the watcher's version. */
  #checkVersion(subscription: Subscription, message: ReceivedUpdate, isFirst: boolean): void {
    const { knownState, since } = subscription;
    const { kind, version, previousVersion } = message;
    const had = this.#version;
    const find = (check: Check, what: string) => this.#find(check, subscription, message, what);
    if (kind === 'SNAPSHOT') {
      if (previousVersion !== null) find('gap', 'a snapshot has no previous version');
    } else if (previousVersion === null || previousVersion !== had) {
      find('gap', `the watcher was at version ${had}`);
    }
    if (version > this.history.version) find('unknownVersion', `the database is at ${this.history.version}`);
    if (version < 0 || !Number.isInteger(version)) find('unknownVersion', 'not a version');
    if (knownState === 'made-up version' && isFirst && kind === 'SNAPSHOT') {
      // The answer to a made-up version must not be older than a version that this watcher has.
      if ((since ?? 0) > 0 && version < this.#newest)
        find('backwards', `the watcher had version ${this.#newest} before`);
    } else if (had !== null && version < had) find('backwards', `the watcher was at version ${had}`);
    if (!isFirst && had === version) find('backwards', 'the watcher had this version already');
    if (
      kind === 'SNAPSHOT' &&
      since !== null &&
      knownState !== 'made-up version' &&
      this.options.hasAllChanges
    ) {
      find('avoidableSnapshot', `the watcher was at version ${had}`);
    }
  }

  /** Checks whether the message has exactly the changes of the database. */
  #checkContent(subscription: Subscription, message: ReceivedUpdate): void {
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
        find('wrongState', `seat ${seatNumber} is shown ${shown} and was ${had} at ${atMs}`);
      }
      if (!due.delete(seatNumber)) find('extraSeat', `seat ${seatNumber}`);
    }
    for (const seatNumber of due) find('leftOut', `seat ${seatNumber}`);
    if (String(Object.keys(message)) !== String(subscription.fields))
      find('contract', 'it has other fields than requested');
    if (message.eventId !== undefined && message.eventId !== this.recorded.eventId)
      find('wrongState', 'the message is about another event');
    if (statuses !== undefined && statuses !== this.history.letters(version, atMs)) {
      find('wholeMap', '`statuses` differs from the committed map');
    }
    if (availability !== undefined && !this.#areCounts(availability, version, atMs)) {
      find('wholeMap', `its counts are ${JSON.stringify(availability)}`);
    }
  }

  #areCounts(counts: NonNullable<ReceivedUpdate['availability']>, version: number, atMs: number): boolean {
    const taken = [...this.history.taken(version, atMs).values()];
    const countOf = (wanted: string) => taken.filter(({ status }) => status === wanted).length;
    const { totalSeats } = this.history;
    return (
      counts.totalSeats === totalSeats &&
      counts.lockedSeats === countOf('LOCKED') &&
      counts.bookedSeats === countOf('BOOKED') &&
      counts.offSaleSeats === countOf('OFF_SALE') &&
      counts.availableSeats === totalSeats - taken.length
    );
  }

  #apply(subscription: Subscription, message: ReceivedUpdate): void {
    const { kind, version, seats } = message;
    const atMs = Date.parse(message.serverTime);
    // Changes after a made-up version cannot be applied.
    if (
      subscription.knownState === 'made-up version' &&
      kind === 'CHANGES' &&
      subscription.received[0]?.kind === 'CHANGES'
    ) {
      this.#version = version;
      return;
    }
    const isShown = new Set(seats.map(({ seatNumber }) => seatNumber));
    if (kind === 'SNAPSHOT') {
      for (const seatNumber of this.#map.keys())
        if (!isShown.has(seatNumber)) this.#recordShownExpiry(subscription, message, seatNumber);
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
        this.#find(
          'expiryReverted',
          subscription,
          message,
          `seat ${seatNumber} had expired at ${lockedUntilMs}`,
        );
      }
      if (status === 'AVAILABLE') {
        this.#map.delete(seatNumber);
        this.#recordShownExpiry(subscription, message, seatNumber);
      } else this.#map.set(seatNumber, { status, lockedUntilMs });
    }
    for (const [seatNumber, { lockedUntilMs }] of this.#map) {
      if (lockedUntilMs !== null && lockedUntilMs <= atMs) this.#map.delete(seatNumber);
    }
    this.#newest = Math.max(this.#newest, version);
    this.#version = version;
    this.#kept.set(version, new Map(this.#map));
  }

  /** Remembers a lock that was shown as expired before the expiry was recorded. */
  #recordShownExpiry({ server }: Subscription, { version }: ReceivedUpdate, seatNumber: number): void {
    const { lockedUntilMs } = this.history.recorded(seatNumber, version);
    if (lockedUntilMs === null) this.#shownExpiries.delete(seatNumber);
    else this.#shownExpiries.set(seatNumber, { server, lockedUntilMs });
  }
}
