import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveConnection } from './live-connection.js';

vi.mock('./event-stream.js', () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A rejection that nobody handles would end a Node process. Vitest reports it. */
test('while the code of event streams cannot be loaded, sockets are tried again and again', async () => {
  let sockets = 0;
  class BlockedSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    onclose: ((event: object) => void) | null = null;

    constructor() {
      super();
      sockets += 1;
      setTimeout(() => this.onclose?.({ code: 1006, reason: '', wasClean: false }), 1);
    }
  }
  const connection = new LiveConnection({
    ...{ socketUrl: 'ws://server/graphql', webSocket: BlockedSocket as never },
    postToStream: () => Promise.reject(new Error('There are no streams.')),
    ...{ authorization: () => undefined, onMessage: () => {}, onSessionEnded: () => {} },
  });
  connection.subscribe({ query: 'subscription { a }' }, { next() {}, error() {}, complete() {} });
  for (let seconds = 0; seconds < 120 && sockets < 6; seconds += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sockets).toBe(6);
  connection.close();
});
