import { SeatDigest } from '../../../../src/feed/seat-digest.js';
import type { SeatMapQuery, SeatUpdatesSubscription } from './generated/operations.js';
import {
  AVAILABLE,
  LOCKED,
  letterCodeOf,
  OFF_SALE,
  type Status,
  statusOfLetter,
  statusOfName,
  UNKNOWN,
} from './seat-status.js';

export type MapStart = NonNullable<SeatMapQuery['event']>['seatMap'];
export type SeatUpdate = SeatUpdatesSubscription['seatAvailabilityChanged'];

/** The result of applying a message. */
export type Applied =
  /** The seats whose shown status changed. */
  | { readonly kind: 'applied'; readonly changed: readonly number[] }
  /** An old message: the map has its changes already. */
  | { readonly kind: 'known' }
  /** Versions are missing: subscribe again with the map's version as `since`. */
  | { readonly kind: 'gap' }
  /** The map differs from the server's: subscribe again without `since`. */
  | { readonly kind: 'wrong'; readonly changed: readonly number[] };

const TAKEN = /[^A]+/g;

/**
 * All seats of one event at one version, one byte each. SNAPSHOT and CHANGES move it to other versions.
 *
 * A lock or hold-back counts until its `lockedUntil` by the time of the last message, whether or not a version records its end. So does
 * the server's own map, and the digest of both (decision 0038).
 */
export class VersionedMap {
  #version: number | null = null;
  #statuses = new Uint8Array(0);
  /** When locks and hold-backs end, in ms since the epoch: those that count, and those that have ended unrecorded. */
  readonly #locks = new Map<number, number>();
  readonly #lapsed = new Map<number, { readonly status: Status; readonly untilMs: number }>();
  /** No lock that counts ends before this. May be too early. */
  #nextLapseMs = Number.POSITIVE_INFINITY;
  /** The latest end of a lapsed lock. May be too late. */
  #lastLapseMs = Number.NEGATIVE_INFINITY;
  #digest = new SeatDigest();
  /** Seats without a known hash: of an unknown status, or locked until an unknown time. */
  readonly #withoutHash = new Set<number>();
  /** Available seats that are shown as locked, each with the assumption that it belongs to. */
  readonly #assumed = new Map<number, object>();

  /** Null before the first map, and after the map was found to be wrong. */
  get version(): number | null {
    return this.#version;
  }

  /** By seat number - 1. Changed in place; another array only if the number of seats changes. */
  get statuses(): Uint8Array {
    return this.#statuses;
  }

  /** Whether the digest of the map is known, so that a difference would be noticed. */
  get isVerifiable(): boolean {
    return this.#withoutHash.size === 0;
  }

  /** How many available seats are shown as locked. */
  get assumedLocks(): number {
    return this.#assumed.size;
  }

  /** Starts with the letters of the query. @returns the seats whose status changed */
  start({ version, statuses, lockedSeats }: MapStart): number[] {
    const untilMs = new Map(lockedSeats.map((seat) => [seat.seatNumber, Date.parse(seat.lockedUntil ?? '')]));
    return this.#replace(version, statuses.length, () => {
      // The search for letters is the browser's own, and fast on a page that has just been loaded.
      for (const { 0: letters, index } of statuses.matchAll(TAKEN)) {
        for (let at = 0; at < letters.length; at++) {
          const seat = index + at + 1;
          this.#put(seat, statusOfLetter(letters.charAt(at)), untilMs.get(seat));
        }
      }
    });
  }

  apply(update: SeatUpdate): Applied {
    const nowMs = Date.parse(update.serverTime);
    const seats = update.seats.map(
      ({ seatNumber, status, lockedUntil }) =>
        [seatNumber, statusOfName(status), Date.parse(lockedUntil ?? '')] as const,
    );
    let changed: number[] = [];
    if (update.kind === 'SNAPSHOT') {
      changed = this.#replace(update.version, update.availability.totalSeats, () => {
        for (const seat of seats) this.#set(...seat);
      });
    } else {
      if (this.#version === null) return { kind: 'gap' };
      if (update.previousVersion !== this.#version) {
        return { kind: update.version <= this.#version ? 'known' : 'gap' };
      }
      this.#version = update.version;
      for (const seat of seats) if (this.#set(...seat)) changed.push(seat[0]);
    }
    this.#countLocksAt(nowMs, changed);
    if (this.isVerifiable && update.digest !== this.#digest.toString()) {
      this.#version = null;
      return { kind: 'wrong', changed };
    }
    return { kind: 'applied', changed };
  }

  /**
   * Shows available seats as locked until a version says what they are.
   *
   * @returns `changed` are the seats that were available. `undo` makes them available again, except those of which a version
   * has told meanwhile, and the given ones: somebody else has them, and a version will say so.
   */
  assumeLocked(seatNumbers: readonly number[]): {
    readonly changed: readonly number[];
    readonly undo: (except?: readonly number[]) => number[];
  } {
    const assumption = {};
    const changed = seatNumbers.filter((seat) => this.#statuses[seat - 1] === AVAILABLE);
    for (const seat of changed) {
      this.#assumed.set(seat, assumption);
      this.#statuses[seat - 1] = LOCKED;
    }
    const undo = (except: readonly number[] = []) => {
      const undone = changed.filter(
        (seat) => this.#assumed.get(seat) === assumption && !except.includes(seat),
      );
      for (const seat of undone) {
        this.#assumed.delete(seat);
        this.#statuses[seat - 1] = AVAILABLE;
      }
      return undone;
    };
    return { changed, undo };
  }

  /** @param setTaken sets the seats that are not available */
  #replace(version: number, totalSeats: number, setTaken: () => void): number[] {
    const before = this.#statuses;
    this.#version = version;
    this.#locks.clear();
    this.#lapsed.clear();
    this.#withoutHash.clear();
    this.#assumed.clear();
    this.#nextLapseMs = Number.POSITIVE_INFINITY;
    this.#lastLapseMs = Number.NEGATIVE_INFINITY;
    this.#digest = new SeatDigest();
    this.#statuses = new Uint8Array(totalSeats);
    setTaken();
    const now = this.#statuses;
    const isFirst = before.length !== totalSeats;
    const changed: number[] = [];
    for (let index = 0; index < totalSeats; index++) {
      if (isFirst || before[index] !== now[index]) changed.push(index + 1);
    }
    if (isFirst) return changed;
    before.set(now);
    this.#statuses = before;
    return changed;
  }

  /** @returns whether the shown status changed */
  #set(seat: number, status: Status, untilMs: number | undefined): boolean {
    const shown = this.#statuses[seat - 1];
    if (shown === undefined) return false;
    const isAssumed = this.#assumed.delete(seat);
    this.#takeOut(seat, isAssumed ? AVAILABLE : (shown as Status));
    this.#locks.delete(seat);
    this.#lapsed.delete(seat);
    this.#withoutHash.delete(seat);
    this.#put(seat, status, untilMs);
    return shown !== status;
  }

  /** Sets a seat of which nothing is known. */
  #put(seat: number, status: Status, untilMs: number | undefined): void {
    this.#statuses[seat - 1] = status;
    if ((status === LOCKED || status === OFF_SALE) && untilMs !== undefined && !Number.isNaN(untilMs)) {
      this.#locks.set(seat, untilMs);
      this.#nextLapseMs = Math.min(this.#nextLapseMs, untilMs);
      this.#digest.toggle(seat, letterCodeOf(status), untilMs);
    } else if (status === LOCKED || status === UNKNOWN) {
      this.#withoutHash.add(seat);
    } else if (status !== AVAILABLE) {
      this.#digest.toggle(seat, letterCodeOf(status), 0);
    }
  }

  /** Takes the seat out of the digest. */
  #takeOut(seat: number, status: Status): void {
    if (status === AVAILABLE || this.#withoutHash.has(seat)) return;
    this.#digest.toggle(seat, letterCodeOf(status), this.#locks.get(seat) ?? 0);
  }

  /** The server's time may also go back: after a change of the server, or of its clock. */
  #countLocksAt(nowMs: number, changed: number[]): void {
    if (nowMs < this.#lastLapseMs) {
      this.#lastLapseMs = Number.NEGATIVE_INFINITY;
      for (const [seat, { status, untilMs }] of this.#lapsed) {
        if (untilMs > nowMs) {
          if (this.#set(seat, status, untilMs)) changed.push(seat);
        } else this.#lastLapseMs = Math.max(this.#lastLapseMs, untilMs);
      }
    }
    if (nowMs < this.#nextLapseMs) return;
    this.#nextLapseMs = Number.POSITIVE_INFINITY;
    for (const [seat, untilMs] of this.#locks) {
      if (untilMs > nowMs) {
        this.#nextLapseMs = Math.min(this.#nextLapseMs, untilMs);
        continue;
      }
      const status = this.#statuses[seat - 1] as Status;
      if (this.#set(seat, AVAILABLE, undefined)) changed.push(seat);
      this.#lapsed.set(seat, { status, untilMs });
      this.#lastLapseMs = Math.max(this.#lastLapseMs, untilMs);
    }
  }
}
