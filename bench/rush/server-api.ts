import { Pool } from 'undici';
import type { HoldAnswer } from './operations.js';

/** Connections to the server. A call waits for a free one, and this wait is part of the figures. */
const CONNECTIONS_MAX = 500;
/** After this time without an answer the connection counts as lost. */
const ANSWER_MS_MAX = 30_000;
const CONNECT_MS_MAX = 10_000;

export type Data = Readonly<Record<string, unknown>>;

/** The server has refused the operation. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>>,
  ) {
    super(code);
  }
}

/** It is unknown whether the server has executed the operation. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** A GraphQL API, or a test's replacement. */
export interface Api {
  /**
   * @param dropped cuts the operation's connection
   * @throws Refusal, NoAnswer
   */
  ask(operation: string, variables: object, token?: string, dropped?: AbortSignal): Promise<Data>;
}

interface Answer {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: {
      readonly code?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };
  }[];
}

/** A server's GraphQL API over HTTP, with one operation at a time on each connection. */
export class ServerApi implements Api {
  readonly #pool: Pool;

  constructor(private readonly endpoint: URL) {
    this.#pool = new Pool(endpoint.origin, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      connect: { timeout: CONNECT_MS_MAX },
      headersTimeout: ANSWER_MS_MAX,
      bodyTimeout: ANSWER_MS_MAX,
    });
  }

  async ask(operation: string, variables: object, token?: string, dropped?: AbortSignal): Promise<Data> {
    const { data, errors } = await this.#post(operation, variables, token, dropped);
    const error = errors?.[0];
    if (error !== undefined) {
      throw new Refusal(error.extensions?.code ?? error.message, error.extensions?.details ?? {});
    }
    if (data == null) throw new NoAnswer('an answer without data');
    throwRefusedWish(data);
    return data;
  }

  /** Cuts every connection. Waiting calls get no answer. */
  close = (): Promise<void> => this.#pool.destroy();

  async #post(
    query: string,
    variables: object,
    token: string | undefined,
    dropped: AbortSignal | undefined,
  ): Promise<Answer> {
    try {
      const { body } = await this.#pool.request({
        path: this.endpoint.pathname,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
        signal: dropped ?? null,
      });
      return (await body.json()) as Answer;
    } catch (error) {
      throw new NoAnswer((error as Error).message, { cause: error });
    }
  }
}

/** holdSeats refuses a wish in its answer. Here it is a refusal as that of lockSeats. @throws Refusal */
function throwRefusedWish({ holdSeats }: Data): void {
  const { refusal } = (holdSeats ?? {}) as Partial<HoldAnswer>;
  if (refusal == null) return;
  const { code, lostSeats: seatNumbers, offers } = refusal;
  throw code === 'SEATS_TAKEN'
    ? new Refusal('SEAT_UNAVAILABLE', { seatNumbers, suggestedSeats: [...new Set(offers.flat())] })
    : new Refusal(code, {});
}
