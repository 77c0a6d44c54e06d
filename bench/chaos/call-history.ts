import type { Api, Data } from '../rush/server-api.js';
import { NoAnswer, Refusal, type ServerApi } from '../rush/server-api.js';

/** Milliseconds since 1970 by the monotonic clock: of two calls of this process the later one is never earlier. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

export type Outcome =
  | { readonly kind: 'data'; readonly data: Data }
  | { readonly kind: 'refused'; readonly code: string; readonly details: Readonly<Record<string, unknown>> }
  /** No connection could be made: the server has not seen it. */
  | { readonly kind: 'unsent' }
  /** The connection broke before an answer. */
  | { readonly kind: 'lost'; readonly why: string };

/** One call of one client. */
export interface Call {
  readonly client: number;
  readonly server: number;
  readonly token: string;
  readonly operation: string;
  readonly variables: object;
  readonly callMs: number;
  /** Null while there is no answer. */
  returnMs: number | null;
  outcome: Outcome | null;
  /** Cut by the client itself. */
  isCut: boolean;
}

/** Where calls go. */
export interface ServerConnection {
  readonly api: ServerApi;
  /** A balancer sends nobody to a server that it knows to be gone. */
  readonly isOpen: () => boolean;
}

/** The servers as their clients see them, behind a balancer of sorts, and a record of every call: when, what, which answer. */
export class History {
  readonly calls: Call[] = [];
  #turn = 0;

  constructor(private readonly doors: readonly ServerConnection[]) {}

  /** @param client whose calls these are */
  apiOf(client: number): Api {
    return {
      ask: (operation, variables, token = '', dropped) =>
        this.#ask(client, operation, variables, token, dropped),
    };
  }

  async #ask(
    client: number,
    operation: string,
    variables: object,
    token: string,
    dropped: AbortSignal | undefined,
  ): Promise<Data> {
    const server = this.#nextDoor();
    const call: Call = {
      client,
      server,
      token,
      operation,
      variables,
      callMs: nowMs(),
      returnMs: null,
      outcome: null,
      isCut: false,
    };
    this.calls.push(call);
    try {
      const data = await (this.doors[server] as ServerConnection).api.ask(
        operation,
        variables,
        token,
        dropped,
      );
      call.outcome = { kind: 'data', data };
      return data;
    } catch (error) {
      call.outcome = outcomeOf(error);
      call.isCut = dropped?.aborted ?? false;
      throw error;
    } finally {
      call.returnMs = nowMs();
    }
  }

  #nextDoor(): number {
    for (let tries = 0; tries < this.doors.length; tries++) {
      const server = this.#turn++ % this.doors.length;
      if (this.doors[server]?.isOpen()) return server;
    }
    return this.#turn % this.doors.length;
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refusal) return { kind: 'refused', code: error.code, details: error.details };
  if (!(error instanceof NoAnswer)) return { kind: 'lost', why: String(error) };
  const { code } = (error.cause ?? {}) as { code?: string };
  return code === 'ECONNREFUSED' ? { kind: 'unsent' } : { kind: 'lost', why: error.message };
}

const CHANGES = /^\s*mutation/;
export const isChange = ({ operation }: Pick<Call, 'operation'>): boolean => CHANGES.test(operation);

/** Whether it is not known what became of a change. */
export function isUnknown({ outcome }: Call): boolean {
  if (outcome === null || outcome.kind === 'lost') return true;
  return outcome.kind === 'refused' && outcome.code === 'OUTCOME_UNKNOWN';
}

const acknowledgedMs = (calls: readonly Call[], fromMs: number): number[] =>
  calls
    .filter((call) => isChange(call) && call.callMs >= fromMs && call.outcome?.kind === 'data')
    .map((call) => call.returnMs ?? Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);

/** @returns how long after an instant the first change was acknowledged that was asked for after it; null: none was */
export function writesWentOnAfterMs(calls: readonly Call[], instantMs: number): number | null {
  const [first] = acknowledgedMs(calls, instantMs);
  return first === undefined ? null : first - instantMs;
}

/** @returns the longest time from an instant on without a change being acknowledged; null: none was at all */
export function longestPauseMs(calls: readonly Call[], fromMs: number): number | null {
  const times = acknowledgedMs(calls, fromMs);
  if (times.length === 0) return null;
  return Math.max(...times.map((ms, index) => ms - (times[index - 1] ?? fromMs)));
}
