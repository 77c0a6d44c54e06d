import { WatchConnection, type WatchReceiver } from './watch-connection.js';

const OK = Buffer.from('HTTP/1.1 200 ');
const RESULT = Buffer.from('event: next\ndata: ');
const EVENT_END = Buffer.from('\n\n');
const COLON = 0x3a;

/** A watcher's event stream: the answer to one POST request, one event for each result. */
export class WatchStream extends WatchConnection {
  /** @param body the request's: the operation with its variables as JSON */
  constructor(
    url: URL,
    body: string,
    private readonly receiver: WatchReceiver,
  ) {
    const request =
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    super(url, request, OK, receiver);
  }

  protected opened(): void {}

  protected take(bytes: Buffer): number {
    this.needed = 0;
    const end = bytes.indexOf(EVENT_END);
    if (end < 0) return 0;
    if (bytes.subarray(0, RESULT.length).equals(RESULT))
      this.receiver.text(bytes.subarray(RESULT.length, end));
    // A line that begins with a colon is a comment, which keeps the connection open.
    else if (bytes[0] !== COLON)
      this.fail(`received an unexpected event: ${bytes.toString('latin1', 0, end)}`);
    return end + EVENT_END.length;
  }
}
