import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
// Loaded before its time, which fake timers cannot wait for.
import './event-stream.js';
import { LiveConnection } from './live-connection.js';
import type { Sink } from './subscriber.js';

/** Sockets that open only while the test allows it, and speak graphql-transport-ws as far as a subscription needs it. */
function network() {
  const state = {
    areSocketsBlocked: true,
    areStreamsBroken: false,
    isSilent: false,
    sockets: 0,
    streams: 0,
    openStreams: 0,
  };
  const subscribed: {
    over: 'socket' | 'stream';
    since: unknown;
    send: (text: string) => void;
    end: () => void;
  }[] = [];
  class FakeSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readyState = 0;
    onopen: (() => void) | null = null;
    onclose: ((event: object) => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    onmessage: ((event: object) => void) | null = null;

    constructor() {
      super();
      state.sockets += 1;
      const isBlocked = state.areSocketsBlocked;
      setTimeout(() => {
        if (isBlocked) return this.close(1006);
        this.readyState = 1;
        this.onopen?.();
        this.dispatchEvent(new Event('open'));
      }, 1);
    }

    send(text: string): void {
      const { type, id, payload } = JSON.parse(text);
      if (state.isSilent) return;
      const answer = (message: object) => this.onmessage?.({ data: JSON.stringify(message) });
      if (type === 'connection_init') setTimeout(() => answer({ type: 'connection_ack' }), 1);
      if (type === 'ping') setTimeout(() => answer({ type: 'pong' }), 1);
      if (type !== 'subscribe') return;
      const send = (text: string) => answer({ id, type: 'next', payload: { data: { text } } });
      subscribed.push({ over: 'socket', since: payload.variables.since, send, end: () => this.close(1006) });
    }

    close(code = 1000): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason: '', wasClean: false });
      this.dispatchEvent(new Event('close'));
    }
  }
  const postToStream = async (
    { variables }: { variables?: object | null | undefined },
    signal: AbortSignal,
  ) => {
    state.streams += 1;
    if (state.isSilent) return new Promise<never>((_, reject) => signal.addEventListener('abort', reject));
    if (state.areStreamsBroken) throw new TypeError('Failed to fetch');
    const body = new ReadableStream({
      start(controller) {
        const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
        state.openStreams += 1;
        signal.addEventListener('abort', () => {
          state.openStreams -= 1;
          controller.error(new Error('aborted'));
        });
        const since = { ...variables } as { since?: unknown };
        subscribed.push({
          ...{ over: 'stream', since: since.since, end: () => controller.close() },
          // In two pieces, as networks deliver it.
          send: (text) => {
            write(`:\n\nevent: next\ndata: {"data":{"te`);
            write(`xt":"${text}"}}\n\n`);
          },
        });
      },
    });
    return new Response(body);
  };
  const connection = new LiveConnection({
    ...{ socketUrl: 'ws://server/graphql', webSocket: FakeSocket as never, postToStream },
    ...{ authorization: () => undefined, onMessage: () => {}, onSessionEnded: () => {} },
  });
  return { state, subscribed, connection };
}

function listener() {
  const heard: string[] = [];
  const sink: Sink<{ text: string }> = {
    next: ({ data }) => heard.push(data?.text ?? '?'),
    error: (error) => heard.push(`error ${JSON.stringify(error)}`),
    complete: () => heard.push('complete'),
    lost: () => heard.push('lost'),
  };
  return { heard, sink };
}

const FIVE_MINUTES = 5 * 60_000;

/** Also lets code be loaded, which no fake timer controls. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('blocked sockets are replaced by event streams after three attempts, and tried again every five minutes', async () => {
  const { state, subscribed, connection } = network();
  const { heard, sink } = listener();
  let version = 3;
  const variables = {
    get since() {
      return version;
    },
  };
  const stop = connection.subscribe({ query: 'subscription { a }', variables }, sink);
  await pass(10_000);
  expect([state.sockets, subscribed.map(({ over, since }) => [over, since])]).toEqual([3, [['stream', 3]]]);
  subscribed[0]?.send('one');
  await pass(10_000);
  // A stream that breaks off is opened again, from the version of that time.
  version = 4;
  subscribed[0]?.end();
  await pass(10_000);
  expect([state.sockets, subscribed.length, subscribed.at(-1)?.since]).toEqual([3, 2, 4]);
  // A silent one counts as broken.
  await pass(40_000);
  expect(subscribed.length).toBeGreaterThan(2);
  expect(heard.filter((text) => text !== 'lost')).toEqual(['one']);

  state.areSocketsBlocked = false;
  await pass(FIVE_MINUTES);
  expect(subscribed.at(-1)?.over).toBe('socket');
  subscribed.at(-1)?.send('two');
  expect(heard.filter((text) => text !== 'lost')).toEqual(['one', 'two']);
  stop();
  connection.close();
});

test('a server that is not there at all is tried over both, until one answers; a subscription that ended stays ended', async () => {
  const { state, subscribed, connection } = network();
  state.areStreamsBroken = true;
  const { heard, sink } = listener();
  connection.subscribe({ query: 'subscription { a }', variables: {} }, sink);
  const ended = listener();
  connection.subscribe({ query: 'subscription { a }', variables: {} }, ended.sink)();
  await pass(60_000);
  expect(state.streams).toBeGreaterThan(2);
  expect(state.sockets).toBeGreaterThan(5);
  state.areSocketsBlocked = false;
  await pass(20_000);
  expect(subscribed.map(({ over }) => over)).toEqual(['socket']);
  subscribed[0]?.send('one');
  expect([heard.at(-1), ended.heard.filter((text) => text !== 'complete')]).toEqual(['one', []]);
  connection.close();
});

test('a proxy that accepts a socket or a request and passes nothing on counts as blocking it', async () => {
  const { state, subscribed, connection } = network();
  Object.assign(state, { areSocketsBlocked: false, isSilent: true });
  const { heard, sink } = listener();
  connection.subscribe({ query: 'subscription { a }', variables: {} }, sink);
  await pass(60_000);
  expect([state.sockets, state.streams]).toEqual([3, 1]);
  // It holds streams back as well, so sockets are tried again.
  await pass(30_000);
  expect(state.sockets).toBe(4);
  state.isSilent = false;
  await pass(30_000);
  subscribed.at(-1)?.send('one');
  expect(heard.at(-1)).toBe('one');
  connection.close();
});

test('a page that has been hidden for ten seconds has no stream open, until it is shown', async () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal('document', page);
  const show = (isShown: boolean) => {
    page.hidden = !isShown;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const { state, subscribed, connection } = network();
  const { heard, sink } = listener();
  const stop = connection.subscribe({ query: 'subscription { a }', variables: {} }, sink);
  await pass(10_000);
  // Another tab for a moment.
  show(false);
  await pass(9_000);
  show(true);
  subscribed[0]?.send('one');
  await pass(15_000);
  expect(state).toMatchObject({ sockets: 3, streams: 1, openStreams: 1 });
  show(false);
  await pass(11_000);
  expect([state.openStreams, heard.at(-1)]).toEqual([0, 'lost']);
  const alsoHidden = listener();
  const stopHidden = connection.subscribe({ query: 'subscription { b }', variables: {} }, alsoHidden.sink);
  await pass(60_000);
  expect(state).toMatchObject({ sockets: 3, streams: 1 });
  show(true);
  await pass(1_000);
  expect(state).toMatchObject({ sockets: 3, streams: 3, openStreams: 2 });
  // A stream that is suspended before its first event has not failed.
  show(false);
  await pass(11_000);
  expect(state).toMatchObject({ sockets: 3, streams: 3, openStreams: 0 });
  show(true);
  await pass(1_000);
  for (const { send } of subscribed.slice(-2)) send('one');
  await pass(1_000);
  expect([heard.at(-1), alsoHidden.heard.at(-1)]).toEqual(['one', 'one']);

  show(false);
  await pass(11_000);
  stop();
  stopHidden();
  expect(getEventListeners(page, 'visibilitychange')).toEqual([]);
  show(true);
  connection.subscribe({ query: 'subscription { a }', variables: {} }, sink);
  await pass(1_000);
  expect(state).toMatchObject({ sockets: 3, streams: 6, openStreams: 1 });
  connection.close();
  vi.unstubAllGlobals();
});

test('what throws while it handles a message ends neither the connection nor what others hear', async () => {
  const { state, subscribed, connection } = network();
  state.areSocketsBlocked = false;
  const thrown: unknown[] = [];
  const uncaught = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((work) => {
    try {
      work();
    } catch (error) {
      thrown.push(error);
    }
  });
  const mistake = new Error('A mistake of the page.');
  const { heard, sink } = listener();
  const throws = () => {
    throw mistake;
  };
  connection.subscribe({ query: 'subscription { a }', variables: {} }, { ...sink, next: throws });
  await pass(2_000);
  subscribed[0]?.send('one');
  await pass(20_000);
  expect([thrown, heard, state.sockets, subscribed.length]).toEqual([[mistake], [], 1, 1]);
  uncaught.mockRestore();
  connection.close();
});

test('a closed connection leaves no stream open', async () => {
  const signals: AbortSignal[] = [];
  const connection = new LiveConnection({
    ...{ socketUrl: 'ws://server/graphql', webSocket: undefined },
    postToStream: (_subscription, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    },
    ...{ authorization: () => undefined, onMessage: () => {}, onSessionEnded: () => {} },
  });
  connection.subscribe({ query: 'subscription { a }' }, listener().sink);
  await expect.poll(() => signals.length).toBe(1);
  connection.close();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test('a stream that the server ends is complete, or refused with its errors', async () => {
  const events = [
    'event: complete\ndata:\n\n',
    'event: next\ndata: {"errors":[{"message":"No.","extensions":{"code":"EVENT_NOT_FOUND"}}]}\n\nevent: complete\ndata:\n\n',
  ];
  const refusal = JSON.stringify({ errors: [{ message: 'Wait.', extensions: { code: 'RATE_LIMITED' } }] });
  const answers = [...events.map((text) => new Response(text)), new Response(refusal, { status: 429 })];
  const heard = await Promise.all(
    answers.map(async (answer) => {
      const { heard: each, sink } = listener();
      const connection = new LiveConnection({
        ...{ socketUrl: 'ws://server/graphql', webSocket: undefined, postToStream: async () => answer },
        ...{ authorization: () => undefined, onMessage: () => {}, onSessionEnded: () => {} },
      });
      connection.subscribe({ query: 'subscription { a }' }, sink);
      await expect.poll(() => each.filter((text) => text !== 'lost').length).toBe(1);
      connection.close();
      return each.find((text) => text !== 'lost');
    }),
  );
  expect(heard).toEqual([
    'complete',
    expect.stringContaining('EVENT_NOT_FOUND'),
    expect.stringContaining('RATE_LIMITED'),
  ]);
});
