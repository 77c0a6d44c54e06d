import type { Api, Data } from '../rush/server-api.js';
import { NoAnswer, Refusal, type ServerApi } from '../rush/server-api.js';

/** Milliseconds since 1970 by the monotonic clock: a later call never returns an earlier time. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

export type Outcome =
  | { readonly kind: 'data'; readonly data: Data }
  | { readonly kind: 'refused'; readonly code: string; readonly details: Readonly<Record<string, unknown>> }
  /** No connection could be made: the server has not received it. */
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
  /** Null until there is an answer. */
  returnMs: number | null;
  outcome: Outcome | null;
  /** The client itself cut the connection. */
  isCut: boolean;
}

/** A server that calls may go to. */
export interface ServerConnection {
  readonly api: ServerApi;
  /** A load balancer does not use a server that it knows to be down. */
  readonly isOpen: () => boolean;
}

/** The servers behind a simple load balancer, and a record of every call: when, what, which answer. */
export class History {
  readonly calls: Call[] = [];
  #next = 0;

  constructor(private readonly connections: readonly ServerConnection[]) {}

  /** @param client the number of the client whose calls these are */
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
    const server = this.#nextServer();
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
      const data = await (this.connections[server] as ServerConnection).api.ask(
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

  #nextServer(): number {
    for (let tries = 0; tries < this.connections.length; tries++) {
      const server = this.#next++ % this.connections.length;
      if (this.connections[server]?.isOpen()) return server;
    }
    return this.#next % this.connections.length;
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

/** Whether the outcome of a change is unknown. */
export function isUnknown({ outcome }: Call): boolean {
  if (outcome === null || outcome.kind === 'lost') return true;
  return outcome.kind === 'refused' && outcome.code === 'OUTCOME_UNKNOWN';
}

const acknowledgedMs = (calls: readonly Call[], fromMs: number): number[] =>
  calls
    .filter((call) => isChange(call) && call.callMs >= fromMs && call.outcome?.kind === 'data')
    .map((call) => call.returnMs ?? Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);

/** @returns how long after a time the first change requested after it was acknowledged; null if none was */
export function writesContinuedAfterMs(calls: readonly Call[], instantMs: number): number | null {
  const [first] = acknowledgedMs(calls, instantMs);
  return first === undefined ? null : first - instantMs;
}

/** @returns the longest time without an acknowledged change from a time on; null if there was none at all */
export function longestPauseMs(calls: readonly Call[], fromMs: number): number | null {
  const times = acknowledgedMs(calls, fromMs);
  if (times.length === 0) return null;
  return Math.max(...times.map((ms, index) => ms - (times[index - 1] ?? fromMs)));
}
