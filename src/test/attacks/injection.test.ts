import { connect } from 'node:net';
import { getNamedType, isInputObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { useLoggedApp } from '../support/logged-app.js';
import { LOG_IN, ME, SIGN_UP } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { inputPlaces, poisoned, soundInput } from '../support/schema-inputs.js';
import { attempt, bearer, TRANSPORTS } from '../support/transports.js';

/** Values with a meaning to a later stage: the database, JavaScript itself, HTTP, the log. */

const server = useLoggedApp();

const OPERATORS: readonly unknown[] = [
  { $gt: '' },
  { $ne: null },
  { $where: 'sleep(1000)' },
  { toString: 'x' },
  [{ $gt: '' }],
];

describe.each(TRANSPORTS)('over %s', (transport) => {
  test.each(OPERATORS.map((operator) => [operator]))(
    '%j is refused wherever the schema has a text',
    async (operator) => {
      let tried = 0;
      for (const { query, type, kind } of await inputPlaces()) {
        if (kind === 'subscription' && transport === 'HTTP') continue;
        for (const { value } of poisoned(type, operator)) {
          tried += 1;
          const answer = await attempt(server.app, transport, {
            query,
            variables: { value },
            authorization: bearer(server.user),
          });
          const codes = answer.errors?.map(({ extensions }) => extensions.code);
          expect([query, value, codes]).toEqual([query, value, ['BAD_USER_INPUT']]);
        }
      }
      expect(tried).toBeGreaterThan(25);
    },
  );

  test('a text with operators is compared as text', async () => {
    const input = { email: '{"$gt":""}', password: '{"$gt":""}' };
    const answer = await attempt(server.app, transport, { query: LOG_IN as never, variables: { input } });
    expect(answer.errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
  });

  test('fields that no client may set are refused in every input', async () => {
    const extra = {
      id: 'x',
      _id: 'x',
      userId: 'x',
      organizerId: 'x',
      status: 'CONFIRMED',
      isAdmin: true,
      role: 'admin',
      tokensValidFrom: '2000-01-01T00:00:00Z',
      passwordHash: 'x',
      expiresAt: '2099-01-01T00:00:00Z',
      bookedSeats: 0,
      availableSeats: 1,
      version: 7,
      turn: 1,
      refundedAmount: 1,
      paymentStatus: 'COMPLETED',
      createdAt: '2000-01-01T00:00:00Z',
    };
    let inputs = 0;
    for (const { query, type } of await inputPlaces()) {
      const named = getNamedType(type);
      if (!isInputObjectType(named)) continue;
      inputs += 1;
      for (const [name, value] of Object.entries(extra)) {
        if (name in named.getFields()) continue;
        const variables = { value: { ...soundInput(named), [name]: value } };
        const answer = await attempt(server.app, transport, {
          query,
          variables,
          authorization: bearer(server.user),
        });
        expect([query, name, answer.errors?.[0]?.extensions]).toEqual([
          query,
          name,
          { code: 'BAD_USER_INPUT', details: { field: expect.stringContaining(name) } },
        ]);
      }
    }
    expect(inputs).toBeGreaterThan(7);
  });
});

describe('prototype pollution', () => {
  const POLLUTION = [
    '{"query":"{ __typename }","__proto__":{"polluted":true}}',
    '{"query":"{ __typename }","constructor":{"prototype":{"polluted":true}}}',
    '{"query":"{ __typename }","variables":{"__proto__":{"polluted":true}}}',
    '{"query":"mutation ($input: CredentialsInput!) { logIn(input: $input) { token } }","variables":{"input":{"email":"a","password":"b","__proto__":{"polluted":true}}}}',
    '{"query":"{ __typename }","extensions":{"__proto__":{"polluted":true}}}',
  ];

  test.each(POLLUTION)('has no effect over HTTP: %s', async (body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.app.url}/graphql`, { method: 'POST', headers, body });
    expect(response.status).toBeLessThan(500);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await server.app.ok(ME, {}, server.user)).me.id).toBe(server.user.id);
  });

  test.each(POLLUTION)('has no effect over WebSocket: %s', async (payload) => {
    const socket = await RawSocket.open(server.app.url);
    socket.send(
      '{"type":"connection_init","payload":{"__proto__":{"polluted":true,"authorization":"Bearer x"}}}',
    );
    await socket.next();
    socket.send(`{"id":"__proto__","type":"subscribe","payload":${payload}}`);
    const answer = await socket.next();
    if (answer !== undefined) expect(JSON.stringify(answer)).not.toContain('INTERNAL_SERVER_ERROR');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])(
    'an operation may be called %s by its client',
    async (id) => {
      const socket = await RawSocket.open(server.app.url);
      await socket.init();
      socket.subscribe(id, '{ __typename }');
      const answer = await Promise.race([socket.answerTo(id), socket.closed]);
      expect(JSON.stringify(answer)).not.toMatch(/INTERNAL|4500/);
      // Whatever the answer was, other clients are not affected.
      const other = await RawSocket.open(server.app.url);
      await other.init();
      other.subscribe('1', '{ __typename }');
      expect(await other.answerTo('1')).toEqual({ data: { __typename: 'Query' } });
    },
  );
});

describe('headers', () => {
  /** The raw answer to a request that no client library would send. */
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(server.app.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  const post = (body: string, headers = '') =>
    raw(
      `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );

  test('no text of a client becomes a header of the answer', async () => {
    const injected = 'a\r\nset-cookie: evil=1';
    const body = JSON.stringify({ query: `query ${'x'.repeat(10)} { a }`, operationName: injected });
    for (const headers of [
      '',
      'x-request-id: evil\r\n',
      'origin: https://evil.example\r\n',
      'x-forwarded-host: evil\r\n',
    ]) {
      const answer = await post(body, headers);
      const head = answer.split('\r\n\r\n')[0] ?? '';
      expect(head).toMatch(/^HTTP\/1\.1 /);
      expect(head.toLowerCase()).not.toMatch(/set-cookie|evil/);
    }
    const session = await fetch(`${server.app.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: `${server.user.token}; Domain=evil.example\r\nx: y` }),
    });
    expect([session.status, session.headers.get('set-cookie')]).toEqual([401, null]);
  });

  test.each([
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 40\r\n\r\nabcd',
    ],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /',
    ],
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['a header without end', `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}`],
  ])('%s is no request', async (_what, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('a bearer token with a control character is invalid', async () => {
    const answer = await post('{"query":"{ __typename }"}', 'authorization: Bearer a\tb\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('the log', () => {
  const NEW_LINE = '\n{"level":60,"msg":"all is lost"}\r\n\u2028\u001b[31m';

  test('has one line per message: a client’s text cannot start another line', async () => {
    const before = server.lines.length;
    const broken = Object.assign(() => Promise.reject(new Error(`an error with ${NEW_LINE}`)), {});
    const { users } = server.app.database;
    const original = users.find;
    Object.assign(users, { find: () => ({ lean: () => ({ exec: broken }) }) });
    const input = { email: `ann${NEW_LINE}@example.com`, password: NEW_LINE };
    const answer = await server.app.refused(LOG_IN, { input });
    Object.assign(users, { find: original });
    expect(answer.code).toBe('INTERNAL_SERVER_ERROR');
    const written = server.lines.slice(before);
    expect(written.map(({ level }) => level)).not.toContain(60);
    const ofCall = written.filter(({ correlationId }) => correlationId === answer.details.correlationId);
    expect(ofCall.filter(({ err }) => err !== undefined)).toHaveLength(1);
  });

  test('holds no password, no token and no cookie, in any successful or failed call', async () => {
    const secrets = ['a very secret password', server.user.token, 'forged.token.of-somebody'];
    const [password, token, forged] = secrets as [string, string, string];
    const input = { email: 'secret@example.com', password };
    const { signUp } = await server.app.ok(SIGN_UP, { input });
    await server.app.call(LOG_IN, { input });
    await server.app.call(LOG_IN, { input: { ...input, password: `${password}!` } });
    await server.app.call(ME, {}, { token });
    await server.app.call(ME, {}, { token: forged });
    await server.app.call(`query Me { me(token: "${token}") { id } }`);
    await fetch(`${server.app.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `seat_booking_session=${token}` },
      body: JSON.stringify({ token }),
    });
    await fetch(`${server.app.url}/graphql?token=${token}`, {
      headers: { cookie: `seat_booking_session=${token}` },
    });
    const socket = await RawSocket.open(server.app.url, {
      headers: { cookie: `seat_booking_session=${token}` },
    });
    await socket.init({ authorization: `Bearer ${token}` });
    socket.send(`nonsense with ${token}`);
    await socket.closed;
    const text = JSON.stringify(server.lines);
    for (const secret of [...secrets, signUp.token]) expect(text).not.toContain(secret);
  });
});
