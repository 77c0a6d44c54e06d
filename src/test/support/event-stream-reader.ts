import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** An event of a stream: its kind, and its data as JSON. */
export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface StreamRequest {
  readonly query: string;
  readonly variables?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads the answer of /graphql/stream without a client library, as the bytes arrive. */
export class EventStreamReader {
  #text = '';
  #isOver = false;
  #head: Promise<string> | undefined;
  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#isOver = true;
      this.#wake();
    });
    onTestFinished(() => void socket.destroy());
  }

  static async open(
    url: string,
    { query, variables, token, headers }: StreamRequest,
  ): Promise<EventStreamReader> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const reader = new EventStreamReader(socket);
    await once(socket, 'connect');
    const body = JSON.stringify({ query, variables });
    const lines = Object.entries({
      host: `${hostname}:${port}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /graphql/stream HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    return reader;
  }

  /** The status line and headers. */
  head(): Promise<string> {
    this.#head ??= this.#take('\r\n\r\n').then((text = '') => text);
    return this.#head;
  }

  /** The next event, or undefined once the connection is closed. Comments are skipped. */
  async next(): Promise<StreamEvent | undefined> {
    await this.head();
    for (;;) {
      const text = await this.#take('\n\n');
      if (text === undefined) return undefined;
      if (text.startsWith(':')) continue;
      const [, event = '', data = ''] = /^event: (\w+)\ndata:(.*)$/.exec(text) ?? [];
      return { event, data: data === '' ? null : JSON.parse(data) };
    }
  }

  /** Bytes that were received and not taken as head or events. */
  get received(): string {
    return this.#text;
  }

  async #take(end: string): Promise<string | undefined> {
    for (;;) {
      const index = this.#text.indexOf(end);
      if (index >= 0) {
        const taken = this.#text.slice(0, index);
        this.#text = this.#text.slice(index + end.length);
        return taken;
      }
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
