import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { unauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import type { Alarm } from '../../core/clock.js';
import { DeferredSeatLists } from '../../graphql/deferred-seat-lists.js';
import { errorPresenter } from '../../graphql/errors.js';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { RawSocket } from '../../test/support/raw-socket.js';
import { ParseScheduler } from '../limits/parse-scheduler.js';
import { OperationLog } from '../operation-log.js';
import { TOKENS_CHECKED_AT_ONCE_MAX, WebSocketGraphQL } from './graphql-over-websocket.js';

/** What the whole server cannot be brought to by a client: a missed log-out, a database that fails at the wrong moment. */

/** A clock that tells how many alarms are set. */
class CountingClock extends ManualClock {
  alarms = 0;

  override at(instant: Date, ring: () => void): Alarm {
    const alarm = super.at(instant, ring);
    this.alarms += 1;
    return {
      cancel: () => {
        this.alarms -= 1;
        alarm.cancel();
      },
    };
  }
}

async function start() {
  const clock = new CountingClock();
  const { log, lines } = captureLog();
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  /** Whose token is good; each look at one can be held up. */
  const state = {
    good: new Set(['ann', 'bob']),
    fault: undefined as Error | undefined,
    hold: undefined as Promise<void> | undefined,
    looks: 0,
    documentsRead: 0,
  };
  let tokensEnded: (userId: string | null) => void = () => undefined;
  const schema = buildSchema('type Query { slow: Int }');
  /** A query that takes as long as the test wants. */
  const slow = { reached: () => {}, answer: (_value: number) => {} };
  const slowReached = new Promise<void>((resolve) => {
    slow.reached = resolve;
  });
  Object.assign(schema.getQueryType()?.getFields().slow ?? {}, {
    resolve: () => {
      slow.reached();
      return new Promise<number>((resolve) => {
        slow.answer = resolve;
      });
    },
  });
  const webSocket = new WebSocketGraphQL(http, {
    schema,
    clock,
    log,
    connectionInitTimeoutMs: 60_000,
    slowReaderMsMax: 60_000,
    socketsPerAddressMax: 1_000,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    authorizationInCookie: async () => undefined,
    viewerOf: async (authorization): Promise<Viewer | null> => {
      state.looks += 1;
      await state.hold;
      if (state.fault) throw state.fault;
      if (authorization === undefined) return null;
      const userId = String(authorization);
      if (!state.good.has(userId)) throw unauthenticated();
      return {
        userId,
        email: `${userId}@example.com`,
        tokenExpiresAt: new Date(clock.now().getTime() + 60_000),
      };
    },
    contextOfCall: async (viewer) => {
      if (state.fault) throw state.fault;
      return {
        viewer,
        correlationId: 'c',
        limits: { furtherCalls() {}, isMutation() {}, isRead() {}, opensMap() {} },
        deferredSeatLists: new DeferredSeatLists(),
      } as never;
    },
    badTokenFrom() {},
    rules: [
      () => {
        state.documentsRead += 1;
        return {};
      },
    ],
    present: errorPresenter(log, true),
    record: new OperationLog(schema, { ended() {}, took() {} }, log),
    observer: { answerBuilt() {}, messagesSent() {} },
    onTokensEnded: (listener) => {
      tokensEnded = listener;
    },
  });
  onTestFinished(async () => {
    await webSocket.close();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const signIn = async (user?: string) => {
    const socket = await RawSocket.open(url);
    expect(await socket.init(user === undefined ? undefined : { authorization: user })).toBe(true);
    return socket;
  };
  return {
    clock,
    state,
    lines,
    webSocket,
    url,
    signIn,
    slowReached,
    answerSlow: (value: number) => slow.answer(value),
    tokensEnded: (userId: string | null) => tokensEnded(userId),
  };
}

async function expectOpen(socket: RawSocket): Promise<void> {
  socket.subscribe('open?', '{ __typename }');
  expect(await socket.answerTo('open?')).toEqual({ data: { __typename: 'Query' } });
}

test('documents come in their turns, and those of a socket that is closed by then are read no more', async () => {
  const { signIn, state, webSocket } = await start();
  const turns: (() => void)[] = [];
  vi.spyOn(ParseScheduler.prototype, 'slot').mockImplementation(
    () => new Promise((resolve) => turns.push(resolve)),
  );
  onTestFinished(() => void vi.restoreAllMocks());
  const [gone, stays] = [await signIn('ann'), await signIn('bob')];
  for (let each = 0; each < 3; each++) gone.subscribe(String(each), `{ gone${each}: __typename }`);
  await expect.poll(() => turns).toHaveLength(3);
  expect(state.documentsRead).toBe(0);
  gone.socket.terminate();
  await expect.poll(() => webSocket.openSockets).toBe(1);
  stays.subscribe('1', '{ stays: __typename }');
  await expect.poll(() => turns).toHaveLength(4);
  for (const giveTurn of turns) giveTurn();
  expect(await stays.answerTo('1')).toEqual({ data: { stays: 'Query' } });
  expect(state.documentsRead).toBe(1);
});

test('where log-outs may have been missed, every socket whose token is over is closed, and no other', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [ann, bob, nobody] = [await signIn('ann'), await signIn('bob'), await signIn()];
  state.good.delete('ann');
  tokensEnded(null);
  expect(await ann.closed).toEqual({ code: 4403, reason: 'Logged out' });
  await expectOpen(bob);
  await expectOpen(nobody);
});

test('where log-outs may have been missed, tokens are looked at side by side, so many at a time', async () => {
  const { signIn, state, tokensEnded } = await start();
  const sockets = await Promise.all(
    Array.from({ length: TOKENS_CHECKED_AT_ONCE_MAX + 1 }, () => signIn('ann')),
  );
  let letGo: () => void = () => undefined;
  state.hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  state.looks = 0;
  state.good.delete('ann');
  tokensEnded(null);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.looks).toBe(TOKENS_CHECKED_AT_ONCE_MAX);
  letGo();
  for (const socket of sockets) expect((await socket.closed).code).toBe(4403);
  expect(state.looks).toBe(TOKENS_CHECKED_AT_ONCE_MAX + 1);
});

test('a socket whose token is newer than the log-out stays', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [before, after] = [await signIn('ann'), await signIn('bob')];
  state.good.delete('ann');
  tokensEnded('bob');
  tokensEnded('ann');
  expect((await before.closed).code).toBe(4403);
  await expectOpen(after);
});

test.each(['log-out', 'end of its token'])(
  'at the %s a socket is told what it asked before, does nothing more, and is closed behind the last answer',
  async (cause) => {
    const { signIn, state, tokensEnded, clock, slowReached, answerSlow } = await start();
    const ann = await signIn('ann');
    ann.subscribe('slow', '{ slow }');
    await slowReached;
    if (cause === 'log-out') {
      state.good.delete('ann');
      tokensEnded('ann');
    } else clock.advance(60_000);
    ann.subscribe('too late', '{ __typename }');
    expect(await ann.answerTo('too late')).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', details: {} } }],
    });
    answerSlow(7);
    expect(await ann.answerTo('slow')).toEqual({ data: { slow: 7 } });
    expect((await ann.closed).code).toBe(4403);
  },
);

test('a socket whose token cannot be looked at is closed for its client to come back, and not left open', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [ann, nobody] = [await signIn('ann'), await signIn()];
  state.fault = new Error('no database');
  tokensEnded('ann');
  expect((await ann.closed).code).toBe(1013);
  state.fault = undefined;
  await expectOpen(nobody);
});

test('a socket that is closed is forgotten with its alarm, whenever it closes', async () => {
  const { signIn, state, clock, webSocket, url } = await start();
  const ann = await signIn('ann');
  expect(clock.alarms).toBe(1);
  ann.socket.close();
  await ann.closed;

  // This one closes while it is being found out who it is.
  let release = () => {};
  state.hold = new Promise((resolve) => {
    release = resolve;
  });
  const hasty = await RawSocket.open(url);
  hasty.send({ type: 'connection_init', payload: { authorization: 'ann' } });
  hasty.socket.terminate();
  await hasty.closed;
  await expect.poll(() => webSocket.openSockets).toBe(0);
  release();
  state.hold = undefined;
  await expectOpen(await signIn());
  expect(clock.alarms).toBe(0);
});

test('after the close begins no socket is taken', async () => {
  const { signIn, webSocket, url } = await start();
  const ann = await signIn('ann');
  const closed = webSocket.close();
  expect((await ann.closed).code).toBe(1001);
  await closed;
  expect(await RawSocket.answerToUpgrade(url)).toEqual({ status: 503, retryAfter: '5' });
});

test('a fault before an operation begins is hidden from its client, and told to the log with the same id', async () => {
  const { signIn, state, lines } = await start();
  const ann = await signIn('ann');
  state.fault = new Error('the secret inside');
  ann.subscribe('1', '{ __typename }');
  const answer = await ann.answerTo('1');
  expect(answer).toEqual({
    errors: [
      {
        message: 'Something went wrong on our side. The correlation id leads to it in our log.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', details: { correlationId: expect.any(String) } },
      },
    ],
  });
  const [id, ...others] = new Set(lines.map(({ correlationId }) => correlationId));
  expect(others).toEqual([]);
  expect(JSON.stringify(answer)).toContain(String(id));
  const faults = lines.flatMap(({ err }) => (err === undefined ? [] : [err]));
  expect(faults).toEqual([expect.objectContaining({ message: 'the secret inside' })]);
});
