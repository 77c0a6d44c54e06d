import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCK_SEAT, LOCK_SEATS, RELEASE_LOCK } from '../support/operations.js';
import { type TestApp as App, dataOf, TestApp, type TestUser } from '../support/test-app.js';

/** Holding seats by wish, over the API. */
let app: App;
let organizer: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  organizer = await app.user();
});
afterAll(() => app.close());

const HOLD_SEATS = `mutation($input: HoldSeatsInput!) {
  holdSeats(input: $input) {
    hold { ...Held }
    locks { seatNumber version place { label price { amount } } }
    wishIndex adjacency
    refusal { code lostSeats offers largestBlock orphanSeats }
  }
}`;
const HELD = `fragment Held on Hold {
  event { id } locks { seatNumber } expiresAt remainingMs total { amount currency }
}`;
const EXTEND_HOLD = `mutation($eventId: ID!) { extendHold(eventId: $eventId) { ...Held } } ${HELD}`;
const RELEASE_HOLD = `mutation($eventId: ID!, $seatNumbers: [Int!]) {
  releaseHold(eventId: $eventId, seatNumbers: $seatNumbers) { ...Held }
} ${HELD}`;
const SECTIONS = '{ event(id: $id) { sections { id largestBlock availability { availableSeats } } } }';

interface Hold {
  readonly locks: readonly { readonly seatNumber: number }[];
  readonly expiresAt: string;
  readonly remainingMs: number;
  readonly total: { readonly amount: number } | null;
}
interface Payload {
  readonly hold: Hold | null;
  readonly locks: readonly {
    readonly seatNumber: number;
    readonly version: number;
    readonly place: object;
  }[];
  readonly wishIndex: number | null;
  readonly adjacency: string | null;
  readonly refusal: Record<string, unknown> | null;
}

const hold = async (user: TestUser, input: object): Promise<Payload> =>
  dataOf(await app.call<{ holdSeats: Payload }, object>(`${HOLD_SEATS} ${HELD}`, { input }, user)).holdSeats;
const refusedHold = (user: TestUser, input: object) => app.refused(`${HOLD_SEATS} ${HELD}`, { input }, user);
const best = (quantity: number, rest: object = {}) => ({ best: { quantity, ...rest } });
const seatsOf = ({ locks }: { locks: readonly { seatNumber: number }[] }) =>
  locks.map(({ seatNumber }) => seatNumber);

/** Ten seats in two rows, then four places to stand. */
const HALL = {
  sections: [
    {
      name: 'Stalls',
      price: { amount: 5_000, currency: 'EUR' },
      rowList: [
        { label: 'A', seats: 5 },
        {
          label: 'B',
          seats: 5,
          features: [
            { seat: 1, feature: 'WHEELCHAIR' },
            { seat: 2, feature: 'COMPANION' },
          ],
        },
      ],
    },
    { name: 'Floor', kind: 'STANDING', capacity: 4, price: { amount: 2_000, currency: 'EUR' } },
  ],
};

describe('a wish for the best seats', () => {
  test('is served with neighbours, their places and the sum', async () => {
    const eventId = await app.event(organizer, HALL);
    const ann = await app.user();
    const answer = await hold(ann, { eventId, wishes: [best(2)] });
    expect(answer).toMatchObject({ wishIndex: 0, adjacency: 'TOGETHER', refusal: null });
    const [first, second] = seatsOf(answer);
    expect(second).toBe((first as number) + 1);
    expect(answer.locks[0]).toMatchObject({
      version: 1,
      place: { label: expect.stringMatching(/^Stalls, row [AB], seat [1-5]$/), price: { amount: 5_000 } },
    });
    expect(answer.hold).toMatchObject({ total: { amount: 10_000, currency: 'EUR' }, remainingMs: 300_000 });
  });

  test('is served within the sections and the price that it names', async () => {
    const eventId = await app.event(organizer, HALL);
    const ann = await app.user();
    const cheap = await hold(ann, { eventId, wishes: [best(2, { priceMax: 2_000 })] });
    expect(seatsOf(cheap)).toEqual([11, 12]);
    const { event } = dataOf(
      await app.call<{ event: { sections: { id: string; largestBlock: number }[] } }, object>(
        `query($id: ID!) ${SECTIONS}`,
        { id: eventId },
      ),
    );
    expect(event.sections).toMatchObject([
      { largestBlock: 5, availability: { availableSeats: 10 } },
      { largestBlock: 2, availability: { availableSeats: 2 } },
    ]);
    const floor = event.sections[1]?.id;
    const more = await hold(ann, { eventId, wishes: [best(3, { sectionIds: [floor] })] });
    expect(more).toMatchObject({ locks: [], refusal: { code: 'SOLD_OUT', largestBlock: 2 } });
    expect(more.hold?.locks).toHaveLength(2);
  });

  test('that cannot be had together is refused with what could be had, or served by the next wish', async () => {
    const eventId = await app.event(organizer, HALL);
    const [ann, ben] = await app.users(2);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [3, 8, 11, 12, 13, 14] } }, ann);
    const refused = await hold(ben as TestUser, { eventId, wishes: [best(3)] });
    expect(refused).toMatchObject({
      hold: null,
      locks: [],
      wishIndex: null,
      refusal: { code: 'NOT_TOGETHER', largestBlock: 2, offers: [], lostSeats: [], orphanSeats: [] },
    });
    const served = await hold(ben as TestUser, {
      eventId,
      wishes: [best(3), best(3, { adjacency: 'SAME_ROW' })],
    });
    expect(served).toMatchObject({ wishIndex: 1, adjacency: 'SAME_ROW', refusal: null });
    expect(seatsOf(served)).toHaveLength(3);
  });

  test('may take seats whose locks have expired, before any job has recorded that', async () => {
    const eventId = await app.event(organizer, { totalSeats: 4 });
    const [ann, ben] = await app.users(2);
    await hold(ann as TestUser, { eventId, wishes: [best(4)] });
    app.clock.advance(300_000);
    const answer = await hold(ben as TestUser, { eventId, wishes: [best(4)] });
    expect(seatsOf(answer)).toEqual([1, 2, 3, 4]);
    const live = await app.database.locks.countDocuments({ eventId, status: 'active' });
    expect(live).toBe(4);
  });

  test('is counted as one map by everybody who watches', async () => {
    const eventId = await app.event(organizer, { totalSeats: 4 });
    const watcher = app.watch(eventId);
    await watcher.next();
    const answer = await hold(await app.user(), { eventId, wishes: [best(2)] });
    const { seatAvailabilityChanged: seen } = await watcher.next();
    expect(seen.version).toBe(answer.locks[0]?.version);
    expect(seen.seats?.map(({ seatNumber }) => seatNumber).sort()).toEqual(seatsOf(answer));
  });
});

describe('a wish for named seats', () => {
  test('is refused with the seats that were lost and with others nearby', async () => {
    const eventId = await app.event(organizer, { totalSeats: 20 });
    const [ann, ben] = await app.users(2);
    await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, ann);
    const answer = await hold(ben as TestUser, { eventId, wishes: [{ seatNumbers: [1, 2] }] });
    expect(answer.refusal).toMatchObject({ code: 'SEATS_TAKEN', lostSeats: [2], largestBlock: 18 });
    expect(answer.refusal).toHaveProperty('offers[0]', [3, 4]);
  });

  test('may not leave a single seat, nor take a companion seat alone', async () => {
    const eventId = await app.event(organizer, { ...HALL, orphanRule: 'REFUSE' });
    const ann = await app.user();
    const orphan = await hold(ann, { eventId, wishes: [{ seatNumbers: [2, 3] }] });
    expect(orphan.refusal).toMatchObject({ code: 'LEAVES_ORPHAN', orphanSeats: [1] });
    const companion = await hold(ann, { eventId, wishes: [{ seatNumbers: [7] }] });
    expect(companion.refusal).toMatchObject({ code: 'COMPANION_ONLY' });
    const both = await hold(ann, { eventId, wishes: [{ seatNumbers: [6, 7] }] });
    expect(seatsOf(both)).toEqual([6, 7]);
  });
});

describe('a repeated call', () => {
  test('with the same requestId gives the same seats, and the hold as it is now', async () => {
    const eventId = await app.event(organizer, { totalSeats: 20 });
    const ann = await app.user();
    const input = { eventId, wishes: [best(3), best(1)], requestId: 'r' };
    const first = await hold(ann, input);
    app.clock.advance(60_000);
    await app.ok(RELEASE_LOCK, { lockId: (await locksOf(eventId))[0] as string }, ann);
    const again = await hold(ann, input);
    expect(seatsOf(again)).toEqual(seatsOf(first));
    expect(again).toMatchObject({ wishIndex: 0, adjacency: 'TOGETHER' });
    expect(again.hold?.locks).toHaveLength(2);
    const other = await refusedHold(ann, { ...input, wishes: [best(2)] });
    expect(other.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('of 50 at the same time holds seats once', async () => {
    const eventId = await app.event(organizer, { totalSeats: 100 });
    const ann = await app.user();
    const input = { eventId, wishes: [best(2)], requestId: 'r' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => hold(ann, input)));
    expect(new Set(answers.map((answer) => seatsOf(answer).join())).size).toBe(1);
    expect(await locksOf(eventId)).toHaveLength(2);
  });
});

const locksOf = (eventId: string): Promise<string[]> =>
  app.database.locks.distinct('_id', { eventId, status: 'active' }).exec() as Promise<string[]>;

describe('a hold', () => {
  test('is extended and released as one', async () => {
    const eventId = await app.event(organizer, HALL);
    const ann = await app.user();
    await hold(ann, { eventId, wishes: [best(2)] });
    app.clock.advance(60_000);
    await hold(ann, { eventId, wishes: [best(1, { priceMax: 2_000 })] });
    const extended = await app.call<{ extendHold: Hold }, object>(EXTEND_HOLD, { eventId }, ann);
    expect(dataOf(extended).extendHold).toMatchObject({ remainingMs: 300_000, total: { amount: 12_000 } });
    const released = await app.call<{ releaseHold: Hold | null }, object>(
      RELEASE_HOLD,
      { eventId, seatNumbers: [11, 14] },
      ann,
    );
    expect(dataOf(released).releaseHold?.locks).toHaveLength(2);
    const none = await app.call<{ releaseHold: Hold | null }, object>(RELEASE_HOLD, { eventId }, ann);
    expect(dataOf(none).releaseHold).toBeNull();
    expect(dataOf(await app.call(EXTEND_HOLD, { eventId }, ann))).toEqual({ extendHold: null });
  });

  test('is shown by the event to whom it belongs', async () => {
    const eventId = await app.event(organizer, HALL);
    const [ann, ben] = await app.users(2);
    await hold(ann as TestUser, { eventId, wishes: [best(2)] });
    const QUERY = `query($id: ID!) { event(id: $id) { myHold { ...Held } } } ${HELD}`;
    const seenBy = async (user?: TestUser) =>
      dataOf(await app.call<{ event: { myHold: Hold | null } }, object>(QUERY, { id: eventId }, user)).event
        .myHold;
    expect((await seenBy(ann))?.locks).toHaveLength(2);
    expect([await seenBy(ben), await seenBy()]).toEqual([null, null]);
  });
});

describe('what a hold is refused for', () => {
  test.each<[what: string, input: object, field: string]>([
    ['no wish', { wishes: [] }, 'wishes'],
    ['six wishes', { wishes: Array(6).fill(best(1)) }, 'wishes'],
    ['an empty wish', { wishes: [{}] }, 'wishes[0]'],
    ['both kinds at once', { wishes: [{ seatNumbers: [1], ...best(1) }] }, 'wishes[0]'],
    ['no seat', { wishes: [best(1), { seatNumbers: [] }] }, 'wishes[1].seatNumbers'],
    ['a seat twice', { wishes: [{ seatNumbers: [1, 1] }] }, 'wishes[0].seatNumbers'],
    ['a seat that is not there', { wishes: [{ seatNumbers: [1, 21] }] }, 'wishes[0].seatNumbers[1]'],
    ['a quantity of nothing', { wishes: [best(0)] }, 'wishes[0].best.quantity'],
    [
      'a section of another event',
      { wishes: [best(1, { sectionIds: ['x'] })] },
      'wishes[0].best.sectionIds[0]',
    ],
    ['more wheelchairs than seats', { wishes: [best(1, { wheelchairs: 2 })] }, 'wishes[0].best.wheelchairs'],
    ['a neighbour that is not there', { wishes: [best(1, { nearSeat: 21 })] }, 'wishes[0].best.nearSeat'],
  ])('%s', async (_, input, field) => {
    const eventId = await app.event(organizer, { totalSeats: 20 });
    const refused = await refusedHold(organizer, { eventId, ...input });
    expect([refused.code, refused.details.field]).toEqual(['BAD_USER_INPUT', field]);
    expect(await locksOf(eventId)).toEqual([]);
  });

  test('more seats than one person may have, unless a later wish is for fewer', async () => {
    const eventId = await app.event(organizer, { totalSeats: 20, seatsPerViewerMax: 2 });
    const ann = await app.user();
    const refused = await refusedHold(ann, { eventId, wishes: [best(3)] });
    expect(refused).toMatchObject({ code: 'SEAT_LIMIT_REACHED', details: { limit: 2 } });
    expect(await hold(ann, { eventId, wishes: [best(3), best(2)] })).toMatchObject({ wishIndex: 1 });
  });

  test('an event that is not there, and a caller without a token', async () => {
    const input = { eventId: '0'.repeat(12), wishes: [best(1)] };
    expect((await refusedHold(organizer, input)).code).toBe('EVENT_NOT_FOUND');
    expect((await app.refused(`${HOLD_SEATS} ${HELD}`, { input })).code).toBe('UNAUTHENTICATED');
  });
});
