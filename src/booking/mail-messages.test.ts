import { expect, test } from 'vitest';
import { BoxOffice, eventOf, RULES } from '../test/support/booking-fixtures.js';
import type { MailNewDate } from './mail-messages.js';

const mailsOf = (box: BoxOffice) =>
  [...box.store.mails.values()].map((mail) => {
    if (mail.kind !== 'mailBookings') return mail;
    const { confirmed, cancelled, refunded } = mail;
    return { confirmed, cancelled, refunded };
  });
const none = { confirmed: [], cancelled: [], refunded: [] };

test('all seats that are booked at once are one mail; each cancellation is one mail with its refund', () => {
  const box = new BoxOffice();
  const { payment, locks, bookings } = box.book('ann', [1, 2, 5]);
  const [one, two] = locks.map(({ id }) => id) as [string, string];
  expect(mailsOf(box)).toEqual([{ ...none, confirmed: locks.map(({ id }) => id) }]);
  box.cancel('ann', bookings[0]);
  box.cancel('ann', bookings[1]);
  expect(mailsOf(box).slice(1)).toEqual([
    { ...none, cancelled: [one], refunded: [one] },
    { ...none, cancelled: [two], refunded: [two] },
  ]);
  // The id says what it is about, so a mail that is written again is the same one.
  expect([...box.store.mails.keys()]).toEqual([
    `${payment.id}:mail:confirmed:${one}`,
    `${payment.id}:mail:cancelled:${one}`,
    `${payment.id}:mail:cancelled:${two}`,
  ]);
});

test('a PENDING booking is no news, until it is confirmed', () => {
  const box = new BoxOffice();
  const { payment, locks } = box.book('ann', [1, 2], { cardStatus: 'processing' });
  expect(mailsOf(box)).toEqual([]);
  box.settle('ann', payment, 'completed');
  expect(mailsOf(box)).toEqual([{ ...none, confirmed: locks.map(({ id }) => id) }]);
});

test('a payment that fails or times out is no news; money that comes too late for a seat is', () => {
  const box = new BoxOffice();
  const failing = box.book('ann', [1], { cardStatus: 'processing' });
  box.settle('ann', failing.payment, 'failed');
  const late = box.book('ann', [2, 3], { cardStatus: 'processing' });
  box.wait(RULES.pendingBookingTtlMs);
  box.expireBookings();
  expect(mailsOf(box)).toEqual([]);
  box.lock('bob', [2]);
  box.settle('ann', late.payment, 'completed');
  expect(mailsOf(box)).toEqual([{ ...none, refunded: late.locks.map(({ id }) => id) }]);
});

test('who gets bookings by a merge while buyers are mailed about a new date is mailed once, and not after that', () => {
  const box = new BoxOffice({ ...eventOf(), dateNotice: { revision: 2, afterUserId: 'bob' } });
  const { bookings } = box.book('guest', [1, 2]);
  box.book('third', [3]);
  box.store.mails.clear();
  box.transfer('guest', 'ann');
  const id = `${box.store.event.id}:date:2:ann`;
  expect([...box.store.mails.values()]).toMatchObject([{ id, kind: 'mailNewDate', userId: 'ann' }]);
  expect(bookings.map((each) => each.id)).toContain((mailsOf(box)[0] as MailNewDate).bookingId);
  box.store.event = { ...box.store.event, dateNotice: null };
  box.transfer('third', 'ben');
  expect(box.store.mails.size).toBe(1);
});
