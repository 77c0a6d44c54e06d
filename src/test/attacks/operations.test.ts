import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, type GraphQLAnswer, TestApp, type TestUser } from '../support/test-app.js';
import { attempt, bearer, TRANSPORTS, type Transport } from '../support/transports.js';
import { outcomeOf } from './caller.js';

/** Operations that cost more than they seem to, over both transports: refused before they are executed. */

let app: App;
let user: TestUser;
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start();
  user = await app.user();
  eventId = await app.event(user);
});
afterAll(() => app.close());

const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');
const nest = (count: number, open: string, inner: string, close = '}') =>
  open.repeat(count) + inner + close.repeat(count);
/** Deeper than any answer can be, in as little text as possible. */
const DEEP = nest(10_000, '{"a":', '1');

const LOCKS = 'mutation ($input: LockSeatsInput!) { lockSeats(input: $input) { id } }';
const DEPTH_BY_EVENT = nest(40, 'event { bookings { nodes { ', 'id', ' } } }');

interface Attack {
  readonly query: string;
  readonly variables?: () => unknown;
  /** The code of the refusal. */
  readonly code: string;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'depth: forty bookings of forty events': {
    query: `{ me { bookings { nodes { ${DEPTH_BY_EVENT} } } } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'depth: fragments in each other, as many as there may be': {
    query: `{ ${nest(160, '... { ', '__typename', ' }')} ${nest(160, '... { ', 'x', ' }')} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'breadth: a thousand aliases': {
    query: `{ ${repeat(1_000, (index) => `a${index}:me{id}`)} }`,
    code: 'BAD_USER_INPUT',
  },
  'breadth: a thousand aliases with short names': {
    query: `{ ${repeat(1_000, () => 'a:__typename').slice(0, 8_000)} }`,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  'aliases: whole seat maps, one beside the other': {
    query: `query ($id: ID!) { ${repeat(50, (index) => `a${index}: event(id: $id) { seatMap { takenSeats { seatNumber status } } }`)} }`,
    variables: () => ({ id: eventId }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'aliases: the taken seats of one map, eighty times': {
    query: `query ($id: ID!) { event(id: $id) { seatMap { ${repeat(80, (index) => `a${index}: takenSeats { seatNumber }`)} } } }`,
    variables: () => ({ id: eventId }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'aliases: the letters of one map, more often than a page has maps': {
    query: `query ($id: ID!) { event(id: $id) { seatMap { ${repeat(101, (index) => `a${index}: statuses`)} } } }`,
    variables: () => ({ id: eventId }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'lists without pages: the taken seats of a hundred events': {
    query: '{ events(first: 100) { nodes { seatMap { takenSeats { seatNumber status lockedUntil } } } } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'pages of whole maps, as large as a variable says, beside each other': {
    query: `query ($first: Int) { ${repeat(5, (index) => `a${index}: events(first: $first) { nodes { seatMap { statuses } } edges { node { seatMap { statuses } } } }`)} }`,
    variables: () => ({ first: 100 }),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'passwords: five log-ins in one': {
    query: `mutation { ${repeat(6, (index) => `a${index}: logIn(input: { email: "a@example.com", password: "guess ${index}" }) { token }`)} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'nested connections': {
    query:
      '{ me { bookings(first: 100) { nodes { event { bookings(first: 100) { nodes { payment { amount } event { name } } } } } } } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'directives that there are not, by the hundred': {
    query: `{ __typename ${repeat(450, () => '@no')} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'one directive again and again': {
    query: `{ __typename ${repeat(120, () => '@skip(if: false)')} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'fragments that spread themselves': {
    query:
      '{ ...A } fragment A on Query { me { id } ...B } fragment B on Query { ...C } fragment C on Query { ...A }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'fragments that double at each step': {
    query: `{ me { ...F0 } } ${repeat(30, (index) => `fragment F${index} on User { a${index}: bookings(first: 100) { nodes { id } } ...F${index + 1} ...F${index + 1} }`)} fragment F30 on User { id }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'fields in conflict, each with each': {
    query: `{ ${repeat(80, (index) => `a:event(id:"${index}"){name}`)} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'the schema, type of type of type': {
    query: `{ __schema { types { ${nest(6, 'fields { type { ', 'name', ' } }')} } } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'the schema, under many names': {
    query: `{ ${repeat(30, (index) => `a${index}: __schema { types { fields { name } } }`)} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a list of ten thousand': {
    query: LOCKS,
    variables: () => ({
      input: { eventId, seatNumbers: Array.from({ length: 10_000 }, (_, index) => index) },
    }),
    code: 'BAD_USER_INPUT',
  },
  'a string of fifty thousand characters': {
    query: 'query ($id: ID!) { seatLock(id: $id) { id } }',
    variables: () => ({ id: 'x'.repeat(50_000) }),
    code: 'LOCK_NOT_FOUND',
  },
  'a number of a thousand digits': {
    query: `mutation { lockSeat(input: { eventId: "x", seatNumber: ${'9'.repeat(1_000)} }) { id } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
};

describe.each(TRANSPORTS)('over %s', (transport) => {
  test.each(Object.entries(ATTACKS))('%s', async (_name, { query, variables, code }) => {
    const answer = await attempt(app, transport, {
      query,
      variables: variables?.(),
      authorization: bearer(user),
    });
    const codes = new Set((answer.errors ?? []).map(({ extensions }) => extensions.code));
    expect([...codes]).toEqual([code]);
    for (const field of Object.values(answer.data ?? {})) expect(field).toBeNull();
    // The answer is short: neither an endless error message nor the client's own text.
    expect(JSON.stringify(answer).length).toBeLessThan(64 * 1024);
    expect(JSON.stringify(answer)).not.toMatch(/node_modules|\.[jt]s:\d| {4}at /);
  });

  test('a list of ten thousand wrong values is answered with a few of them', async () => {
    const seatNumbers = Array.from({ length: 10_000 }, () => 'x');
    const variables = { input: { eventId, seatNumbers } };
    const answer = await attempt(app, transport, { query: LOCKS, variables, authorization: bearer(user) });
    expect(answer.errors?.length).toBeLessThanOrEqual(51);
    expect(JSON.stringify(answer).length).toBeLessThan(64 * 1024);
  });

  test.each([
    ['in place of an input', LOCKS, `{"input":${DEEP}}`, 'BAD_USER_INPUT'],
    ['in place of a text', 'query ($id: ID!) { event(id: $id) { id } }', `{"id":${DEEP}}`, 'BAD_USER_INPUT'],
    ['that nobody asked for', '{ __typename }', `{"deep":${DEEP}}`, 'done'],
  ])('an object ten thousand deep %s', async (_where, query, variables, outcome) => {
    expect(await outcomeOfText(transport, query, variables)).toBe(outcome);
  });

  test('no header, parameter or extension reveals internals', async () => {
    const response = await fetch(`${app.url}/graphql?debug=1&trace=1`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-apollo-tracing': '1',
        'apollo-federation-include-trace': 'ftv1',
        'x-debug': '1',
      },
      body: JSON.stringify({ query: '{ nothing }', extensions: { tracing: true }, debug: true }),
    });
    const answer = (await response.json()) as { errors: object[]; extensions?: unknown };
    expect(answer.extensions).toBeUndefined();
    expect(JSON.stringify(answer)).not.toMatch(/stacktrace|node_modules|tracing|ftv1/);
  });
});

test.each([
  ['that nobody asked for', '', `{"eventId":"EVENT","deep":${DEEP}}`],
  ['where a yes or no belongs', ', $deep: Boolean!', `{"eventId":"EVENT","deep":${DEEP}}`],
])('a watcher who sends an object ten thousand deep %s harms nobody', async (_where, declared, variables) => {
  const query = `subscription ($eventId: ID!${declared}) { seatAvailabilityChanged(eventId: $eventId) { version ${declared && 'kind @include(if: $deep)'} } }`;
  const socket = await RawSocket.open(app.url);
  await socket.init();
  socket.send(subscribeText('deep', query, variables.replace('EVENT', eventId)));
  const deep = await socket.answerTo('deep');
  expect(JSON.stringify(deep)).toMatch(declared === '' ? /"version":/ : /BAD_USER_INPUT/);
  socket.subscribe(
    'next',
    'subscription ($eventId: ID!) { seatAvailabilityChanged(eventId: $eventId) { version } }',
    { eventId },
  );
  expect(await socket.answerTo('next')).toMatchObject({ data: { seatAvailabilityChanged: { version: 0 } } });
});

test('many operations in one request or message are refused as a whole', async () => {
  const one = { query: '{ __typename }' };
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([one, one]),
  });
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  const socket = await RawSocket.open(app.url);
  await socket.init();
  socket.send([{ id: '1', type: 'subscribe', payload: one }]);
  expect((await socket.closed).code).toBe(4400);
});

describe('what a page of another origin can make a browser send', () => {
  const QUERY = 'mutation { logOutEverywhere { id } }';
  const send = (path: string, init: RequestInit) =>
    fetch(`${app.url}/graphql${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${user.token}`, origin: 'https://evil.example' },
    });

  test.each<[string, string, RequestInit]>([
    ['a form', '', { method: 'POST', body: new URLSearchParams({ query: QUERY }) }],
    [
      'a form with a file',
      '',
      { method: 'POST', body: formOf({ operations: JSON.stringify({ query: QUERY }) }) },
    ],
    [
      'plain text',
      '',
      { method: 'POST', body: JSON.stringify({ query: QUERY }), headers: { 'content-type': 'text/plain' } },
    ],
    [
      'text that says of itself that it is JSON',
      '',
      {
        method: 'POST',
        body: JSON.stringify({ query: QUERY }),
        headers: { 'content-type': 'text/plain; a=application/json' },
      },
    ],
    ['no type at all', '', { method: 'POST', body: new Blob([JSON.stringify({ query: QUERY })]) }],
    ['an address', `?query=${encodeURIComponent(QUERY)}`, {}],
    [
      'an address with a header',
      `?query=${encodeURIComponent(QUERY)}`,
      { headers: { 'apollo-require-preflight': '1' } },
    ],
    ['an address with a query', `?query=${encodeURIComponent('{ me { id } }')}`, {}],
    [
      'another method',
      '',
      {
        method: 'PUT',
        body: JSON.stringify({ query: QUERY }),
        headers: { 'content-type': 'application/json' },
      },
    ],
  ])('%s does nothing', async (_what, path, init) => {
    const response = await send(path, init);
    const text = await response.text();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain(user.id);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect((await app.call('{ me { id } }', {}, user)).data).toEqual({ me: { id: user.id } });
  });
});

describe('with PLAYGROUND=off', () => {
  let closed: App;
  beforeAll(async () => {
    closed = await TestApp.start({ config: { playground: false, suggestNames: false } });
  });
  afterAll(() => closed.close());

  const MISSPELT: readonly (readonly [string, unknown?])[] = [
    ['{ evnts { nodes { id } } }'],
    ['{ events(frist: 1) { nodes { id } } }'],
    ['{ events { nodes { ... on Evnt { id } } } }'],
    ['{ events { nodes { nmae } } }'],
    ['query ($x: Evnt) { __typename }'],
    [
      'mutation { simulatePayment(input: { lockIds: [], amount: 1, currency: "USD", cardStatus: SUCCES }) { paymentId } }',
    ],
    [
      'mutation ($input: LockSeatInput!) { lockSeat(input: $input) { id } }',
      { input: { eventId: 'x', seatNumbr: 1 } },
    ],
    ['{ __typename @skp(if: true) }'],
  ];

  test.each(TRANSPORTS)('over %s no error suggests the right name for a misspelt one', async (transport) => {
    for (const [query, variables] of MISSPELT) {
      const open = await attempt(app, transport, { query, variables });
      const shut = await attempt(closed, transport, { query, variables });
      expect(shut.errors?.length).toBe(open.errors?.length);
      expect(shut.errors?.map(({ extensions }) => extensions)).toEqual(
        open.errors?.map(({ extensions }) => extensions),
      );
      expect(JSON.stringify(shut)).not.toMatch(/Did you mean/i);
    }
    const all = await Promise.all(
      MISSPELT.map(([query, variables]) => attempt(app, transport, { query, variables })),
    );
    expect(JSON.stringify(all).match(/Did you mean/g)?.length).toBeGreaterThan(4);
  });

  test.each(TRANSPORTS)('over %s the schema cannot be read', async (transport) => {
    for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "Event") { name } }']) {
      expect((await attempt(app, transport, { query })).data).toBeDefined();
      const { data, errors } = await attempt(closed, transport, { query });
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
    expect((await attempt(closed, transport, { query: '{ __typename }' })).data).toEqual({
      __typename: 'Query',
    });
  });
});

const subscribeText = (id: string, query: string, variables: string) =>
  `{"id":${JSON.stringify(id)},"type":"subscribe","payload":{"query":${JSON.stringify(query)},"variables":${variables}}}`;

/** For variables that are too deep for JSON.stringify. */
async function outcomeOfText(transport: Transport, query: string, variables: string): Promise<string> {
  if (transport === 'HTTP') {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
      body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
    });
    expect(response.status).toBeLessThan(500);
    return outcomeOf((await response.json()) as GraphQLAnswer<unknown>);
  }
  const socket = await RawSocket.open(app.url);
  await socket.init({ authorization: `Bearer ${user.token}` });
  socket.send(subscribeText('1', query, variables));
  return outcomeOf((await socket.answerTo('1')) as GraphQLAnswer<unknown>);
}

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
