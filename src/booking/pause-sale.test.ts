import { expect, test } from 'vitest';
import { eventStatus } from '../catalog/event.js';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NOW,
} from '../test/support/booking-fixtures.js';
import { extendHoldCommand } from './extend-hold.js';
import { holdSeatsCommand } from './hold-seats.js';
import { setSalePausedCommand } from './pause-sale.js';
import { releaseHoldCommand } from './release-hold.js';
import { updateEventCommand } from './update-event.js';

const pause = (box: BoxOffice, isPaused = true, userId = 'olga') =>
  box.submit(setSalePausedCommand(userId, EVENT_ID, isPaused));
const hold = (box: BoxOffice, userId: string) =>
  box.submit(holdSeatsCommand(userId, EVENT_ID, [{ seatNumbers: [12] }], null));

test('while the sale is paused nothing is locked; what is held is extended, paid and confirmed', () => {
  const box = new BoxOffice();
  const locks = box.lock('ann', [1, 2]);
  expect(pause(box)).toMatchObject({ isPaused: true, revision: 2 });
  // The same seats again are no new locks, but nobody can tell before the decision.
  for (const seats of [[3], [1]]) expect(codeOf(() => box.lock('ann', seats))).toBe('SALE_PAUSED');
  expect(codeOf(() => hold(box, 'bob'))).toBe('SALE_PAUSED');
  box.wait(MINUTE_MS);
  box.extend('ann', locks[0]);
  expect(box.confirm('ann', locks, box.pay('ann', locks))).toHaveLength(2);

  expect(pause(box, false)).toMatchObject({ isPaused: false, revision: 3 });
  expect(codeOf(() => hold(box, 'bob'))).toBe('done');
});

test('pausing twice changes nothing and is not announced', () => {
  const box = new BoxOffice();
  pause(box);
  expect(pause(box).revision).toBe(2);
  expect(box.announced.map((change) => change?.settings)).toEqual([true, undefined]);
});

test('only the organizer pauses and resumes', () => {
  const box = new BoxOffice();
  for (const isPaused of [true, false]) {
    expect(codeOf(() => pause(box, isPaused, 'ann'))).toBe('EVENT_NOT_FOUND');
  }
  expect(codeOf(() => setSalePausedCommand('olga', 'no id', true))).toBe('EVENT_NOT_FOUND');
});

test('a draft does not exist for others, and cannot be sold before it is published', () => {
  const box = new BoxOffice(eventOf({ isDraft: true }));
  const calls = (userId: string) =>
    [
      () => box.lock(userId, [1]),
      () => hold(box, userId),
      () => box.submit(extendHoldCommand(userId, EVENT_ID)),
      () => box.submit(releaseHoldCommand(userId, EVENT_ID, null)),
    ].map(codeOf);
  expect(calls('ann')).toEqual(Array(4).fill('EVENT_NOT_FOUND'));
  expect(calls('olga')).toEqual(['SALE_NOT_OPEN', 'SALE_NOT_OPEN', 'done', 'done']);
  // Not published yet, but not forbidden either.
  box.submit(updateEventCommand('olga', EVENT_ID, 1, { published: false }));
  box.submit(updateEventCommand('olga', EVENT_ID, 2, { published: true }));
  expect(codeOf(() => box.lock('ann', [1]))).toBe('done');
});

test.each([
  ['draft', { isDraft: true, isPaused: true, eventDate: NOW }],
  ['ended', { isPaused: true, eventDate: NOW }],
  ['ended', { isPaused: true, salesEndAt: NOW }],
  ['paused', { isPaused: true, salesStartAt: later(1), unbookedSeats: 0 }],
  ['scheduled', { salesStartAt: later(1) }],
  ['soldOut', { salesStartAt: NOW, salesEndAt: later(1), unbookedSeats: 0 }],
  ['onSale', { salesStartAt: NOW, salesEndAt: later(1), eventDate: later(DAY_MS) }],
])('the status is %s for %j', (status, overrides) => {
  expect(eventStatus(eventOf(overrides), NOW)).toBe(status);
});
