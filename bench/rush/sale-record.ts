import type { BookingAnswer } from './operations.js';
import { ReportedSeats } from './reported-seats.js';

export type Step =
  | 'readMap'
  | 'lock'
  | 'hold'
  | 'extend'
  | 'pay'
  | 'confirm'
  | 'checkOut'
  | 'settle'
  | 'release'
  | 'cancel';

/** Breaches kept as text. Further ones are only counted. */
const BREACHES_KEPT_MAX = 100;

/** How a visit can end. */
export const ENDINGS = {
  booked: 'booked',
  pending: 'booked, the payment pending',
  cancelled: 'booked, then cancelled',
  withoutSeat: 'found no seat',
  cardRefused: 'card refused',
  changedMind: 'changed their mind',
  salePaused: 'found the sale paused',
} as const;
export type Ending = keyof typeof ENDINGS;

/** One fan's visit. */
export interface Visit {
  readonly fan: number;
  arrived: boolean;
  /** Undefined if there is no answer, or none yet. */
  ending: Ending | undefined;
  /** Why there was no answer. */
  reason: string | undefined;
}

/** A booking that was acknowledged to a fan. */
export interface Acknowledged {
  readonly bookingId: string;
  readonly seatNumber: number;
  /** When a PENDING booking times out; milliseconds since 1970. */
  expiresMs: number | null;
  /** The fan has requested its cancellation, answered or not. */
  mayBeCancelled: boolean;
  /** The server has answered that it is cancelled. */
  isCancelled: boolean;
}

/** What happened to the fans: one side of the audit. */
export class SaleRecord {
  readonly visits: readonly Visit[];
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly reportedSeats = new ReportedSeats();
  /** The first ones. */
  readonly breaches: string[] = [];
  breachCount = 0;
  /** Milliseconds from a step's first call to its answer. */
  readonly stepMs = new Map<Step | 'visit', number[]>();
  /** Normal refusals and retries, by code. */
  readonly refusals = new Map<string, number>();
  readonly retries = new Map<string, number>();
  /** When each booking was first acknowledged, in order; by the monotonic clock. */
  readonly bookedAtMs: number[] = [];
  dropped = 0;
  doubleClicks = 0;
  expiryWaits = 0;
  /** The organizer has asked for a pause of the sale. */
  pauseRequested = false;

  constructor(fans: number) {
    this.visits = Array.from({ length: fans }, (_, fan) => ({
      fan,
      arrived: false,
      ending: undefined,
      reason: undefined,
    }));
  }

  answered(step: Step | 'visit', ms: number): void {
    const all = this.stepMs.get(step);
    if (all === undefined) this.stepMs.set(step, [ms]);
    else all.push(ms);
  }

  refused = (code: string): void => count(this.refusals, code);
  retried = (why: string): void => count(this.retries, why);

  /** An answer breaks the contract. */
  breach(what: string): void {
    this.breachCount += 1;
    if (this.breaches.length < BREACHES_KEPT_MAX) this.breaches.push(what);
  }

  acknowledge({ id, seatNumber, status, expiresAt }: BookingAnswer): void {
    const known = this.acknowledged.get(id);
    if (known === undefined) {
      this.bookedAtMs.push(performance.now());
      this.acknowledged.set(id, {
        bookingId: id,
        seatNumber,
        expiresMs: expiresAt === null ? null : Date.parse(expiresAt),
        mayBeCancelled: false,
        isCancelled: status === 'CANCELLED',
      });
      return;
    }
    known.expiresMs = expiresAt === null ? null : Date.parse(expiresAt);
    known.isCancelled ||= status === 'CANCELLED';
  }

  /** The payment of a PENDING booking is settled. Without payment the booking has ended. */
  settled(bookingId: string, paid: boolean): void {
    const known = this.acknowledged.get(bookingId);
    if (known === undefined) return;
    known.expiresMs = null;
    if (paid) return;
    known.mayBeCancelled = true;
    known.isCancelled = true;
  }

  /** To be called before a cancellation is requested: its answer may be lost. */
  cancellationRequested(bookingId: string): void {
    const known = this.acknowledged.get(bookingId);
    if (known !== undefined) known.mayBeCancelled = true;
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
