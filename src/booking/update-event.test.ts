import { describe, expect, test } from 'vitest';
import { EVENT_NAME_CODE_POINTS_MAX } from '../catalog/event-settings.js';
import { sectionId } from '../core/ids.js';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NOW,
  PRICED_SECTIONS,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import { updateEventCommand } from './update-event.js';

type Changes = Parameters<typeof updateEventCommand>[3];

const update = (box: BoxOffice, changes: Changes, ifRevision = box.store.event.revision, userId = 'olga') =>
  box.submit(updateEventCommand(userId, EVENT_ID, ifRevision, changes));

describe('an update of an event', () => {
  test('changes what is named, keeps the rest, and raises the revision', () => {
    const box = new BoxOffice();
    const before = box.store.event;
    const eventDate = later(2 * DAY_MS);
    update(box, {
      name: 'Second night',
      eventDate,
      timeZone: 'Europe/Vienna',
      salesEndAt: later(DAY_MS),
      venue: '  Old Theatre ',
      description: 'Two acts.\r\nOne interval.\n',
      imageUrl: 'https://example.com/a picture.png',
      seatsPerViewerMax: 4,
      orphanRule: 'refuse',
      refundUntil: later(3 * DAY_MS),
    });
    const after = {
      ...before,
      name: 'Second night',
      eventDate,
      timeZone: 'Europe/Vienna',
      salesEndAt: later(DAY_MS),
      venue: 'Old Theatre',
      description: 'Two acts.\nOne interval.',
      imageUrl: 'https://example.com/a%20picture.png',
      seatsPerViewerMax: 4,
      orphanRule: 'refuse',
      refundUntil: later(3 * DAY_MS),
      // The buyers are to be mailed about the date.
      dateNotice: { revision: before.revision + 1, afterUserId: null },
      revision: before.revision + 1,
    };
    expect(box.store.event).toEqual(after);
    expect(box.announced).toEqual([
      { eventId: EVENT_ID, version: null, seats: [], reservations: [], settings: true, at: NOW },
    ]);

    // Null removes a value that an event need not have, and nothing else.
    const removed = { salesEndAt: null, venue: '', description: null, imageUrl: null, refundUntil: null };
    update(box, { ...removed, seatsPerViewerMax: null, name: null, eventDate: null, orphanRule: null });
    expect(box.store.event).toEqual({
      ...after,
      ...removed,
      venue: null,
      seatsPerViewerMax: null,
      revision: 3,
    });
  });

  test('of two at one revision the second is refused with the newer one', () => {
    const box = new BoxOffice();
    update(box, { name: 'First' }, 1);
    expect(refusalOf(() => update(box, { name: 'Second' }, 1))).toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { revision: 2 },
    });
    expect(box.store.event.name).toBe('First');
  });

  test('is for its organizer', () => {
    const box = new BoxOffice();
    expect(codeOf(() => update(box, { name: 'Mine' }, 1, 'ann'))).toBe('EVENT_NOT_FOUND');
    expect(codeOf(() => updateEventCommand('olga', 'no id', 1, {}))).toBe('EVENT_NOT_FOUND');
  });

  test.each<[why: string, changes: Changes, field: string]>([
    ['a name too long', { name: 'x'.repeat(EVENT_NAME_CODE_POINTS_MAX + 1) }, 'name'],
    ['a date that has passed', { eventDate: NOW }, 'eventDate'],
    ['a date before the end of the sale', { eventDate: later(MINUTE_MS) }, 'salesEndAt'],
    ['a start of the sale after its end', { salesStartAt: later(DAY_MS / 2) }, 'salesEndAt'],
    [
      'a start of the sale after the event',
      { salesStartAt: later(DAY_MS), salesEndAt: null },
      'salesStartAt',
    ],
    ['an unknown time zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['a limit above the server’s', { seatsPerViewerMax: 11 }, 'seatsPerViewerMax'],
    ['a published event as a draft', { published: false }, 'published'],
    ['a picture over plain HTTP', { imageUrl: 'http://example.com/a.png' }, 'imageUrl'],
    ['a picture that is a script', { imageUrl: 'javascript:alert(1)' }, 'imageUrl'],
    ['a picture with a password', { imageUrl: 'https://a:b@example.com/' }, 'imageUrl'],
    ['a venue of two lines', { venue: 'Old\nTheatre' }, 'venue'],
    ['a description that reverses the text after it', { description: 'a\u202Eb' }, 'description'],
    [
      'a section of another event',
      { sectionPrices: [priceOf(0, 1, 'USD', 'other0000000')] },
      'sectionPrices[0].sectionId',
    ],
    ['a section that is not there', { sectionPrices: [priceOf(2)] }, 'sectionPrices[0].sectionId'],
    ['a section twice', { sectionPrices: [priceOf(0), priceOf(0)] }, 'sectionPrices[1].sectionId'],
    ['a price of nothing', { sectionPrices: [priceOf(0, 0)] }, 'sectionPrices[0].price.amount'],
    ['another currency', { sectionPrices: [priceOf(1, 1, 'EUR')] }, 'sectionPrices[0].price.currency'],
  ])('with %s is refused with its field, and changes nothing', (_why, changes, field) => {
    const event = eventOf({ sections: PRICED_SECTIONS, salesEndAt: later(DAY_MS / 2) });
    const box = new BoxOffice(event);
    expect(refusalOf(() => update(box, { venue: 'Elsewhere', ...changes }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field },
    });
    expect(box.store.event).toEqual(event);
  });

  test('with a lower limit or a pick rule takes no seat from anybody', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1, 2, 4]);
    update(box, { seatsPerViewerMax: 1, orphanRule: 'refuse' });
    box.confirm('ann', locks, box.pay('ann', locks));
    expect(codeOf(() => box.lock('ann', [10]))).toBe('SEAT_LIMIT_REACHED');
    expect(box.store.event.bookedSeats).toBe(3);
  });
});

describe('a new price', () => {
  test('is for new locks: a seat that was held before is paid with its old price, also after an extension', () => {
    const box = new BoxOffice(eventOf({ sections: PRICED_SECTIONS }));
    const before = box.lockOne('ann', 1);
    update(box, { sectionPrices: [priceOf(0, 9_000)] });
    const after = box.lockOne('ann', 2);
    box.wait(MINUTE_MS);
    const extended = box.extend('ann', before);

    expect(codeOf(() => box.pay('ann', [extended], { amount: 9_000 }))).toBe('AMOUNT_MISMATCH');
    const payment = box.pay('ann', [extended, after], { amount: null, currency: null });
    expect(payment.shares.map(({ amount }) => amount)).toEqual([1_500, 9_000]);
  });

  test('for a section without one leaves the amount of its held seats to their buyers', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 9);
    update(box, { sectionPrices: [priceOf(2, 700)] });
    expect(box.pay('ann', [lock], { amount: 100 }).amount).toBe(100);
    expect(box.pay('ann', [box.lockOne('ann', 10)], { amount: null }).amount).toBe(700);
  });

  test('does not reach locks of earlier releases, which did not store theirs', () => {
    const box = new BoxOffice(eventOf({ sections: PRICED_SECTIONS }));
    const { price: _, ...stored } = box.lockOne('ann', 1);
    box.store.locks.set(stored.id, stored);
    expect(box.pay('ann', [stored], { amount: null }).amount).toBe(1_500);
  });
});

describe('a new date', () => {
  test('earlier than before leaves its bookings cancellable until refundUntil', () => {
    const box = new BoxOffice();
    const { booking } = box.bookOne('ann', 1);
    const { booking: other } = box.bookOne('bob', 2);
    update(box, { eventDate: later(MINUTE_MS), refundUntil: later(2 * MINUTE_MS) });
    box.wait(2 * MINUTE_MS - 1);
    expect(box.cancel('ann', booking)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
    box.wait(1);
    expect(codeOf(() => box.cancel('bob', other))).toBe('BOOKING_NOT_CANCELLABLE');
  });

  test('is told to the guests of a draft, too', () => {
    const box = new BoxOffice(eventOf({ isDraft: true }));
    update(box, { eventDate: later(2 * DAY_MS) });
    expect(box.store.event.dateNotice).toEqual({ revision: 2, afterUserId: null });
  });

  test('after the old one has passed puts the event on sale again', () => {
    const box = new BoxOffice();
    box.wait(DAY_MS);
    expect(codeOf(() => box.lock('ann', [1]))).toBe('EVENT_CLOSED');
    update(box, { eventDate: later(2 * DAY_MS) });
    expect(codeOf(() => box.lock('ann', [1]))).toBe('done');
  });
});

function priceOf(index: number, amount = 1, currency = 'USD', eventId = EVENT_ID) {
  return { sectionId: sectionId(eventId, index), price: { amount, currency } };
}
