import * as argon2 from '@node-rs/argon2';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../config.js';
import { DomainError } from '../../core/errors.js';
import { RateCounts } from '../../store/queries/rate-counts.js';
import { LOG_IN, LOG_OUT_EVERYWHERE, ME, REQUEST_PASSWORD_RESET, SIGN_UP } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp } from '../support/test-app.js';
import { TRANSPORTS } from '../support/transports.js';
import { BEHIND_PROXY, callFrom, detailsOf, outcomeOf } from './caller.js';

/** Attempts to log in or to find out who has an account: guessed passwords, guessed addresses, tokens by the thousand. */

vi.mock('@node-rs/argon2', { spy: true });
afterEach(() => {
  vi.restoreAllMocks();
});

const RIGHT = 'the right password';

const CONFIG = { rateLimitPerMinute: 1_000, ...BEHIND_PROXY };
/** Longer than any count or known address lasts. */
const FORGOTTEN_MS = 40 * 24 * 60 * 60_000;

let common: TestApp;
beforeAll(async () => {
  common = await TestApp.start({ config: CONFIG });
});
afterAll(() => common.close());

/** A server that knows no user and has counted nothing: the file's one, or one of its own with other settings. */
async function server(config?: Partial<Config>): Promise<TestApp> {
  if (config === undefined) {
    await common.database.users.deleteMany();
    await common.database.rateCounts.deleteMany();
    common.clock.advance(FORGOTTEN_MS);
    return common;
  }
  const app = await TestApp.start({ config: { ...CONFIG, ...config } });
  onTestFinished(() => app.close());
  return app;
}

/** Makes hashing cheap: these tests are about who may have a hash computed. */
function hashesCostNothing(): void {
  vi.mocked(argon2.hash).mockImplementation(async (password) => `hash of ${String(password)}`);
  vi.mocked(argon2.verify).mockImplementation(
    async (hash, password) => hash === `hash of ${String(password)}`,
  );
}

const credentials = (email: string, password: string) => ({ input: { email, password } });

test('one address may guess a password ten times a minute, and the refusal says when to retry', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  const guess = (password: string) =>
    callFrom(app, { address: '192.0.2.1' }, LOG_IN, credentials('ann@example.com', password));
  for (let tries = 0; tries < 10; tries++)
    expect(outcomeOf(await guess(`guess ${tries}`))).toBe('INVALID_CREDENTIALS');
  // Now the right one is not checked either.
  vi.mocked(argon2.verify).mockClear();
  const refused = await guess(RIGHT);
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(argon2.verify).not.toHaveBeenCalled();
  const { retryAfterMs } = detailsOf(refused);
  app.clock.advance(retryAfterMs as number);
  expect(outcomeOf(await guess(RIGHT))).toBe('done');
});

test('all spellings of an e-mail address share one account’s limit of guesses', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ren\u00e9@b\u00fccher.example', RIGHT));
  const forms = [
    'ren\u00e9@b\u00fccher.example',
    'RENE\u0301@b\u00fccher.example',
    'ren\u00e9@xn--bcher-kva.example',
    'ｒｅｎ\u00e9@b\u00fccher.example',
  ];
  const outcomes = [];
  for (let tries = 0; tries < 12; tries++) {
    const input = credentials(forms[tries % forms.length] as string, 'a guess');
    outcomes.push(outcomeOf(await callFrom(app, { address: '192.0.2.1' }, LOG_IN, input)));
  }
  expect(outcomes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
});

test('guesses from many addresses are limited, and the owner can still log in from known addresses', async () => {
  hashesCostNothing();
  const app = await server();
  const home = { address: '192.0.2.1' };
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  expect(outcomeOf(await callFrom(app, home, LOG_IN, credentials('ann@example.com', RIGHT)))).toBe('done');
  let guesses = 0;
  const guess = () => {
    const address = `198.51.100.${guesses++ % 250}`;
    return callFrom(app, { address }, LOG_IN, credentials('ann@example.com', 'a guess'));
  };
  while (outcomeOf(await guess()) === 'INVALID_CREDENTIALS' && guesses < 500);
  expect(guesses).toBe(101);
  // An hour, where one address would have to wait a minute.
  const refused = await guess();
  expect(detailsOf(refused).retryAfterMs).toBeGreaterThan(60_000);
  const logIn = (address: string) =>
    callFrom(app, { address }, LOG_IN, credentials('ann@example.com', RIGHT));
  expect(outcomeOf(await logIn('203.0.113.9'))).toBe('RATE_LIMITED');
  expect(outcomeOf(await logIn(home.address))).toBe('done');
  app.clock.advance(60 * 60_000);
  expect(outcomeOf(await logIn('203.0.113.9'))).toBe('done');
});

test('one password tried on many accounts is limited as well, and successful log-ins do not count', async () => {
  hashesCostNothing();
  const app = await server();
  const from = { address: '192.0.2.1' };
  for (let index = 0; index < 20; index++)
    await callFrom(app, { address: '203.0.113.1' }, SIGN_UP, credentials(`user${index}@example.com`, RIGHT));
  for (let index = 0; index < 120; index++) {
    const answer = await callFrom(app, from, LOG_IN, credentials(`user${index % 20}@example.com`, RIGHT));
    expect(outcomeOf(answer)).toBe('done');
    if (index % 20 === 19) app.clock.advance(1_000);
  }
  const spray = async (index: number) =>
    outcomeOf(await callFrom(app, from, LOG_IN, credentials(`nobody${index}@example.com`, 'Summer2026!')));
  for (let index = 0; index < 100; index++) expect(await spray(index)).toBe('INVALID_CREDENTIALS');
  expect(await spray(100)).toBe('RATE_LIMITED');
});

test('successful log-ins do not count, however many come at once: for one account, or from one address', async () => {
  hashesCostNothing();
  const app = await server();
  const from = { address: '192.0.2.1' };
  const emails = Array.from({ length: 150 }, (_, index) => `user${index}@example.com`);
  await Promise.all(
    emails.map((email, index) =>
      callFrom(app, { address: `203.0.113.${index}` }, SIGN_UP, credentials(email, RIGHT)),
    ),
  );
  const logIn = async (email: string, password = RIGHT) =>
    outcomeOf(await callFrom(app, from, LOG_IN, credentials(email, password)));
  expect(await Promise.all(emails.map((email) => logIn(email)))).toEqual(Array(150).fill('done'));
  const ann = emails[0] as string;
  expect(await Promise.all(Array.from({ length: 30 }, () => logIn(ann)))).toEqual(Array(30).fill('done'));
  for (let times = 0; times < 15; times++) expect(await logIn(ann)).toBe('done');
  // Simultaneous guesses are limited like consecutive ones.
  const guesses = await Promise.all(Array.from({ length: 40 }, (_, index) => logIn(ann, `guess ${index}`)));
  expect(guesses.filter((outcome) => outcome === 'INVALID_CREDENTIALS')).toHaveLength(10);
  expect(guesses.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(30);
});

test('a log-in refused because too many wait does not count as a guess', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  const logIn = async () =>
    outcomeOf(await callFrom(app, { address: '192.0.2.1' }, LOG_IN, credentials('ann@example.com', RIGHT)));
  const busy = new DomainError('TOO_BUSY', 'Too many are logging in.', { retryAfterMs: 1 });
  vi.mocked(argon2.verify).mockRejectedValue(busy);
  for (let tries = 0; tries < 15; tries++) expect(await logIn()).toBe('TOO_BUSY');
  hashesCostNothing();
  expect(await logIn()).toBe('done');
});

test('a log-in with the right password succeeds even if known addresses cannot be read or written', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  const renew = vi.spyOn(RateCounts.prototype, 'renew').mockRejectedValue(new Error('no primary'));
  vi.spyOn(RateCounts.prototype, 'read').mockRejectedValue(new Error('no primary'));
  const logIn = async (address: string, password: string) =>
    outcomeOf(await callFrom(app, { address }, LOG_IN, credentials('ann@example.com', password)));
  expect(await logIn('192.0.2.1', RIGHT)).toBe('done');
  expect(renew).toHaveBeenCalled();
  for (let index = 0; index < 100; index++)
    expect(await logIn(`198.51.100.${index}`, 'a guess')).toBe('INVALID_CREDENTIALS');
  expect(await logIn('192.0.2.1', RIGHT)).toBe('RATE_LIMITED');
});

test('an address stays known to an account for thirty days after its last use', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  const logIn = async (address: string, password: string) =>
    outcomeOf(await callFrom(app, { address }, LOG_IN, credentials('ann@example.com', password)));
  const DAY_MS = 24 * 60 * 60_000;
  expect(await logIn('192.0.2.1', RIGHT)).toBe('done');
  app.clock.advance(20 * DAY_MS);
  expect(await logIn('192.0.2.1', RIGHT)).toBe('done');
  app.clock.advance(20 * DAY_MS);
  for (let index = 0; index < 100; index++) await logIn(`198.51.100.${index}`, 'a guess');
  expect(await logIn('203.0.113.9', RIGHT)).toBe('RATE_LIMITED');
  expect(await logIn('192.0.2.1', RIGHT)).toBe('done');
});

test('an IPv6 network counts as one caller, whichever of its addresses it uses', async () => {
  hashesCostNothing();
  const app = await server();
  const guess = async (index: number) =>
    outcomeOf(
      await callFrom(
        app,
        { address: `2001:db8:1:2:${index.toString(16)}::1` },
        LOG_IN,
        credentials('ann@example.com', 'a guess'),
      ),
    );
  for (let index = 0; index < 10; index++) expect(await guess(index)).toBe('INVALID_CREDENTIALS');
  expect(await guess(11)).toBe('RATE_LIMITED');
  const next = { address: '2001:db8:1:3::1' };
  const elsewhere = await callFrom(app, next, LOG_IN, credentials('ann@example.com', 'a guess'));
  expect(outcomeOf(elsewhere)).toBe('INVALID_CREDENTIALS');
});

test('the limits hold across all server processes', async () => {
  hashesCostNothing();
  const app = await server();
  const other = await TestApp.start({ sharing: app, config: { rateLimitPerMinute: 1_000 } });
  onTestFinished(() => other.close({ keepData: true }));
  const outcomes: string[] = [];
  for (let tries = 0; tries < 14; tries++) {
    const by = tries % 2 === 0 ? app : other;
    outcomes.push(outcomeOf(await callFrom(by, {}, LOG_IN, credentials('ann@example.com', 'a guess'))));
  }
  expect(outcomes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), ...Array(4).fill('RATE_LIMITED')]);
});

test('links to set a new password are limited by account and by address, whether or not there is an account', async () => {
  hashesCostNothing();
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  const request = async (address: string, email: string) =>
    outcomeOf(await callFrom(app, { address }, REQUEST_PASSWORD_RESET, { email }));
  for (const email of ['ann@example.com', 'nobody@example.com']) {
    const outcomes = [];
    for (let tries = 0; tries < 6; tries++)
      outcomes.push(await request(`192.0.2.${tries}`, tries % 2 === 0 ? email : email.toUpperCase()));
    expect(outcomes).toEqual([...Array(5).fill('done'), 'RATE_LIMITED']);
  }
  let requested = 0;
  while ((await request('192.0.2.99', `user${requested}@example.com`)) === 'done' && requested < 200)
    requested += 1;
  expect(requested).toBe(100);
});

test('calls of one viewer to several server processes are counted together', async () => {
  const limit = { rateLimitPerMinute: 50 };
  const app = await TestApp.start({ config: limit });
  onTestFinished(() => app.close());
  const other = await TestApp.start({ sharing: app, config: limit });
  onTestFinished(() => other.close({ keepData: true }));
  const user = await app.user();
  const untilRefused = async (by: TestApp) => {
    let passed = 0;
    while (passed < 100 && outcomeOf(await by.call(ME, {}, user)) === 'done') passed += 1;
    return passed;
  };
  expect(await untilRefused(app)).toBe(50);
  await expect.poll(() => app.database.rateCounts.find().lean().exec()).toMatchObject([{ points: 50 }]);
  // A tenth passes before it asks the database, and the calls that come meanwhile.
  expect(await untilRefused(other)).toBeLessThan(25);
});

test('the stored counts contain only a hash of the caller', async () => {
  hashesCostNothing();
  const app = await server();
  await callFrom(app, { address: '192.0.2.77' }, LOG_IN, credentials('ann@example.com', 'a guess'));
  const counts = await app.database.rateCounts.find().lean();
  expect(counts.length).toBeGreaterThan(0);
  expect(JSON.stringify(counts)).not.toMatch(/ann|example|192\.0\.2/);
});

test('a known and an unknown address take the same work, on log-in and on sign-up', async () => {
  const app = await server();
  await app.ok(SIGN_UP, credentials('ann@example.com', RIGHT));
  await app.refused(LOG_IN, credentials('warm.up@example.com', RIGHT));
  const { hash, verify } = argon2;
  const workOf = async (query: typeof LOG_IN | typeof SIGN_UP, email: string) => {
    vi.mocked(hash).mockClear();
    vi.mocked(verify).mockClear();
    await app.call(query as typeof LOG_IN, credentials(email, 'another password'));
    return [vi.mocked(hash).mock.calls.length, vi.mocked(verify).mock.calls.length];
  };
  expect(await workOf(LOG_IN, 'ann@example.com')).toEqual([0, 1]);
  expect(await workOf(LOG_IN, 'nobody@example.com')).toEqual([0, 1]);
  expect(await workOf(SIGN_UP, 'ann@example.com')).toEqual([1, 0]);
  expect(await workOf(SIGN_UP, 'new@example.com')).toEqual([1, 0]);
});

test('hashes are made two at a time; when six hundred wait, the next is refused at once', async () => {
  const app = await server({ rateLimitPerMinute: 0 });
  let inProgress = 0;
  let most = 0;
  const release: (() => void)[] = [];
  let isOpen = false;
  vi.mocked(argon2.verify).mockImplementation(async () => {
    inProgress += 1;
    most = Math.max(most, inProgress);
    if (!isOpen) await new Promise<void>((resolve) => release.push(resolve));
    inProgress -= 1;
    return false;
  });
  const tries = Array.from({ length: 610 }, (_, index) =>
    app.call(LOG_IN, credentials(`user${index}@example.com`, 'a guess')),
  );
  // The refused ones are answered before a single hash is done.
  const answered: unknown[] = [];
  for (const each of tries) void each.then((answer) => answered.push([outcomeOf(answer), detailsOf(answer)]));
  const turnedAway = ['TOO_BUSY', { retryAfterMs: expect.any(Number) }];
  await expect.poll(() => answered).toEqual(Array(610 - 602).fill(turnedAway));
  // Calls that need no hash are served.
  const user = await app.user();
  expect((await app.ok(ME, {}, user)).me.id).toBe(user.id);
  isOpen = true;
  for (const each of release) each();
  const outcomes = (await Promise.all(tries)).map(outcomeOf);
  expect(outcomes.filter((outcome) => outcome === 'TOO_BUSY')).toHaveLength(610 - 602);
  expect(outcomes.filter((outcome) => outcome === 'INVALID_CREDENTIALS')).toHaveLength(602);
  expect(most).toBe(2);
});

test('invalid tokens count as calls, and do not lock out callers with a valid token', async () => {
  const app = await server({ rateLimitPerMinute: 5 });
  const user = await app.user();
  const outcomes: string[] = [];
  for (let tries = 0; tries < 7; tries++) {
    const answer = await callFrom(app, { address: '192.0.2.1', token: `forged.${tries}.token` }, ME);
    outcomes.push(outcomeOf(answer));
    if (tries > 4) expect([answer.status, Number(answer.retryAfter)]).toEqual([429, expect.any(Number)]);
  }
  expect(outcomes).toEqual([...Array(5).fill('UNAUTHENTICATED'), 'RATE_LIMITED', 'RATE_LIMITED']);
  const good = await callFrom(app, { address: '192.0.2.1', user }, ME);
  expect(outcomeOf(good)).toBe('done');
  // The same through the page's session endpoint.
  const session = await fetch(`${app.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' },
    body: JSON.stringify({ token: 'forged' }),
  });
  expect(session.status).toBe(429);
  expect(Number(session.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('too many sockets with invalid tokens are refused until later', async () => {
  const app = await server({ rateLimitPerMinute: 3 });
  const codes: number[] = [];
  for (let tries = 0; tries < 5; tries++) {
    const socket = await RawSocket.open(app.url);
    await socket.init({ authorization: `Bearer forged.${tries}` });
    codes.push((await socket.closed).code);
  }
  expect(codes).toEqual([4403, 4403, 4403, 1013, 1013]);
});

test.each(TRANSPORTS)(
  'over %s an operation counts as many calls as it asks root fields',
  async (transport) => {
    const app = await server({ rateLimitPerMinute: 100, trustProxy: false });
    const user = await app.user();
    const many = (count: number) =>
      `{ ${Array.from({ length: count - 2 }, (_, index) => `a${index}: __typename`).join(' ')} ... { x: __typename } ...F }
     fragment F on Query { y: __typename }`;
    const socket = transport === 'WebSocket' ? await RawSocket.open(app.url) : undefined;
    await socket?.init({ authorization: `Bearer ${user.token}` });
    let id = 0;
    const ask = async (query: string): Promise<string> => {
      if (socket === undefined) return outcomeOf(await app.call(query, {}, user));
      socket.subscribe(String(++id), query);
      return outcomeOf((await socket.answerTo(String(id))) as never);
    };
    expect(await ask(many(60))).toBe('done');
    expect(await ask(many(41))).toBe('RATE_LIMITED');
    // It did nothing, and used only the one call that checking costs.
    expect(await ask(many(39))).toBe('done');
    expect(await ask('{ __typename }')).toBe('RATE_LIMITED');
  },
);

test('a log-out everywhere ends a stolen token, over both transports, at once', async () => {
  const app = await server();
  const user = await app.user();
  const socket = await RawSocket.open(app.url);
  await socket.init({ authorization: `Bearer ${user.token}` });
  await app.ok(LOG_OUT_EVERYWHERE, {}, user);
  expect((await socket.closed).code).toBe(4403);
  expect(outcomeOf(await app.call(ME, {}, user))).toBe('UNAUTHENTICATED');
});
