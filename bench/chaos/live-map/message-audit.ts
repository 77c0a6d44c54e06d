import { lettersOf, type MapHistory, type SeatState } from './history.js';
import type { Received, Subscription, Watched } from './recorded-subscriptions.js';

export const CHECKS = {
  gap: 'messages that do not follow on what the watcher had',
  backwards: 'messages that lead back to an older version, or nowhere',
  unborn: 'versions that the database never had',
  untrue: 'seats shown as the database did not have them',
  leftOut: 'changed seats that a message left out',
  unasked: 'seats in a message that had not changed',
  wholeMap: 'maps as text, or counts, that are not the database’s',
  undone: 'lapses that were shown and taken back',
  needless: 'whole maps sent to watchers whose missed changes were known',
  waiting: 'watchers that were left waiting',
  ending: 'maps that differ from the database in the end',
  refused: 'answers that the contract rules out',
  history: 'changes that do not add up to the database',
} as const;
export type Check = keyof typeof CHECKS;

export interface Finding {
  readonly check: Check;
  readonly what: string;
}

export interface JudgeOptions {
  /** Nothing was broken and nothing forgotten: whoever has a version is told only what it missed. */
  readonly isAllKnown: boolean;
}

interface Lapsed {
  readonly server: number;
  readonly lockedUntilMs: number;
}

type WatchersMap = Map<number, SeatState>;

/** Holds everything that watchers were told against what was committed, message by message. */
export function auditMessages(
  history: MapHistory,
  watched: readonly Watched[],
  options: JudgeOptions,
): { findings: Finding[]; endings: Map<string, Ending> } {
  const findings: Finding[] = [];
  const endings = new Map<string, Ending>();
  for (const each of watched)
    endings.set(each.watcher, new MessageAudit(history, each, options, findings).receive());
  return { findings, endings };
}

/** A watcher's map after the last message; a lock in it may lapse without anybody saying so. */
export interface Ending {
  readonly version: number | null;
  letters(atMs: number): string;
}

/** Goes through one watcher's messages as its client would, with the history beside it. */
class MessageAudit {
  #version: number | null = null;
  #map: WatchersMap = new Map();
  /** The watcher's map at each version that it was at. */
  readonly #kept = new Map<number, WatchersMap>();
  /** Locks that were shown as lapsed while nobody had written that down, by their seat. */
  readonly #lapsed = new Map<number, Lapsed>();
  /** The newest version that it was ever told of. */
  #newest = 0;

  constructor(
    private readonly history: MapHistory,
    private readonly watched: Watched,
    private readonly options: JudgeOptions,
    private readonly findings: Finding[],
  ) {}

  receive(): Ending {
    for (const subscription of this.watched.subscriptions) {
      const { base, since } = subscription;
      this.#map = new Map(base === 'its map' || base === 'an old map' ? this.#kept.get(since as number) : []);
      this.#version = since;
      subscription.told.forEach((told, index) => {
        this.#follows(subscription, told, index === 0);
        this.#isTrue(subscription, told);
        this.#take(subscription, told);
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

  /** Whether the message is one that this watcher may be told now. */
  #follows(subscription: Subscription, told: Received, isFirst: boolean): void {
    const { base, since } = subscription;
    const { kind, version, previousVersion } = told;
    const had = this.#version;
    const find = (check: Check, what: string) => this.#find(check, subscription, told, what);
    if (kind === 'SNAPSHOT') {
      if (previousVersion !== null) find('gap', 'a whole map has no version that it applies on');
    } else if (previousVersion === null || previousVersion !== had) {
      find('gap', `it had ${had}`);
    }
    if (version > this.history.version) find('unborn', `the database is at ${this.history.version}`);
    if (version < 0 || !Number.isInteger(version)) find('unborn', 'no version at all');
    if (base === 'an invention' && isFirst && kind === 'SNAPSHOT') {
      // A version that nobody has may not be less than one that somebody has.
      if ((since ?? 0) > 0 && version < this.#newest) find('backwards', `it knew of ${this.#newest}`);
    } else if (had !== null && version < had) find('backwards', `it had ${had}`);
    if (!isFirst && had === version) find('backwards', 'it had that already');
    if (kind === 'SNAPSHOT' && since !== null && base !== 'an invention' && this.options.isAllKnown) {
      find('needless', `it had ${had}`);
    }
  }

  /** Whether it says what the database had, all of it and nothing else. */
  #isTrue(subscription: Subscription, told: Received): void {
    const { version, previousVersion, seats, statuses, availability } = told;
    if (version > this.history.version) return;
    const atMs = Date.parse(told.serverTime);
    const find = (check: Check, what: string) => this.#find(check, subscription, told, what);
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
    if (String(Object.keys(told)) !== String(subscription.fields))
      find('refused', 'it asked for other fields');
    if (told.eventId !== undefined && told.eventId !== this.watched.eventId)
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

  #take(subscription: Subscription, told: Received): void {
    const { kind, version, seats } = told;
    const atMs = Date.parse(told.serverTime);
    // Without the map that it named it can do nothing with changes of it.
    if (
      subscription.base === 'an invention' &&
      kind === 'CHANGES' &&
      subscription.told[0]?.kind === 'CHANGES'
    ) {
      this.#version = version;
      return;
    }
    const isShown = new Set(seats.map(({ seatNumber }) => seatNumber));
    if (kind === 'SNAPSHOT') {
      for (const seatNumber of this.#map.keys())
        if (!isShown.has(seatNumber)) this.#sees(subscription, told, seatNumber);
      this.#map = new Map();
    }
    for (const { seatNumber, status, lockedUntil } of seats) {
      const lockedUntilMs = lockedUntil === null ? null : Date.parse(lockedUntil);
      const lapsed = this.#lapsed.get(seatNumber);
      if (
        status === 'LOCKED' &&
        lapsed?.server === subscription.server &&
        lapsed.lockedUntilMs === lockedUntilMs
      ) {
        this.#find('undone', subscription, told, `seat ${seatNumber} had lapsed at ${lockedUntilMs}`);
      }
      if (status === 'AVAILABLE') {
        this.#map.delete(seatNumber);
        this.#sees(subscription, told, seatNumber);
      } else this.#map.set(seatNumber, { status, lockedUntilMs });
    }
    for (const [seatNumber, { lockedUntilMs }] of this.#map) {
      if (lockedUntilMs !== null && lockedUntilMs <= atMs) this.#map.delete(seatNumber);
    }
    this.#newest = Math.max(this.#newest, version);
    this.#version = version;
    this.#kept.set(version, new Map(this.#map));
  }

  /** A seat is free by time alone. */
  #sees({ server }: Subscription, { version }: Received, seatNumber: number): void {
    const { lockedUntilMs } = this.history.written(seatNumber, version);
    if (lockedUntilMs === null) this.#lapsed.delete(seatNumber);
    else this.#lapsed.set(seatNumber, { server, lockedUntilMs });
  }
}
