import { describe, expect, test } from 'vitest';
import {
  bookingIdOfLock,
  eventInBookingId,
  eventInLockId,
  eventInPaymentId,
  isEventId,
  newBatchId,
  newEventId,
  newLockId,
  newPaymentId,
  newProcessId,
  newUserId,
} from './ids.js';

const NOW = new Date('2026-01-02T03:04:59.999Z');

describe('an id', () => {
  test.each<[what: string, make: () => string, form: RegExp]>([
    ['event', newEventId, /^[0-9a-z]{12}$/],
    ['user', newUserId, /^[0-9a-z]{16}$/],
    ['batch', newBatchId, /^[0-9a-z]{16}$/],
    ['process', newProcessId, /^[0-9a-z]{16}$/],
    ['lock', () => newLockId('event0000000'), /^lock_event0000000_[0-9a-z]{16}$/],
    ['booking', () => bookingIdOfLock(newLockId('event0000000')), /^book_event0000000_[0-9a-z]{16}$/],
    // The minute is in UTC, with leading zeros.
    ['payment', () => newPaymentId('event0000000', NOW), /^pay_20260102_0304_event0000000[0-9a-z]{16}$/],
  ])('of a %s has its form and is never given twice', (_, make, form) => {
    const ids = Array.from({ length: 1_000 }, make);
    for (const id of ids) expect(id).toMatch(form);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    ['lock', newLockId, eventInLockId],
    ['booking', (eventId: string) => bookingIdOfLock(newLockId(eventId)), eventInBookingId],
    ['payment', (eventId: string) => newPaymentId(eventId, NOW), eventInPaymentId],
  ] as const)('of a %s contains its event', (_, make, eventIn) => {
    const eventId = newEventId();
    const id = make(eventId);
    expect(isEventId(eventId)).toBe(true);
    expect(eventIn(id)).toBe(eventId);
    for (const text of ['', id.slice(1), id.slice(0, -1), `${id}0`, ` ${id}`, `${id}\n`, id.toUpperCase()]) {
      expect(eventIn(text)).toBeUndefined();
    }
  });

  test('of an event is 12 lower-case letters and digits', () => {
    const texts = ['', 'event000000', 'event00000000', 'EVENT0000000', 'event-000000', 'event0000000\n'];
    expect(texts.filter(isEventId)).toEqual([]);
  });
});
