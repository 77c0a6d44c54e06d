import { Pool } from 'undici';

/** Connections to the server; whoever finds none free waits for one, and the wait is in the figures. */
const CONNECTIONS_MAX = 500;
/** How long an answer may take before the connection is given up as lost. */
const ANSWER_MS_MAX = 30_000;
const CONNECT_MS_MAX = 10_000;

export type Data = Readonly<Record<string, unknown>>;

/** The server's answer, and it is no. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>>,
  ) {
    super(code);
  }
}

/** Nobody knows whether the server has done it. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Whoever can be asked a GraphQL operation; a test's answers come from no server. */
export interface Api {
  /**
   * @param dropped when it is aborted, the connection that the operation is on is cut
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

/** A server's GraphQL over HTTP, one operation at a time on each connection. */
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
    return data;
  }

  /** Cuts every connection: whoever still waits has no answer. */
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
