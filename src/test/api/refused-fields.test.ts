import { isNullableType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSchema } from '../../graphql/schema.js';
import { Scene } from '../support/event-fixture.js';
import { TestApp } from '../support/test-app.js';
import { attempt, TRANSPORTS } from '../support/transports.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

test('every field of Query and Mutation is nullable, so a refused field leaves the others answered', async () => {
  const schema = await createSchema([]);
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    const fields = Object.values(root?.getFields() ?? {});
    expect(fields.length).toBeGreaterThan(5);
    expect(fields.filter(({ type }) => !isNullableType(type)).map(({ name }) => name)).toEqual([]);
  }
});

test.each(TRANSPORTS)(
  'over %s a mutation of three fields answers the two that were not refused, before and after the refused one',
  async (transport) => {
    const scene = await Scene.make(app);
    await scene.lock(2, await app.user());
    const query = `mutation($eventId: ID!) {
      before: lockSeat(input: { eventId: $eventId, seatNumber: 1 }) { seatNumber status }
      refused: lockSeat(input: { eventId: $eventId, seatNumber: 2 }) { seatNumber status }
      behind: lockSeat(input: { eventId: $eventId, seatNumber: 3 }) { seatNumber status }
    }`;
    const { data, errors } = await attempt(app, transport, scene.attempt(query, { eventId: scene.eventId }));
    expect(data).toEqual({
      before: { seatNumber: 1, status: 'ACTIVE' },
      refused: null,
      behind: { seatNumber: 3, status: 'ACTIVE' },
    });
    expect(errors).toMatchObject([{ path: ['refused'], extensions: { code: 'SEAT_UNAVAILABLE' } }]);
    const locks = await app.database.locks.countDocuments({ eventId: scene.eventId, userId: scene.user.id });
    expect(locks).toBe(2);
  },
);

test.each(TRANSPORTS)(
  'over %s a query answers an anonymous field although another one needs a viewer',
  async (transport) => {
    const { eventId } = await Scene.make(app);
    const query = 'query($id: ID!) { me { id } event(id: $id) { id } }';
    const { data, errors } = await attempt(app, transport, { query, variables: { id: eventId } });
    expect(data).toEqual({ me: null, event: { id: eventId } });
    expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'UNAUTHENTICATED' } }]);
  },
);
