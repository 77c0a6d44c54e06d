import net from 'node:net';

const HEADERS_END = Buffer.from('\r\n\r\n');

/** The read buffer of all connections of the process. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

/** Callbacks of a connection. */
export interface WatchReceiver {
  /** The bytes are valid only during the call. */
  text(message: Buffer): void;
  closed(why: string): void;
}

/**
 * A watcher's connection that uses as little CPU time as possible. Ten thousand of them reconnect at once on the server's
 * machine. A client library needs more CPU time to open a socket than the server does, so it would dominate the server's
 * figure.
 */
export abstract class WatchConnection {
  protected readonly socket: net.Socket;
  protected why = 'closed without a reason';
  /** The number of bytes without which `take` cannot continue. */
  protected needed = 0;
  #isOpen = false;
  readonly #closed: Promise<void>;
  /** The received parts of what is incomplete. */
  #parts: Buffer[] = [];
  #partsLength = 0;

  /**
   * @param request all of it
   * @param accepted how the answer begins if the request was accepted
   */
  constructor(
    url: URL,
    request: string,
    private readonly accepted: Buffer,
    receiver: WatchReceiver,
  ) {
    this.socket = net.connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: READ,
        callback: (length, bytes) => {
          this.#read((bytes as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    this.socket.write(request);
    this.socket.on('error', (error) => {
      this.why = error.message;
    });
    this.#closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isOpen = false;
        receiver.closed(this.why);
        resolve();
      });
    });
  }

  /** @param headers of the answer */
  protected abstract opened(headers: Buffer): void;

  /** Takes what follows the headers. @returns the number of handled bytes; 0 if more are needed first */
  protected abstract take(bytes: Buffer): number;

  /** Resets the connection, so that its port can be used again at once. */
  cut(): Promise<void> {
    if (this.socket.connecting) this.socket.destroy();
    else this.socket.resetAndDestroy();
    return this.#closed;
  }

  protected fail(why: string): void {
    this.why = why;
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    let rest = bytes;
    if (this.#partsLength > 0) {
      this.#parts.push(Buffer.from(bytes));
      this.#partsLength += bytes.length;
      if (this.#partsLength < this.needed) return;
      rest = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#partsLength = 0;
    }
    for (let taken = this.#take(rest); taken > 0; taken = this.#take(rest)) rest = rest.subarray(taken);
    if (rest.length === 0) return;
    this.#parts.push(Buffer.from(rest));
    this.#partsLength = rest.length;
  }

  #take(bytes: Buffer): number {
    if (this.#isOpen) return this.take(bytes);
    this.needed = 0;
    const end = bytes.indexOf(HEADERS_END);
    if (end < 0) return 0;
    if (!bytes.subarray(0, this.accepted.length).equals(this.accepted)) {
      this.fail(`refused with ${bytes.toString('latin1', 0, bytes.indexOf('\r'))}`);
      return bytes.length;
    }
    this.#isOpen = true;
    this.opened(bytes.subarray(0, end));
    return end + HEADERS_END.length;
  }
}
