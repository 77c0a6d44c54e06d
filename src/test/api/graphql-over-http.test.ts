import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp as App, TestApp } from '../support/test-app.js';

/** GraphQL over HTTP as specified: the audits of graphql-http, and cases they leave open. */

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const AUDITS = serverAudits({ url: () => `${app.url}/graphql` }).map(
  (audit) => [audit.id, audit.name, audit] as const,
);

/** GET requests that any page's link or form could send: optional in the specification, and refused here. */
const FORGEABLE = new Set(['5A70', 'D6D5', '6A70']);

describe('the audits of graphql-http', () => {
  test('are complete', () => {
    expect(AUDITS).toHaveLength(61);
    expect(AUDITS.filter(([id]) => FORGEABLE.has(id))).toHaveLength(FORGEABLE.size);
  });

  test.each(AUDITS.filter(([id]) => !FORGEABLE.has(id)))('%s: %s', async (_id, _name, audit) => {
    const result = await audit.fn();
    if (result.status !== 'ok') {
      expect.fail(`${result.status}: ${result.reason}: ${await result.response.text()}`);
    }
  });

  test.each(AUDITS.filter(([id]) => FORGEABLE.has(id)))(
    '%s: %s: refused, since another site could send it',
    async (_id, _name, audit) => {
      const result = await audit.fn();
      if (result.status !== 'notice') expect.fail(`The audit says "${result.status}".`);
      const { status } = result.response;
      expect(status).toBe(400);
      expect(await result.response.text()).toContain('Cross-Site Request Forgery');
    },
  );
});

describe('the status of an answer', () => {
  const JSON_ONLY = 'application/json';
  const GRAPHQL = 'application/graphql-response+json';

  async function statusOf(accept: string, body: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headers },
      body: JSON.stringify(body),
    });
    const { errors } = (await response.json()) as { errors?: unknown[] };
    return { status: response.status, hasErrors: errors !== undefined };
  }

  test.each([
    ['an operation that does not parse', { query: '{' }],
    ['an operation that the schema has not', { query: '{ me { nickname } }' }],
    [
      'an operation that is too expensive',
      {
        query:
          '{ events(first: 100) { nodes { seatMap { version } availability { totalSeats } bookings { nodes { id event { name } } } } } me { events(first: 100) { nodes { bookings(first: 100) { nodes { id } } } } } }',
      },
    ],
    [
      'a variable that does not fit',
      { query: 'query ($id: ID!) { event(id: $id) { id } }', variables: { id: [] } },
    ],
    ['an operation that the document has not', { query: '{ me { id } }', operationName: 'other' }],
    ['a subscription', { query: 'subscription { seatAvailabilityChanged(eventId: "x") { version } }' }],
  ])(
    'of a well-formed request with %s is 400 only in the media type of GraphQL answers',
    async (_what, body) => {
      expect(await statusOf(GRAPHQL, body)).toEqual({ status: 400, hasErrors: true });
      for (const accept of [JSON_ONLY, '*/*', `${JSON_ONLY}, ${GRAPHQL};q=0.5`]) {
        expect(await statusOf(accept, body)).toEqual({ status: 200, hasErrors: true });
      }
    },
  );

  test.each([
    ['without an operation', {}],
    ['with variables that are no object', { query: '{ __typename }', variables: [] }],
    ['whose operation is a book', { query: `# ${'x'.repeat(9_000)}\n{ __typename }` }],
  ])('of a request %s is 400 in every media type', async (_what, body) => {
    for (const accept of [JSON_ONLY, GRAPHQL]) {
      expect(await statusOf(accept, body)).toEqual({ status: 400, hasErrors: true });
    }
  });

  test('of a GET without an operation is 400 in every media type', async () => {
    for (const accept of [JSON_ONLY, GRAPHQL]) {
      const headers = { accept, 'apollo-require-preflight': 'yes' };
      expect((await fetch(`${app.url}/graphql`, { headers })).status).toBe(400);
    }
  });

  test('of a request with a bad token is 401 in every media type', async () => {
    for (const accept of [JSON_ONLY, GRAPHQL]) {
      const body = { query: '{ __typename }' };
      const answer = await statusOf(accept, body, { authorization: 'Bearer bad' });
      expect(answer).toEqual({ status: 401, hasErrors: true });
    }
  });
});
