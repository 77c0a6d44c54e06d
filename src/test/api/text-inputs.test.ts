import { isInputObjectType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSchema } from '../../graphql/schema.js';
import { useLoggedApp } from '../support/logged-app.js';
import { CREATE_EVENT, EVENT, LOCK_SEATS } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { inputPlaces, poisoned } from '../support/schema-inputs.js';
import { attempt, bearer, TRANSPORTS } from '../support/transports.js';

/** Rules for texts from clients, through both transports. Half of a surrogate pair is not text anywhere. */

const HALF = 'half \ud800';

const server = useLoggedApp();

const warnings = () => server.lines.filter(({ level }) => level >= 40);

/** `Query.event(id)` and `CredentialsInput.email`: each argument and input field that accepts text. */
async function textInputs(): Promise<string[]> {
  const names = [];
  for (const type of Object.values((await createSchema([])).getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
      for (const { name, type: of } of field.args) {
        if (poisoned(of, 'x').some(({ input }) => input === ''))
          names.push(`${type.name}.${field.name}(${name})`);
      }
    }
    for (const { name, type: of } of isInputObjectType(type) ? Object.values(type.getFields()) : []) {
      if (poisoned(of, 'x').some(({ input }) => input === '')) names.push(`${type.name}.${name}`);
    }
  }
  return names;
}

test.each(TRANSPORTS)(
  'over %s every text input of the schema is refused with half a surrogate pair, and the error names it',
  async (transport) => {
    const tried = new Set<string>();
    for (const { name, kind, query, type } of await inputPlaces()) {
      for (const { value, field, input } of poisoned(type, HALF)) {
        tried.add(input || name);
        if (kind === 'subscription' && transport === 'HTTP') continue;
        const answer = await attempt(server.app, transport, {
          query,
          variables: { value },
          authorization: bearer(server.user),
        });
        const named = input === '' ? `value${field}` : field;
        expect([query, answer.errors?.map(({ extensions }) => extensions)]).toEqual([
          query,
          [{ code: 'BAD_USER_INPUT', details: { field: named } }],
        ]);
      }
    }
    expect([...tried].sort()).toEqual((await textInputs()).sort());
    expect(tried.size).toBeGreaterThan(20);
    expect(warnings()).toEqual([]);
  },
);

describe.each(TRANSPORTS)('over %s', (transport) => {
  test.each([
    ['an escape', '"\\ud800"'],
    ['an escape with braces', '"\\u{d800}"'],
    ['the half itself', '"\ud800"'],
    ['a block', '"""\ud800"""'],
  ])('a document with half a surrogate pair as %s is no document', async (_, literal) => {
    const query = `{ event(id: ${literal}) { id } }`;
    const { errors } = await attempt(server.app, transport, { query });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(warnings()).toEqual([]);
  });

  test('the name of an operation is refused as well', async () => {
    const { errors } = await attempt(server.app, transport, { query: '{ __typename }', operationName: HALF });
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', details: { field: 'operationName' } });
    expect(warnings()).toEqual([]);
  });

  test('a list that is the variable itself is named with the place in it', async () => {
    const query =
      'mutation ($seats: [Int!]!) { lockSeats(input: {eventId: "x", seatNumbers: $seats}) { id } }';
    const answer = await attempt(server.app, transport, { query, variables: { seats: [1, 'two'] } });
    expect(answer.errors?.[0]?.extensions.details).toEqual({ field: 'seats[1]' });
  });

  test('an event that is refused for its name is not created, with a requestId either', async () => {
    const eventDate = '2027-01-01T20:00:00Z';
    const input = { name: `Gala ${HALF}`, eventDate, totalSeats: 10, requestId: 'gala' };
    for (let calls = 0; calls < 2; calls++) {
      const variables = { input };
      const answer = await attempt(server.app, transport, {
        query: CREATE_EVENT as never,
        variables,
        authorization: bearer(server.user),
      });
      expect(answer.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', details: { field: 'name' } });
    }
    expect(await server.app.database.events.countDocuments({ organizerId: server.user.id })).toBe(0);
  });

  test.each([
    ['name', '\u200b', []],
    ['name', 'Gala\nnight', []],
    ['name', 'Gala\0', []],
    ['name', '\u202eGala', []],
    ['sections[1].name', 'Gala', ['A', '\u2067B']],
    ['sections[1].name', 'Gala', ['Caf\u00e9', 'Cafe\u0301']],
  ])('a bad name is refused at %s: %j with sections %j', async (field, name, sections) => {
    const input = {
      name,
      eventDate: '2027-01-01T20:00:00Z',
      ...(sections.length === 0
        ? { totalSeats: 10 }
        : { sections: sections.map((section) => ({ name: section, rows: 1, seatsPerRow: 1 })) }),
    };
    const answer = await attempt(server.app, transport, {
      query: CREATE_EVENT as never,
      variables: { input },
      authorization: bearer(server.user),
    });
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', details: { field } });
  });
});

test('a token with half a surrogate pair opens neither a socket nor a session', async () => {
  const socket = await RawSocket.open(server.app.url);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${HALF.replace(' ', '')}` } });
  expect((await socket.closed).code).toBe(4403);
  const response = await fetch(`${server.app.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: HALF }),
  });
  expect(response.status).toBe(400);
  expect(JSON.stringify(await response.json())).toContain('"field":"token"');
  expect(warnings()).toEqual([]);
});

test('names are stored and shown in NFC, and a repeated call in the other form is the same call', async () => {
  const eventDate = '2027-01-01T20:00:00Z';
  const inputOf = (form: 'NFC' | 'NFD') => ({
    name: 'Soir\u00e9e 🎟'.normalize(form),
    eventDate,
    requestId: 'soir\u00e9e',
    sections: [{ name: ' Caf\u00e9 '.normalize(form), rows: 1, seatsPerRow: 2 }],
  });
  const first = await server.app.ok(CREATE_EVENT, { input: inputOf('NFD') }, server.user);
  const again = await server.app.ok(CREATE_EVENT, { input: inputOf('NFC') }, server.user);
  expect(again.createEvent.id).toBe(first.createEvent.id);
  const { event } = await server.app.ok(EVENT, { id: first.createEvent.id });
  expect([event?.name, event?.sections[0]?.name]).toEqual(['Soir\u00e9e 🎟', 'Caf\u00e9']);
});

test('an event of an earlier release, whose name is in another form, is found by its requestId', async () => {
  const input = {
    name: 'Sc\u00e8ne',
    eventDate: '2027-01-01T20:00:00Z',
    totalSeats: 3,
    requestId: 'earlier',
  };
  const { createEvent } = await server.app.ok(CREATE_EVENT, { input }, server.user);
  await server.app.database.events.updateOne({ _id: createEvent.id }, { name: input.name.normalize('NFD') });
  for (const form of ['NFC', 'NFD'] as const) {
    const again = await server.app.ok(
      CREATE_EVENT,
      { input: { ...input, name: input.name.normalize(form) } },
      server.user,
    );
    expect(again.createEvent.id).toBe(createEvent.id);
  }
});

test('an unknown id of any text is not found', async () => {
  const input = { eventId: 'שלום 🎟', seatNumbers: [1] };
  expect((await server.app.refused(LOCK_SEATS, { input }, server.user)).code).toBe('EVENT_NOT_FOUND');
});
