/** A job for the load client. */
export interface LoadJob {
  /** The servers' addresses. Callers are distributed over them. */
  readonly urls: readonly string[];
  readonly transport: 'http' | 'websocket';
  /** The tokens of each caller's users. */
  readonly tokens: readonly (readonly string[])[];
  readonly step: Step;
  /** Callers start no new work after this time. */
  readonly durationMs: number;
  /** The seats in order, with the results of earlier steps. */
  readonly work: readonly Work[];
}

/**
 * The calls of a booking, all three of them (`journey`), the same in two (`twoCallJourney`: holdSeats and checkOut), two seats by their numbers, two by wish, the release of all that is held,
 * an empty mutation, or a read.
 */
export type Step =
  | 'lock'
  | 'pay'
  | 'confirm'
  | 'journey'
  | 'twoCallJourney'
  | 'lockPair'
  | 'holdPair'
  | 'releaseHold'
  | 'nothing'
  | 'availability'
  | 'statuses'
  | 'takenSeats';

/** One seat to be booked, always by the same caller; of a pair, the first seat that is named. */
export interface Work {
  readonly eventId: string;
  readonly seatNumber: number;
  readonly caller: number;
  /** The index of the caller's user. */
  readonly user: number;
  lockId?: string;
  /** The seats of a pair. */
  seatNumbers?: readonly number[];
  paymentId?: string;
}

export interface LoadResult {
  /** Of every started call, including refusals. Unanswered calls count with their waiting time. */
  readonly latenciesMs: readonly number[];
  /** From the first call to the last answer. */
  readonly elapsedMs: number;
  /** Number of refusals by error code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Refusals that suggested other seats. */
  readonly refusalsWithSuggestions: number;
  /** The successful work. */
  readonly done: readonly Work[];
}

/** The code in `refusals` for calls without an answer. */
export const UNANSWERED = 'unanswered';

/** Connections are opened before the run and closed after it, so that neither is in the figures. */
export type LoadRequest = { readonly open: LoadJob } | 'run' | 'close';
