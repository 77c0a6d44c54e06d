/** What the load client is told to do, and what it tells of it. */
export interface LoadJob {
  /** Of the servers; callers are shared out among them in turn. */
  readonly urls: readonly string[];
  readonly transport: 'http' | 'websocket';
  /** For each caller, the tokens of the users that it acts for. */
  readonly tokens: readonly (readonly string[])[];
  readonly step: Step;
  /** Callers take no new work after this. */
  readonly durationMs: number;
  /** Seats from the first to the last, taken in turn; and what earlier steps made of them. */
  readonly work: readonly Work[];
}

/** The calls of a booking, all of them, or what they are compared with; and reads. */
export type Step =
  | 'lock'
  | 'pay'
  | 'confirm'
  | 'journey'
  | 'nothing'
  | 'availability'
  | 'statuses'
  | 'takenSeats';

/** One seat of one event on its way to a booking, always in the hands of the same caller. */
export interface Work {
  readonly eventId: string;
  readonly seatNumber: number;
  readonly caller: number;
  /** Which of the caller's users wants it. */
  readonly user: number;
  lockId?: string;
  paymentId?: string;
}

export interface LoadResult {
  /** Of everything that was begun, refusals included; of what was never answered, how long it had waited by then. */
  readonly latenciesMs: readonly number[];
  /** From the first call to the last answer. */
  readonly elapsedMs: number;
  /** How often work ended with which error code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Refusals that came with seats to take instead. */
  readonly refusalsWithSuggestions: number;
  /** The work that got through. */
  readonly done: readonly Work[];
}

/** The code under which `refusals` counts what had no answer when the client gave up waiting. */
export const UNANSWERED = 'unanswered';

/** Connections are opened before the work and closed after it, so that neither is in anybody's figures. */
export type LoadRequest = { readonly open: LoadJob } | 'run' | 'close';
