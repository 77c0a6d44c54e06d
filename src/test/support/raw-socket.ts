import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

export interface RawMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A WebSocket without a client library, to send what no client would. It buffers every message from the start. */
export class RawSocket {
  readonly #arrived: RawMessage[] = [];
  readonly #waiting: ((message: RawMessage | undefined) => void)[] = [];
  /** How the server or the network closed it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #over = false;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as RawMessage;
      const waiting = this.#waiting.shift();
      if (waiting) waiting(message);
      else this.#arrived.push(message);
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#over = true;
        for (const waiting of this.#waiting.splice(0)) waiting(undefined);
        resolve({ code, reason: String(reason) });
      });
    });
    onTestFinished(() => socket.terminate());
  }

  /** @param url the server's, as for HTTP */
  static async open(
    url: string,
    { protocol = 'graphql-transport-ws', path = '/graphql', ...options }: OpenOptions = {},
  ): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol, options);
    const raw = new RawSocket(socket);
    await once(socket, 'open');
    return raw;
  }

  /** @returns the status with which the server refused the upgrade, or 101 */
  static async statusOfUpgrade(url: string, options: OpenOptions = {}): Promise<number | undefined> {
    return (await RawSocket.answerToUpgrade(url, options)).status;
  }

  /** @returns that status, and when the server says to retry */
  static async answerToUpgrade(
    url: string,
    { protocol = 'graphql-transport-ws', path = '/graphql', ...options }: OpenOptions = {},
  ): Promise<{ readonly status: number | undefined; readonly retryAfter?: string | undefined }> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol, options);
    onTestFinished(() => socket.terminate());
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.once('open', () => resolve({ status: 101 }));
      socket.once('unexpected-response', (_request, { statusCode, headers }) =>
        resolve({ status: statusCode, retryAfter: headers['retry-after'] }),
      );
    });
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends connection_init and waits for the answer. @returns false if the server closed the socket instead */
  async init(payload?: Record<string, unknown>): Promise<boolean> {
    this.send({ type: 'connection_init', ...(payload && { payload }) });
    return (await this.next())?.type === 'connection_ack';
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** The next message, or undefined once the socket is closed. */
  next(): Promise<RawMessage | undefined> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined || this.#over) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The first result or the errors of an operation, in either form of the protocol. Other messages stay buffered. */
  async answerTo(id: string): Promise<{ data?: unknown; errors?: unknown } | undefined> {
    const others: RawMessage[] = [];
    try {
      for (;;) {
        const message = await this.next();
        if (message === undefined) return undefined;
        if (message.id === id && message.type === 'error') return { errors: message.payload };
        if (message.id === id && message.type === 'next') return message.payload as { data?: unknown };
        others.push(message);
      }
    } finally {
      this.#arrived.unshift(...others);
    }
  }
}

interface OpenOptions extends Omit<ClientOptions, 'protocol'> {
  /** Or the client's own list, in its order of preference. */
  readonly protocol?: string | string[];
  readonly path?: string;
}
