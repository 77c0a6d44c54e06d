import { type ApiError, apiErrorOf, isSessionEnded, seatsIn } from './api-error.js';
import { type Extension, extendLocks } from './extend-locks.js';
import {
  ExtendLockDocument,
  HoldSeatsDocument,
  type HoldSeatsMutation,
  LockSeatsDocument,
  ReleaseHoldDocument,
  ReservationsDocument,
  type SeatWish,
} from './generated/operations.js';
import {
  type HeldSeat,
  heldSeatsAt,
  newestLocks,
  type OwnSeat,
  ownSeatsOf,
  type Reservations,
} from './held-seats.js';
import type { LiveSeatMap } from './live-seat-map.js';
import { newRequestId } from './request-id.js';
import { type ResubscribingSource, resubscribing } from './resubscribing.js';
import { type RetryOptions, untilAnswered } from './retry.js';
import type { ServerClock } from './server-clock.js';
import type { Call } from './session.js';
import { keptIn, type TextStorage } from './storage.js';
import { Store } from './store.js';

export interface HoldSnapshot {
  /** Null for nobody, undefined until it is known. */
  readonly viewerId: string | null | undefined;
  /** Whether what the viewer has is known. */
  readonly isKnown: boolean;
  /** As the server has sent them, ended ones too. */
  readonly reservations: Reservations;
  /** What is held now, by the server's time, in the order of seat numbers. */
  readonly locks: readonly HeldSeat[];
  /** When the first of the locks ends, in ms since the epoch by the server's clock; null without locks. */
  readonly endsAtMs: number | null;
  /** The viewer's own seats, by seat number, with those that are being held at this moment. */
  readonly own: ReadonlyMap<number, OwnSeat | 'holding'>;
  /** Whether one of this hold's calls waits for its answer. */
  readonly isWorking: boolean;
  /** Why the last call failed; null after a success. */
  readonly error: ApiError | 'no answer' | null;
}

export interface SeatHoldSource extends ResubscribingSource {
  readonly call: Call;
  /** Starts a guest if need be. */
  readonly ensureViewer: () => Promise<void>;
  readonly viewerId: () => string | null | undefined;
  readonly onViewer: (listener: () => void) => () => void;
  readonly clock: ServerClock;
  readonly map: () => LiveSeatMap;
  readonly storage: TextStorage;
  readonly retryOptions: () => RetryOptions;
}

/** Something with the user that it belongs to. */
type Of<Value> = Value & { readonly viewerId: string | null | undefined };

type HoldResult = HoldSeatsMutation['holdSeats'];

/** A hold that was not answered is repeated with its request id for as long as its locks would last. */
const REPEATED_FOR_MS = 5 * 60_000;
const NOTHING: Reservations = { locks: [], bookings: [] };

/**
 * What the viewer holds of one event, on all devices, and the calls that change it. Every call is sent again until it is
 * answered, and has one effect.
 */
export class SeatHold extends Store<HoldSnapshot> {
  #received: Of<Reservations> | undefined;
  /** Answers of calls that are newer than what was received. */
  #answered: Of<{ readonly locks: readonly HeldSeat[] }> | undefined;
  #merged: { readonly parts: readonly unknown[]; readonly reservations: Reservations } = {
    parts: [],
    reservations: NOTHING,
  };
  #holding: readonly number[] = [];
  #calls = 0;
  #error: HoldSnapshot['error'] = null;
  #subscribedFor: string | undefined;
  #unsubscribe: () => void = () => {};
  #stopListening: readonly (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #snapshot: HoldSnapshot;

  constructor(
    private readonly source: SeatHoldSource,
    readonly eventId: string,
  ) {
    super();
    this.#snapshot = this.#present();
  }

  readonly getSnapshot = (): HoldSnapshot => this.#snapshot;

  /**
   * Holds these seats, all or none. On this client's map they are locked at once; if they cannot be had, those that are
   * still free become available again.
   */
  async lock(seatNumbers: readonly number[]): Promise<readonly HeldSeat[]> {
    const undo = this.source.map().assumeLocked(seatNumbers);
    this.#hold(seatNumbers);
    try {
      const input = { eventId: this.eventId, seatNumbers: [...seatNumbers] };
      return await this.#run(async () => {
        const { lockSeats } = await this.#answer(LockSeatsDocument, { input });
        this.#add(lockSeats);
        return lockSeats;
      });
    } catch (error) {
      const refusal = apiErrorOf(error);
      undo(refusal?.code === 'SEAT_UNAVAILABLE' ? seatsIn(refusal, 'seatNumbers') : []);
      throw error;
    } finally {
      this.#hold([]);
    }
  }

  /** Holds the seats of the first wish that can be had. If none can, `locks` is empty and `refusal` says why. */
  hold(wishes: readonly SeatWish[]): Promise<HoldResult> {
    return this.#run(async () => {
      const kept = this.#keptHold(wishes);
      const input = { eventId: this.eventId, wishes: [...wishes], requestId: kept.requestId };
      const result = (await this.#answer(HoldSeatsDocument, { input })).holdSeats;
      kept.forget();
      this.#add(result.locks);
      return result;
    });
  }

  /** Gives the locks 5 minutes from now, as far as they can be extended. @param locks default: all that is held */
  extend(locks: readonly HeldSeat[] = this.#snapshot.locks): Promise<Extension> {
    return this.#run(async () => {
      return extendLocks(locks, (lockId) => this.extendLock(lockId));
    });
  }

  /** Gives seats back. @param seatNumbers default: all that is held */
  release(seatNumbers?: readonly number[]): Promise<void> {
    return this.#run(async () => {
      const seats = seatNumbers === undefined ? null : [...seatNumbers];
      await this.#answer(ReleaseHoldDocument, { eventId: this.eventId, seatNumbers: seats });
    });
  }

  /** Extends one lock. @throws SeatMapError, e.g. LOCK_EXTENSION_LIMIT */
  async extendLock(lockId: string): Promise<HeldSeat> {
    const { extendLock } = await this.#answer(ExtendLockDocument, { lockId });
    this.#add([extendLock]);
    return extendLock;
  }

  protected open(): void {
    const { onViewer, clock } = this.source;
    this.#stopListening = [onViewer(() => this.#viewerChanged()), clock.onReceive(() => this.#change())];
    this.#viewerChanged();
  }

  protected close(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#subscribedFor = undefined;
    for (const stop of this.#stopListening) stop();
  }

  #viewerChanged(): void {
    const viewerId = this.source.viewerId() ?? undefined;
    if (viewerId !== this.#subscribedFor) {
      this.#unsubscribe();
      this.#unsubscribe =
        viewerId === undefined
          ? () => {}
          : resubscribing(
              this.source,
              ReservationsDocument,
              { eventId: this.eventId },
              ({ myReservationsChanged: { locks, bookings, serverTime } }) => {
                this.#received = { viewerId, locks, bookings };
                this.source.clock.receive(serverTime);
                this.#change();
              },
            );
    }
    this.#subscribedFor = viewerId;
    this.#change();
  }

  /** The same object while nothing has changed. */
  #reservations(): Reservations {
    const parts = [this.#ofViewer(this.#received), this.#ofViewer(this.#answered)] as const;
    if (parts.some((part, index) => part !== this.#merged.parts[index])) {
      const [{ locks, bookings } = NOTHING, answered] = parts;
      const merged = answered === undefined ? locks : newestLocks(locks, answered.locks);
      this.#merged = { parts, reservations: { locks: merged, bookings } };
    }
    return this.#merged.reservations;
  }

  /** What belongs to another user is not shown. */
  #ofViewer<Value>(value: Of<Value> | undefined): Of<Value> | undefined {
    return value?.viewerId === this.source.viewerId() ? value : undefined;
  }

  /** Adds locks that a call has just created or extended, before the subscription sends them. */
  #add(locks: readonly HeldSeat[]): void {
    const viewerId = this.source.viewerId();
    const before = this.#ofViewer(this.#answered)?.locks ?? [];
    this.#answered = { viewerId, locks: newestLocks(before, locks) };
    this.#change();
  }

  #hold(seatNumbers: readonly number[]): void {
    this.#holding = seatNumbers;
    this.#change();
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#calls += 1;
    this.#error = null;
    this.#change();
    const asViewer = async () => {
      await this.source.ensureViewer();
      return work();
    };
    try {
      // A guest whose token has ended is replaced by another one, once.
      return await asViewer().catch((error: unknown) => {
        if (!isSessionEnded(error) || this.source.viewerId() !== null) throw error;
        return asViewer();
      });
    } catch (error) {
      this.#error = apiErrorOf(error) ?? 'no answer';
      throw error;
    } finally {
      this.#calls -= 1;
      this.#change();
    }
  }

  #answer: Call = (document, variables) =>
    untilAnswered(() => this.source.call(document, variables), this.source.retryOptions());

  /** The same request id for the same wishes until there is an answer, also after a reload. */
  #keptHold(wishes: readonly SeatWish[]): { readonly requestId: string; readonly forget: () => void } {
    const { storage } = this.source;
    const key = `hold ${this.source.viewerId()} ${this.eventId}`;
    const wanted = JSON.stringify(wishes);
    const read = () => keptIn<{ wanted: string; requestId: string; atMs: number }>(storage, key);
    const kept = read();
    const isSame = kept?.wanted === wanted && Date.now() - kept.atMs < REPEATED_FOR_MS;
    const requestId = isSame ? kept.requestId : newRequestId();
    if (!isSame) storage.setItem(key, JSON.stringify({ wanted, requestId, atMs: Date.now() }));
    // Another hold may have begun meanwhile, whose request id must stay.
    const forget = () => {
      if (read()?.requestId === requestId) storage.removeItem(key);
    };
    return { requestId, forget };
  }

  #present(): HoldSnapshot {
    const reservations = this.#reservations();
    const viewerId = this.source.viewerId();
    const held = heldSeatsAt(reservations, this.source.clock.nowMs());
    const own: Map<number, OwnSeat | 'holding'> = ownSeatsOf(held);
    for (const seat of this.#holding) if (!own.has(seat)) own.set(seat, 'holding');
    return {
      ...{ viewerId, reservations, locks: held.locks, endsAtMs: held.endsAtMs, own },
      isKnown:
        viewerId != null && (this.#ofViewer(this.#received) ?? this.#ofViewer(this.#answered)) !== undefined,
      ...{ isWorking: this.#calls > 0, error: this.#error },
    };
  }

  #change(): void {
    const before = this.#snapshot;
    const next = this.#present();
    this.#wakeAt(next.endsAtMs);
    const textOf = (snapshot: HoldSnapshot) => JSON.stringify([snapshot, [...snapshot.own]]);
    if (textOf(next) === textOf(before)) return;
    this.#snapshot = next;
    this.notify();
  }

  /** When the first lock ends, without a message. After a sleep, the clock's next message does it. */
  #wakeAt(endsAtMs: number | null): void {
    clearTimeout(this.#timer);
    if (endsAtMs === null || !this.isOpen) return;
    this.#timer = setTimeout(() => this.#change(), Math.max(0, endsAtMs - this.source.clock.nowMs()) + 1);
  }
}
