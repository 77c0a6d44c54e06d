import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp as App, TestApp } from '../support/test-app.js';
import { attempt, TRANSPORTS } from '../support/transports.js';

/**
 * The checks of graphql-cop, a security auditor of GraphQL servers: what each sends, and what counts as a finding. Its
 * package on PyPI contains no program, so the checks are repeated here.
 */

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

interface Answer {
  readonly data?: {
    readonly [field: string]: unknown;
    readonly __schema?: { readonly types?: readonly unknown[] };
  };
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

async function post(query: string): Promise<Answer> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, operationName: 'cop' }),
  });
  return (await response.json()) as Answer;
}

async function get(query: string): Promise<Answer> {
  return (await (await fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`)).json()) as Answer;
}

const TYPENAME = 'query cop { __typename }';
const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

/** Whether the check has a finding, by name. */
const CHECKS: Readonly<Record<string, () => Promise<boolean>>> = {
  'Alias Overloading': async () => {
    const { data } = await post(`query cop { ${times(101, (index) => `alias${index}:__typename`)} }`);
    return data?.alias100 !== undefined;
  },
  'Array-based Query Batching': async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: TYPENAME }))),
    });
    return Array.isArray(await response.json());
  },
  'Directive Overloading': async () => {
    const { errors = [] } = await post(`query cop { __typename ${times(10, () => '@aa')} }`);
    return errors.length >= 10;
  },
  'Introspection-based Circular Query': async () => {
    const circle = 'fields { type { fields { type { fields { type { fields { type { name } } } } } } } }';
    const { data } = await post(`query cop { __schema { types { ${circle} } } }`);
    return data?.__schema?.types !== undefined;
  },
  'Field Duplication': async () => {
    const { data } = await post(`query cop { ${times(500, () => '__typename')} }`);
    return data?.__typename !== undefined;
  },
  'Mutation is allowed over GET (possible CSRF)': async () =>
    (await get('mutation cop { __typename }')).data?.__typename !== undefined,
  'GET Method Query Support': async () => (await get(TYPENAME)).data?.__typename !== undefined,
  'POST based url-encoded query (possible CSRF)': async () => {
    const body = new URLSearchParams({ query: TYPENAME });
    const response = await fetch(`${app.url}/graphql`, { method: 'POST', body });
    return ((await response.json()) as Answer).data?.__typename !== undefined;
  },
  'Trace Mode': async () => {
    const answer = await post(TYPENAME);
    return /"tracing"/i.test(JSON.stringify(answer));
  },
  'GraphQL IDE': async () => {
    const response = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } });
    return /graphiql|graphql.playground/i.test(await response.text());
  },
  'Unhandled Errors Detection': async () => {
    const answer = await post('qwerty cop { abc }');
    return /"(exception|stacktrace)"/i.test(JSON.stringify(answer));
  },
  'Field Suggestions': async () =>
    /Did you mean/.test(JSON.stringify(await post('query cop { __schema { directive } }'))),
  Introspection: async () =>
    (await post('query cop { __schema { types { name fields { name } } } }')).data?.__schema !== undefined,
};

/** Intended findings: the playground and people who write clients need them. */
const ON_PURPOSE = ['Field Suggestions', 'Introspection'];

describe('graphql-cop', () => {
  test('reaches the server', async () => {
    expect((await post(TYPENAME)).data).toEqual({ __typename: 'Query' });
  });

  test.each(Object.keys(CHECKS).filter((name) => !ON_PURPOSE.includes(name)))('finds no %s', async (name) => {
    expect(await CHECKS[name]?.()).toBe(false);
  });

  test.each(TRANSPORTS)(
    'over %s an operation with a hundred errors is refused with the first five',
    async (transport) => {
      for (const [query, variables] of [
        [`{ __typename ${times(100, () => '@aa')} }`, {}],
        [
          'mutation ($input: LockSeatsInput!) { lockSeats(input: $input) { id } }',
          { input: { eventId: 'x', seatNumbers: Array.from({ length: 40 }, () => 'x') } },
        ],
      ] as const) {
        expect((await attempt(app, transport, { query, variables })).errors).toHaveLength(5);
      }
    },
  );

  test.each(ON_PURPOSE)('finds %s if there is a playground, which needs it', async (name) => {
    expect(await CHECKS[name]?.()).toBe(true);
  });
});
