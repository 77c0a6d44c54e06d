import { describe, expect, test } from 'vitest';
import { codeOf, DAY_MS, EVENT_ID, later, NOW, refusalOf } from '../test/support/booking-fixtures.js';
import { createEvent, type NewEvent, planEvent } from './create-event.js';
import { demoEvents } from './demo-events.js';
import { currencyOf, type Event, hasSeat, isClosed, priceOfSeat, SEATS_PER_EVENT_MAX } from './event.js';
import { EVENT_NAME_CODE_POINTS_MAX } from './event-settings.js';
import type { Events } from './events.js';
import { AMOUNT_MAX, EVENT_AMOUNT_MAX } from './money.js';
import { SECTION_NAME_CODE_POINTS_MAX, SECTIONS_PER_EVENT_MAX } from './seating.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const section = (name: string, rows: number, seatsPerRow: number, price?: NewEvent['price']) => ({
  name,
  rows,
  seatsPerRow,
  price,
});
const input: NewEvent = { name: 'Opening night', eventDate: later(DAY_MS), totalSeats: 100 };
const plan = (change: Partial<NewEvent> = {}) =>
  planEvent(EVENT_ID, 'olga', { ...input, ...change }, NOW).event;
const sections = (...all: ReturnType<typeof section>[]) => ({ totalSeats: null, sections: all });

describe('a new event', () => {
  test('has all of its seats free, its caller as the organizer and version 0', () => {
    expect(plan({ price: usd(900) })).toEqual({
      id: EVENT_ID,
      name: 'Opening night',
      eventDate: later(DAY_MS),
      timeZone: 'UTC',
      totalSeats: 100,
      bookedSeats: 0,
      unbookedSeats: 100,
      heldBackSeats: 0,
      amountPaid: 0,
      version: 0,
      sections: [
        { kind: 'seated', name: 'Main', firstSeatNumber: 1, rows: 5, seatsPerRow: 20, price: usd(900) },
      ],
      price: usd(900),
      planId: null,
      salesStartAt: null,
      salesEndAt: null,
      orphanRule: 'off',
      seatsPerViewerMax: null,
      isDraft: false,
      isPaused: false,
      cancellation: null,
      dateNotice: null,
      refundUntil: null,
      venue: null,
      description: null,
      imageUrl: null,
      revision: 1,
      inputHash: expect.any(String),
      organizerId: 'olga',
      createdAt: NOW,
    });
  });

  test('without sections is one section of rows of 20, of which the last may be short', () => {
    const rows = [1, 20, 21, 40].map((totalSeats) => plan({ totalSeats }).sections[0]?.rows);
    expect(rows).toEqual([1, 1, 2, 2]);
  });

  test('with sections numbers its seats through them in their order', () => {
    const event = plan(sections(section('A', 2, 10), section('B', 1, 5), section('C', 3, 4)));
    expect(event.sections.map((each) => each.firstSeatNumber)).toEqual([1, 21, 26]);
    expect(event).toMatchObject({ totalSeats: 37, unbookedSeats: 37 });
  });

  test('prices a seat by its section, else by the event, else not at all', () => {
    const priced = sections(section('A', 1, 2, usd(500)), section('B', 1, 2), section('C', 1, 2, usd(700)));
    const prices = (event: ReturnType<typeof plan>) =>
      [1, 2, 3, 4, 5, 6].map((seat) => priceOfSeat(event, seat)?.amount ?? null);
    expect(prices(plan({ ...priced, price: usd(600) }))).toEqual([500, 500, 600, 600, 700, 700]);
    expect(prices(plan(priced))).toEqual([500, 500, null, null, 700, 700]);
    expect(prices(plan({ totalSeats: 6 }))).toEqual(Array(6).fill(null));
  });

  test('has the currency of whatever has a price', () => {
    const event = plan(sections(section('A', 1, 2), section('B', 1, 2, { amount: 1, currency: 'EUR' })));
    expect([currencyOf(event), currencyOf(plan())]).toEqual(['EUR', undefined]);
  });

  test('has its names without the blanks around them', () => {
    const event = plan({ name: '  Gala ', ...sections(section(' A ', 1, 1)) });
    expect([event.name, event.sections[0]?.name]).toEqual(['Gala', 'A']);
  });

  test.each([
    ['nothing', undefined, 'UTC'],
    ['null', null, 'UTC'],
    ['a zone', 'Europe/Vienna', 'Europe/Vienna'],
    ['a zone in capitals', 'EUROPE/VIENNA', 'Europe/Vienna'],
    ['a zone of three parts', 'America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['the newer of two names', 'Asia/Kolkata', 'Asia/Kolkata'],
    ['the older one', 'Asia/Calcutta', 'Asia/Calcutta'],
  ])('with %s as its time zone', (_, timeZone, stored) => {
    expect(plan({ timeZone }).timeZone).toBe(stored);
  });

  test('is written with an id of its own', async () => {
    const inserted: unknown[] = [];
    const events = { insert: async (event: unknown) => inserted.push(event) > 0 } as never;
    const clock = { now: () => NOW } as never;
    const event = await createEvent(events, clock, 'olga', input, 10);
    expect(inserted).toEqual([event]);
    expect(event.id).toMatch(/^[0-9a-z]{12}$/);
  });
});

describe('an event with a requestId', () => {
  const written = new Map<string, Event>();
  const events = {
    insert: async (event: Event) => !written.has(event.id) && Boolean(written.set(event.id, event)),
    find: async (id: string) => written.get(id) ?? null,
  } as unknown as Events;
  const create = (change: Partial<NewEvent>, organizerId = 'olga', now = NOW) =>
    createEvent(
      events,
      { now: () => now } as never,
      organizerId,
      { ...input, requestId: 'r', ...change },
      10,
    );

  test('is created once, and is returned again whatever was sold since and after its date', async () => {
    const { id } = await create({});
    written.set(id, { ...(written.get(id) as Event), bookedSeats: 3, version: 7 });
    expect(await create({}, 'olga', later(9 * DAY_MS))).toMatchObject({ id, bookedSeats: 3, version: 7 });
    expect(written.size).toBe(1);
  });

  test.each<[what: string, first: Partial<NewEvent>, second: Partial<NewEvent>]>([
    ['the default, and from a client that knows no time zones', { timeZone: 'UTC' }, {}],
    ['one zone in two spellings', { timeZone: 'EUROPE/VIENNA' }, { timeZone: 'Europe/Vienna' }],
  ])('is the same event in %s', async (requestId, first, second) => {
    const { id } = await create({ requestId, ...first });
    expect(await create({ requestId, ...second })).toMatchObject({ id });
  });

  test.each<[what: string, change: Partial<NewEvent>]>([
    ['another name', { name: 'Second night' }],
    ['another date', { eventDate: later(2 * DAY_MS) }],
    ['other seats', { totalSeats: 99 }],
    ['another time zone', { timeZone: 'Europe/Vienna' }],
    ['a price', { price: usd(1) }],
    ['other rows of as many seats', sections(section('Main', 10, 10))],
  ])('is IDEMPOTENCY_CONFLICT with %s', async (_, change) => {
    await create({});
    await expect(create(change)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('is another one for another organizer, and for another requestId', async () => {
    const all = [await create({}), await create({}, 'otto'), await create({ requestId: 's' })];
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
    for (const { id } of all) expect(id).toMatch(/^[0-9a-z]{12}$/);
  });
});

const many = (count: number) => Array.from({ length: count }, (_, index) => section(`S${index}`, 1, 1));
const HALF = SEATS_PER_EVENT_MAX / 2;

test('the most expensive event, sold out, takes less than the largest exact sum', () => {
  expect(AMOUNT_MAX * SEATS_PER_EVENT_MAX).toBeLessThan(EVENT_AMOUNT_MAX);
});

describe('what an event is refused for', () => {
  test.each<[what: string, change: Partial<NewEvent>, field: string | null]>([
    ['a name of blanks', { name: '  ' }, 'name'],
    ['a name of one character', { name: 'x' }, null],
    ['the longest name', { name: 'x'.repeat(EVENT_NAME_CODE_POINTS_MAX) }, null],
    ['a longer one', { name: 'x'.repeat(EVENT_NAME_CODE_POINTS_MAX + 1) }, 'name'],
    ['a date that is now', { eventDate: NOW }, 'eventDate'],
    ['a date in a millisecond', { eventDate: later(1) }, null],
    ['a city that is no time zone', { timeZone: 'Europe/Linz' }, 'timeZone'],
    ['an empty time zone', { timeZone: '' }, 'timeZone'],
    ['an offset, which knows no summer time', { timeZone: '+02:00' }, 'timeZone'],
    ['a time zone in small letters', { timeZone: 'asia/kolkata' }, 'timeZone'],
    ['a very long time zone', { timeZone: `E${'x'.repeat(10_000)}` }, 'timeZone'],
    ['neither seats nor sections', { totalSeats: null }, 'totalSeats'],
    ['no seat', { totalSeats: 0 }, 'totalSeats'],
    ['one seat', { totalSeats: 1 }, null],
    ['as many seats as there may be', { totalSeats: SEATS_PER_EVENT_MAX }, null],
    ['one more', { totalSeats: SEATS_PER_EVENT_MAX + 1 }, 'totalSeats'],
    ['as many in sections', sections(section('A', 1, HALF), section('B', HALF, 1)), null],
    ['one more in sections', sections(section('A', 1, HALF), section('B', HALF + 1, 1)), 'sections'],
    ['seats that are the sections’ sum', { totalSeats: 6, sections: [section('A', 2, 3)] }, null],
    ['seats that are more', { totalSeats: 7, sections: [section('A', 2, 3)] }, 'totalSeats'],
    ['seats that are fewer', { totalSeats: 5, sections: [section('A', 2, 3)] }, 'totalSeats'],
    ['an empty list of sections', { sections: [] }, 'sections'],
    ['as many sections as there may be', sections(...many(SECTIONS_PER_EVENT_MAX)), null],
    ['one section more', sections(...many(SECTIONS_PER_EVENT_MAX + 1)), 'sections'],
    ['two sections of one name', sections(section('A', 1, 1), section(' A', 1, 1)), 'sections[1].name'],
    ['a section without a name', sections(section('A', 1, 1), section(' ', 1, 1)), 'sections[1].name'],
    ['the longest section name', sections(section('x'.repeat(SECTION_NAME_CODE_POINTS_MAX), 1, 1)), null],
    [
      'a longer one',
      sections(section('x'.repeat(SECTION_NAME_CODE_POINTS_MAX + 1), 1, 1)),
      'sections[0].name',
    ],
    ['a section of no row', sections(section('A', 0, 1)), 'sections[0].rows'],
    ['a section of empty rows', sections(section('A', 1, 0)), 'sections[0].seatsPerRow'],
    ['a section of too many rows', sections(section('A', SEATS_PER_EVENT_MAX + 1, 1)), 'sections[0].rows'],
    ['two counts below zero', sections(section('A', -2, -3)), 'sections[0].rows'],
    ['a sale that starts when the event does', { salesStartAt: later(DAY_MS) }, 'salesStartAt'],
    ['a sale that starts just before', { salesStartAt: later(DAY_MS - 1) }, null],
    ['a sale that ends with the event', { salesEndAt: later(DAY_MS) }, null],
    ['a sale that ends after it', { salesEndAt: later(DAY_MS + 1) }, 'salesEndAt'],
    ['a sale that ends as it starts', { salesStartAt: later(9), salesEndAt: later(9) }, 'salesEndAt'],
    ['a price of one unit', { price: usd(1) }, null],
    ['a price of nothing', { price: usd(0) }, 'price.amount'],
    ['the highest price', { price: usd(AMOUNT_MAX) }, null],
    ['a higher one', { price: usd(AMOUNT_MAX + 1) }, 'price.amount'],
    ['a withdrawn currency', { price: { amount: 1, currency: 'HRK' } }, 'price.currency'],
    ['a section’s price of nothing', sections(section('A', 1, 1, usd(0))), 'sections[0].price.amount'],
    ['no currency', { price: { amount: 1, currency: 'ABC' } }, 'price.currency'],
    [
      'a second currency',
      sections(section('A', 1, 1, usd(1)), section('B', 1, 1, { amount: 1, currency: 'EUR' })),
      'sections[1].price.currency',
    ],
    [
      'another currency than the event’s',
      { ...sections(section('A', 1, 1, { amount: 1, currency: 'EUR' })), price: usd(1) },
      'sections[0].price.currency',
    ],
  ])('%s: %o', (_, change, field) => {
    if (field === null) expect(codeOf(() => plan(change))).toBe('done');
    else {
      const { code, details } = refusalOf(() => plan(change));
      expect([code, details.field]).toEqual(['BAD_USER_INPUT', field]);
    }
  });
});

test('an event is closed from its date on', () => {
  const event = plan();
  expect([later(DAY_MS - 1), later(DAY_MS)].map((now) => isClosed(event, now))).toEqual([false, true]);
});

test('an event has the seats from 1 to its last', () => {
  const event = plan({ totalSeats: 3 });
  expect([0, 1, 3, 4].map((seat) => hasSeat(event, seat))).toEqual([false, true, true, false]);
});

test('the demo events are valid input of createEvent', async () => {
  const events = await demoEvents(NOW);
  const seats = events.map((input) => planEvent(EVENT_ID, 'olga', input, NOW).event.totalSeats);
  expect(seats).toEqual([132, 454, 2_124]);
});
