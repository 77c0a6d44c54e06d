import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newUserId } from '../core/ids.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { LOG_IN, LOG_OUT_EVERYWHERE, ME, SIGN_UP } from '../test/support/operations.js';
import { RawSocket } from '../test/support/raw-socket.js';
import { type TestApp as App, TestApp } from '../test/support/test-app.js';
import { Accounts, type AccountsOptions } from './accounts.js';
import { Tokens } from './tokens.js';
import type { User, Users } from './user.js';

describe('through the API', () => {
  let app: App;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const password = 'a long password';
  const signUp = async (email: string) => (await app.ok(SIGN_UP, { input: { email, password } })).signUp;

  test('an address is one account, whatever its capitals and the blanks around it', async () => {
    const { user } = await signUp('  Ann.Smith@Example.COM ');
    expect(user.email).toBe('ann.smith@example.com');
    for (const email of ['ann.smith@example.com', ' ANN.SMITH@EXAMPLE.COM']) {
      const { logIn } = await app.ok(LOG_IN, { input: { email, password } });
      expect(logIn.user).toEqual(user);
      expect((await app.refused(SIGN_UP, { input: { email, password } })).code).toBe('EMAIL_TAKEN');
    }
  });

  test.each([
    ['capitals and blanks', 'Ann.Lee@Example.COM', ' ann.lee@EXAMPLE.com\u00a0'],
    ['composed and decomposed', 'ren\u00e9@example.com', 'RENE\u0301@example.com'],
    ['wide letters, as a Japanese keyboard types them', 'kei@example.com', 'ｋｅｉ＠example.com'],
    ['a domain in Unicode, composed or not', 'a@b\u00fccher.example', 'a@BU\u0308CHER.example'],
    ['a domain as DNS has it', 'b@b\u00fccher.example', 'b@xn--bcher-kva.example'],
  ])('%s are one account', async (_, first, second) => {
    const { user } = await signUp(first);
    expect((await app.refused(SIGN_UP, { input: { email: second, password } })).code).toBe('EMAIL_TAKEN');
    expect((await app.ok(LOG_IN, { input: { email: second, password } })).logIn.user).toEqual(user);
    const other = await signUp(`other.${second.trim()}`);
    expect((await app.ok(LOG_IN, { input: { email: `OTHER.${first}`, password } })).logIn.user).toEqual(
      other.user,
    );
  });

  test.each([
    ['stra\u00dfe@example.com', 'strasse@example.com'],
    ['rene@example.org', 'ren\u00e9@example.org'],
  ])('%s and %s are two mailboxes and two accounts', async (one, other) => {
    expect((await signUp(one)).user.id).not.toBe((await signUp(other)).user.id);
  });

  test('both forms of one address signed up at once make one account', async () => {
    const answers = await Promise.all(
      ['NFC', 'NFD', 'NFC', 'NFD'].map((form) =>
        app.call(SIGN_UP, { input: { email: 'z\u00f6e@example.com'.normalize(form), password } }),
      ),
    );
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(codes).toEqual(['EMAIL_TAKEN', 'EMAIL_TAKEN', 'EMAIL_TAKEN']);
  });

  test.each([
    ['an invisible character', 'a\u200bnn@example.com'],
    ['a direction override', 'a\u202enn@example.com'],
    ['a wide space', 'a\u3000nn@example.com'],
    ['a domain that is none', 'ann@xn--a.example'],
    ['a domain that stands for an ASCII one', 'ann@xn--zz--.example'],
  ])('an address with %s is no address', async (_, email) => {
    const refusal = await app.refused(SIGN_UP, { input: { email, password } });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'email' } });
  });

  test('a password is the same composed or decomposed, and with any kind of space', async () => {
    const input = { email: 'words@example.com', password: 'caf\u00e9 au\u00a0lait' };
    const { signUp: made } = await app.ok(SIGN_UP, { input });
    for (const typed of ['caf\u00e9 au lait', 'cafe\u0301 au\u3000lait']) {
      const { logIn } = await app.ok(LOG_IN, { input: { ...input, password: typed } });
      expect(logIn.user.id).toBe(made.user.id);
    }
    for (const typed of ['cafe au lait', 'Caf\u00e9 au lait', 'caf\u00e9 au  lait']) {
      const refusal = await app.refused(LOG_IN, { input: { ...input, password: typed } });
      expect(refusal.code).toBe('INVALID_CREDENTIALS');
    }
  });

  test.each([
    ['a control character', 'a long\u0000password'],
    ['a tab', 'a long\tpassword'],
    ['an invisible character', 'a long\u200bpassword'],
    ['seven characters, one of them decomposed', 'cafe\u0301 ab'],
    ['seven emoji', '🎟'.repeat(7)],
    ['257 characters', '🎟'.repeat(257)],
  ])('a password with %s is refused at sign-up', async (_, wrong) => {
    const refusal = await app.refused(SIGN_UP, { input: { email: 'never@example.com', password: wrong } });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'password' } });
    // At log-in it is as wrong as any other.
    const answer = await app.refused(LOG_IN, { input: { email: 'never@example.com', password: wrong } });
    expect(answer.code).toBe('INVALID_CREDENTIALS');
  });

  test('256 characters outside of the basic plane are a password', async () => {
    const input = { email: 'long@example.com', password: '🎟'.repeat(256) };
    const { signUp: made } = await app.ok(SIGN_UP, { input });
    expect((await app.ok(LOG_IN, { input })).logIn.user.id).toBe(made.user.id);
  });

  describe('an account of an earlier release', () => {
    const tokensValidFrom = new Date(0);
    async function made(email: string, rawPassword: string): Promise<string> {
      const _id = newUserId();
      const passwordHash = await hash(rawPassword);
      await app.database.users.create({
        _id,
        email,
        passwordHash,
        tokensValidFrom,
        createdAt: tokensValidFrom,
      });
      return _id;
    }
    const logIn = async (email: string, typed: string) =>
      (await app.ok(LOG_IN, { input: { email, password: typed } })).logIn.user.id;

    test('opens with its address and its password in any form, and no other account can have it', async () => {
      const id = await made('cle\u0301@example.com', 'mot de passe secre\u0301t');
      for (const form of ['NFC', 'NFD']) {
        const email = 'Cl\u00e9@example.com'.normalize(form);
        expect((await app.refused(SIGN_UP, { input: { email, password } })).code).toBe('EMAIL_TAKEN');
      }
      // First as it was typed when it was made; since then every form opens it.
      expect(await logIn('cl\u00e9@example.com', 'mot de passe secre\u0301t')).toBe(id);
      expect(await logIn('cle\u0301@example.com', 'mot de passe secr\u00e9t')).toBe(id);
      expect(await logIn('cl\u00e9@example.com', 'mot de passe secre\u0301t')).toBe(id);
    });

    test('opens with a password that is no longer allowed', async () => {
      const id = await made('heart@example.com', 'i ❤️\u200b tickets');
      expect(await logIn('heart@example.com', 'i ❤️\u200b tickets')).toBe(id);
      expect(await logIn('heart@example.com', 'i ❤️\u200b tickets')).toBe(id);
    });

    test('beside another one in another form of the address stays its owner’s', async () => {
      const composed = await made('no\u00e9@example.com', 'the first password');
      const decomposed = await made('noe\u0301@example.com', 'the second password');
      expect(await logIn('no\u00e9@example.com', 'the first password')).toBe(composed);
      expect(await logIn('noe\u0301@example.com', 'the second password')).toBe(decomposed);
    });

    test.each([
      ['c@xn--bcher-kva.example', 'c@b\u00fccher.example'],
      // Each part in a form of its own.
      ['ze\u0301@xn--bcher-kva.example', 'z\u00e9@b\u00fccher.example'],
      ['\u00e9ve@bu\u0308cher.example', '\u00e9ve@b\u00fccher.example'],
    ])('as %j is found by %j', async (stored, typed) => {
      const id = await made(stored, password);
      expect(await logIn(typed, password)).toBe(id);
      expect((await app.refused(SIGN_UP, { input: { email: typed, password } })).code).toBe('EMAIL_TAKEN');
    });
  });

  test('what is stored of a password is a hash of its own salt and nothing else', async () => {
    const ids = [(await signUp('one@example.com')).user.id, (await signUp('two@example.com')).user.id];
    const stored = await app.database.users.find({ _id: { $in: ids } }).lean();
    const hashes = stored.map((user) => user.passwordHash);
    expect(hashes).toEqual([expect.stringMatching(/^\$argon2id\$/), expect.stringMatching(/^\$argon2id\$/)]);
    expect(new Set(hashes).size).toBe(2);
    expect(JSON.stringify(stored)).not.toContain(password);
  });

  test('twenty sign-ups for one address at once make one account; the others get EMAIL_TAKEN', async () => {
    const attempts = Array.from({ length: 20 }, (_, index) => {
      const email = index % 2 === 0 ? 'race@example.com' : 'RACE@example.com';
      return app.call(SIGN_UP, { input: { email, password: `a long password ${index}` } });
    });
    const answers = await Promise.all(attempts);
    const winners = answers.filter(({ errors }) => errors === undefined);
    expect(winners).toHaveLength(1);
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(codes).toEqual(Array(19).fill('EMAIL_TAKEN'));
    expect(await app.database.users.countDocuments({ email: 'race@example.com' })).toBe(1);
    // The account is the winner's: it is their password that opens it.
    const own = `a long password ${answers.findIndex(({ errors }) => errors === undefined)}`;
    const { logIn } = await app.ok(LOG_IN, { input: { email: 'race@example.com', password: own } });
    expect(logIn.user.id).toBe(winners[0]?.data?.signUp?.user.id);
  });

  test('an unknown address, a wrong password and a text that is neither get exactly the same refusal', async () => {
    await signUp('known@example.com');
    const refusals = [];
    for (const [email, tried] of [
      ['known@example.com', 'a wrong password'],
      ['known@example.com', ''],
      ['unknown@example.com', password],
      ['no address', password],
      ['', ''],
      ['known@example.com', 'x'.repeat(10_000)],
      [`${'x'.repeat(10_000)}@example.com`, password],
    ] as const) {
      refusals.push(await app.refused(LOG_IN, { input: { email, password: tried } }));
    }
    expect(refusals[0]?.code).toBe('INVALID_CREDENTIALS');
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
  });

  test('a token is valid until its announced end, and then on no server', async () => {
    const own = await TestApp.start({ config: { tokenTtlMs: 60_000 } });
    onTestFinished(() => own.close());
    const { signUp: user } = await own.ok(SIGN_UP, { input: { email: 'a@example.com', password } });
    expect(user.expiresAt).toBe(new Date(own.clock.now().getTime() + 60_000).toISOString());
    own.clock.advance(59_999);
    expect((await own.ok(ME, {}, user)).me.id).toBe(user.user.id);
    own.clock.advance(1);
    expect((await own.refused(ME, {}, user)).code).toBe('UNAUTHENTICATED');
  });

  test('a log-out ends every token of the user on every server, and no other user’s; a new token is valid at once', async () => {
    const other = await TestApp.start({ sharing: app });
    onTestFinished(() => other.close({ keepData: true }));
    const input = { email: 'out@example.com', password };
    const tokens = [
      await signUp(input.email),
      (await app.ok(LOG_IN, { input })).logIn,
      (await other.ok(LOG_IN, { input })).logIn,
    ];
    const somebodyElse = await app.user();
    // Both servers have cached all of them by now.
    for (const server of [app, other])
      for (const user of [...tokens, somebodyElse]) await server.ok(ME, {}, user);

    const socket = await RawSocket.open(other.url);
    await socket.init({ authorization: `Bearer ${tokens[0]?.token}` });
    await app.ok(LOG_OUT_EVERYWHERE, {}, tokens[1]);
    for (const user of tokens) expect((await app.refused(ME, {}, user)).code).toBe('UNAUTHENTICATED');
    // The other server has received the log-out once it closes the user's socket there.
    await socket.closed;
    for (const user of tokens) expect((await other.refused(ME, {}, user)).code).toBe('UNAUTHENTICATED');
    for (const server of [app, other]) {
      expect((await server.ok(ME, {}, somebodyElse)).me.id).toBe(somebodyElse.id);
      const { logIn } = await server.ok(LOG_IN, { input });
      for (const each of [app, other]) expect((await each.ok(ME, {}, logIn)).me.id).toBe(logIn.user.id);
    }
  });
});

describe('a token’s user', () => {
  /** Users in memory that count how often they are read, and can block a read. */
  class CountedUsers implements Users {
    reads = 0;
    hold: Promise<void> | undefined;
    readonly #users = new Map<string, User>();

    async insert(user: User): Promise<boolean> {
      this.#users.set(user.id, user);
      return true;
    }

    async findByEmail([email]: readonly string[]): Promise<User | null> {
      const user = [...this.#users.values()].find((each) => each.email === email) ?? null;
      await this.hold;
      return user;
    }

    async replacePasswordHash(): Promise<void> {}

    async setPassword(): Promise<User | null> {
      return null;
    }

    async find(id: string): Promise<User | null> {
      this.reads += 1;
      const user = this.#users.get(id) ?? null;
      await this.hold;
      return user;
    }

    async endTokens(id: string, tokensValidFrom: Date): Promise<User | null> {
      const user = this.#users.get(id);
      if (user === undefined) return null;
      this.#users.set(id, { ...user, tokensValidFrom });
      return user;
    }
  }

  const password = 'a long password';

  async function make({ receivesLogOuts = true } = {}) {
    const clock = new ManualClock();
    const users = new CountedUsers();
    const tokens = new Tokens('a secret of the tests, thirty-two bytes', 3_600_000, clock);
    const stream = { receivesLogOuts };
    const isReceiving = () => stream.receivesLogOuts;
    // These tests start no guests.
    const accounts = new Accounts({
      users,
      tokens,
      clock,
      receivesLogOuts: isReceiving,
    } as unknown as AccountsOptions);
    const tokensValidFrom = clock.now();
    const passwordHash = await hash(password);
    await users.insert({ id: 'ann', email: 'ann@example.com', passwordHash, tokensValidFrom });
    const { token } = await tokens.issue('ann', tokensValidFrom);
    return { accounts, users, token, stream, clock };
  }

  test('is read once and cached', async () => {
    const { accounts, users, token } = await make();
    for (let calls = 0; calls < 3; calls++) expect((await accounts.authenticate(token)).userId).toBe('ann');
    expect(users.reads).toBe(1);
  });

  test('is read every time while log-outs of other servers are not received', async () => {
    const { accounts, users, token, stream } = await make();
    await accounts.authenticate(token);
    stream.receivesLogOuts = false;
    await users.endTokens('ann', new Date(8.64e15));
    await expect(accounts.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('is read again after a log-out, and after one may have been missed', async () => {
    for (const method of ['userChanged', 'clearCache'] as const) {
      const { accounts, users, token } = await make();
      await accounts.authenticate(token);
      await users.endTokens('ann', new Date(8.64e15));
      accounts[method]('ann');
      await expect(accounts.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  test('is not cached if a log-out was committed during the read', async () => {
    const { accounts, users, token } = await make();
    let release = () => {};
    users.hold = new Promise((resolve) => {
      release = resolve;
    });
    const before = accounts.authenticate(token);
    // The token is verified first; the read is in progress once it is counted.
    while (users.reads === 0) await new Promise((resolve) => setImmediate(resolve));
    users.hold = undefined;
    await accounts.logOutEverywhere('ann');
    release();
    await before;
    await expect(accounts.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('who logs out everywhere ends a log-in that is in progress, too', async () => {
    const { accounts, users, clock } = await make();
    let release = () => {};
    users.hold = new Promise((resolve) => {
      release = resolve;
    });
    const logIn = accounts.logIn({ email: 'ann@example.com', password }, null);
    clock.advance(1_000);
    await accounts.logOutEverywhere('ann');
    clock.advance(1_000);
    users.hold = undefined;
    release();
    await expect(accounts.authenticate((await logIn).token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    const { token } = await accounts.logIn({ email: 'ann@example.com', password }, null);
    expect((await accounts.authenticate(token)).userId).toBe('ann');
  });

  test("listeners are notified whose tokens have ended, or that any user's may have", async () => {
    const { accounts } = await make();
    const notified: (string | null)[] = [];
    accounts.onTokensEnded((userId) => notified.push(userId));
    await accounts.logOutEverywhere('ann');
    accounts.userChanged('bob');
    accounts.clearCache();
    expect(notified).toEqual(['ann', 'bob', null]);
  });
});
