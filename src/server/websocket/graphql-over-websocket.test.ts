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
import { PlainBroadcast } from '../broadcast/plain-broadcast.js';
import { OpenConnections } from '../connections/open-connections.js';
import { OperationAdmission } from '../connections/operation-admission.js';
import { TOKENS_CHECKED_AT_ONCE_MAX, TokenEnds } from '../connections/token-ends.js';
import { ParseScheduler } from '../limits/parse-scheduler.js';
import { OperationLog } from '../operation-log.js';
import { WebSocketGraphQL } from './graphql-over-websocket.js';

/**
 * Situations that a client cannot cause on the whole server: a missed log-out, a database that fails at a certain time.
 */

/** A clock that counts the alarms that are set. */
class CountingClock extends ManualClock {
  alarms = 0;

  override at(instant: Date, callback: () => void): Alarm {
    const alarm = super.at(instant, callback);
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
  /** Valid tokens. Each check of a token can be held up or made to fail. */
  const state = {
    validTokens: new Set(['ann', 'bob']),
    fault: undefined as Error | undefined,
    hold: undefined as Promise<void> | undefined,
    tokenChecks: 0,
    documentsValidated: 0,
  };
  let tokensEnded: (userId: string | null) => void = () => undefined;
  const schema = buildSchema('type Query { slow: Int }');
  /** A query that the test answers. */
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
  const openConnections = new OpenConnections(1_000);
  const viewerOf = async (authorization: unknown): Promise<Viewer | null> => {
    state.tokenChecks += 1;
    await state.hold;
    if (state.fault) throw state.fault;
    if (authorization === undefined) return null;
    const userId = String(authorization);
    if (!state.validTokens.has(userId)) throw unauthenticated();
    return {
      userId,
      email: `${userId}@example.com`,
      tokenIssuedAt: clock.now(),
      tokenExpiresAt: new Date(clock.now().getTime() + 60_000),
    };
  };
  const webSocket = new WebSocketGraphQL(http, {
    schema,
    broadcast: new PlainBroadcast({ answerBuilt() {}, messagesSent() {} }),
    admission: new OperationAdmission({
      schema,
      contextOfCall: async (viewer) => {
        if (state.fault) throw state.fault;
        return {
          viewer,
          correlationId: 'c',
          limits: { furtherCalls() {}, countAsCall() {}, isRead() {} },
          deferredSeatLists: new DeferredSeatLists(),
        } as never;
      },
      rules: [
        () => {
          state.documentsValidated += 1;
          return {};
        },
      ],
      record: new OperationLog(schema, { ended() {}, took() {} }, log),
    }),
    openConnections,
    tokenEnds: new TokenEnds({
      clock,
      log,
      viewerOf,
      onTokensEnded: (listener) => {
        tokensEnded = listener;
      },
    }),
    clock,
    log,
    connectionInitTimeoutMs: 60_000,
    slowReaderMsMax: 60_000,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    authorizationInCookie: async () => undefined,
    viewerOf,
    badTokenFrom() {},
    present: errorPresenter(log, true),
  });
  const close = async () => {
    await webSocket.drain();
    openConnections.closeForStop();
    await webSocket.close();
  };
  onTestFinished(async () => {
    await close();
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
    openSockets: () => openConnections.count(() => true),
    close,
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

test('documents wait for a scheduler slot, and those of a socket that was closed meanwhile are not parsed', async () => {
  const { signIn, state, openSockets } = await start();
  const slots: (() => void)[] = [];
  vi.spyOn(ParseScheduler.prototype, 'slot').mockImplementation(
    () => new Promise((resolve) => slots.push(resolve)),
  );
  onTestFinished(() => void vi.restoreAllMocks());
  const [closing, staying] = [await signIn('ann'), await signIn('bob')];
  for (let each = 0; each < 3; each++) closing.subscribe(String(each), `{ closing${each}: __typename }`);
  await expect.poll(() => slots).toHaveLength(3);
  expect(state.documentsValidated).toBe(0);
  closing.socket.terminate();
  await expect.poll(openSockets).toBe(1);
  staying.subscribe('1', '{ staying: __typename }');
  await expect.poll(() => slots).toHaveLength(4);
  for (const grantSlot of slots) grantSlot();
  expect(await staying.answerTo('1')).toEqual({ data: { staying: 'Query' } });
  expect(state.documentsValidated).toBe(1);
});

test('if log-outs may have been missed, every socket with a revoked token is closed, and no other', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [ann, bob, nobody] = [await signIn('ann'), await signIn('bob'), await signIn()];
  state.validTokens.delete('ann');
  tokensEnded(null);
  expect(await ann.closed).toEqual({ code: 4403, reason: 'Logged out' });
  await expectOpen(bob);
  await expectOpen(nobody);
});

test('if log-outs may have been missed, tokens are rechecked concurrently, up to a maximum', async () => {
  const { signIn, state, tokensEnded } = await start();
  const sockets = await Promise.all(
    Array.from({ length: TOKENS_CHECKED_AT_ONCE_MAX + 1 }, () => signIn('ann')),
  );
  let release: () => void = () => undefined;
  state.hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  state.tokenChecks = 0;
  state.validTokens.delete('ann');
  tokensEnded(null);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.tokenChecks).toBe(TOKENS_CHECKED_AT_ONCE_MAX);
  release();
  for (const socket of sockets) expect((await socket.closed).code).toBe(4403);
  expect(state.tokenChecks).toBe(TOKENS_CHECKED_AT_ONCE_MAX + 1);
});

test('a socket with a newer token than the log-out stays open', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [before, after] = [await signIn('ann'), await signIn('bob')];
  state.validTokens.delete('ann');
  tokensEnded('bob');
  tokensEnded('ann');
  expect((await before.closed).code).toBe(4403);
  await expectOpen(after);
});

test.each(['log-out', 'end of its token'])(
  'at the %s a socket gets the answers of its operations in progress, can start no others, and is then closed',
  async (cause) => {
    const { signIn, state, tokensEnded, clock, slowReached, answerSlow } = await start();
    const ann = await signIn('ann');
    ann.subscribe('slow', '{ slow }');
    await slowReached;
    if (cause === 'log-out') {
      state.validTokens.delete('ann');
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

test('a socket whose token cannot be checked is closed with a code after which clients reconnect', async () => {
  const { signIn, state, tokensEnded } = await start();
  const [ann, nobody] = [await signIn('ann'), await signIn()];
  state.fault = new Error('no database');
  tokensEnded('ann');
  expect((await ann.closed).code).toBe(1013);
  state.fault = undefined;
  await expectOpen(nobody);
});

test('a closed socket is unregistered with its alarm, whenever it closes', async () => {
  const { signIn, state, clock, openSockets, url } = await start();
  const ann = await signIn('ann');
  expect(clock.alarms).toBe(1);
  ann.socket.close();
  await ann.closed;

  // This one closes while it is being authenticated.
  let release = () => {};
  state.hold = new Promise((resolve) => {
    release = resolve;
  });
  const early = await RawSocket.open(url);
  early.send({ type: 'connection_init', payload: { authorization: 'ann' } });
  early.socket.terminate();
  await early.closed;
  await expect.poll(openSockets).toBe(0);
  release();
  state.hold = undefined;
  await expectOpen(await signIn());
  expect(clock.alarms).toBe(0);
});

test('a stopping server accepts no sockets', async () => {
  const { signIn, close, url } = await start();
  const ann = await signIn('ann');
  const closed = close();
  expect((await ann.closed).code).toBe(1001);
  await closed;
  expect(await RawSocket.answerToUpgrade(url)).toEqual({ status: 503, retryAfter: '5' });
});

test('an internal error before an operation starts is hidden from its client and logged with the same correlation id', async () => {
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
