import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const ADDRESS = '127.0.0.1';
/** Limit of held or delayed bytes for one client. Above it the server is not read. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** A proxy on this machine that delays, holds or cuts connections between clients and a server. */
export class TcpProxy {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #delayMs: () => number = () => 0;
  #held = false;
  #cut = false;

  private constructor(
    private readonly targetPort: number,
    server: Server,
  ) {
    this.#server = server;
    server.on('connection', (client) => this.#accept(client));
  }

  /** @param port the proxy's own; by default a free one */
  static async start(targetPort: number, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(targetPort, server);
    server.listen(port, ADDRESS);
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Delays every reply from now on, in order for each connection. 0 ends the delay. */
  delayReplies(ms: number | (() => number)): void {
    this.#delayMs = typeof ms === 'number' ? () => ms : ms;
  }

  /** Holds all replies until `release`. Connections stay open. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    for (const connection of this.#connections) connection.flush();
  }

  /** Breaks every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#cut = true;
    for (const connection of this.#connections) connection.break();
  }

  mend(): void {
    this.#cut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#cut) {
      client.resetAndDestroy();
      return;
    }
    const connection = new Connection(
      client,
      connect({ port: this.targetPort, host: ADDRESS }),
      () => this.#delayMs(),
      () => this.#held,
    );
    this.#connections.add(connection);
    client.once('close', () => this.#connections.delete(connection));
  }
}

interface Reply {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

class Connection {
  readonly #replies: Reply[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    private readonly delayMs: () => number,
    private readonly isHeld: () => boolean,
  ) {
    client.setNoDelay(true);
    target.setNoDelay(true);
    client.pipe(target);
    target.on('data', (bytes: Buffer) => this.#reply(bytes));
    target.on('end', () => {
      this.#ended = true;
      this.flush();
    });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      // If one side breaks, both end.
      socket.on('error', () => other.destroy());
    }
    client.once('close', () => {
      clearTimeout(this.#timer);
      target.destroy();
    });
  }

  break(): void {
    this.client.resetAndDestroy();
    this.target.resetAndDestroy();
  }

  /** Forwards the replies that are due. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isHeld()) return;
    for (let reply = this.#replies[0]; reply !== undefined; reply = this.#replies[0]) {
      const leftMs = reply.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.flush(), leftMs);
        return;
      }
      this.#replies.shift();
      this.#waitingBytes -= reply.bytes.length;
      this.client.write(reply.bytes);
    }
    if (this.#ended) this.client.end();
    else this.target.resume();
  }

  #reply(bytes: Buffer): void {
    this.#replies.push({ bytes, dueMs: performance.now() + this.delayMs() });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.target.pause();
    if (this.#timer === undefined) this.flush();
  }
}
