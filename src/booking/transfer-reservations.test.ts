import { expect, test } from 'vitest';
import { BoxOffice, codeOf, eventOf, RULES } from '../test/support/booking-fixtures.js';
import type { Command } from './commands.js';
import { decide } from './decide.js';
import { simulatePaymentCommand } from './simulate-payment.js';

test('everything of one user becomes another one’s, and no seat changes', () => {
  const box = new BoxOffice();
  const held = box.lockOne('guest', 1);
  const { lock, payment, booking } = box.bookOne('guest', 2);
  const ended = box.lockOne('guest', 3);
  box.release('guest', ended);
  const others = box.lockOne('bob', 4);
  const { version } = box.store.event;

  expect(box.transfer('guest', 'ann')).toEqual({ moved: 6, hasMore: false });

  const owners = [held, lock, ended, others].map((each) => box.lockNow(each).userId);
  expect(owners).toEqual(['ann', 'ann', 'ann', 'bob']);
  expect([box.paymentNow(payment).userId, box.bookingNow(booking).userId]).toEqual(['ann', 'ann']);
  const { reservations, ...change } = box.announced.at(-1) ?? { reservations: [] };
  expect(change).toMatchObject({ version: null, seats: [] });
  const lockIds = [held, lock, ended].map(({ id }) => id);
  expect(reservations).toEqual([
    { userId: 'guest', lockIds, bookingIds: [booking.id] },
    { userId: 'ann', lockIds, bookingIds: [booking.id] },
  ]);
  expect(box.store.event.version).toBe(version);

  expect(box.transfer('guest', 'ann')).toEqual({ moved: 0, hasMore: false });
  expect(box.announced.at(-1)).toBeNull();
  expect(box.release('ann', held).status).toBe('released');
  expect(codeOf(() => box.cancel('guest', booking))).toBe('BOOKING_NOT_FOUND');
  expect(box.cancel('ann', booking).status).toBe('cancelled');
});

test('a call that the one user made can be repeated by the other', () => {
  const box = new BoxOffice();
  const locks = box.lock('guest', [1, 2]);
  const payment = box.pay('guest', locks, { requestId: 'pay' });
  const bookings = box.confirm('guest', locks, payment, 'confirm');
  box.transfer('guest', 'ann');
  expect(box.pay('ann', locks, { requestId: 'pay' }).id).toBe(payment.id);
  const repeated = box.confirm('ann', locks, payment, 'confirm');
  expect(repeated.map(({ id }) => id)).toEqual(bookings.map(({ id }) => id));
  expect(codeOf(() => box.confirm('guest', locks, payment, 'confirm'))).toBe('LOCK_NOT_FOUND');
});

test('if both used the same requestId, the receiver’s own call keeps its answer', () => {
  const box = new BoxOffice();
  const [theirs, own] = [box.lockOne('guest', 1), box.lockOne('ann', 2)];
  box.pay('guest', [theirs], { requestId: 'pay' });
  const payment = box.pay('ann', [own], { requestId: 'pay' });
  box.transfer('guest', 'ann');
  expect(box.pay('ann', [own], { requestId: 'pay' }).id).toBe(payment.id);
  expect(codeOf(() => box.pay('ann', [theirs], { requestId: 'pay' }))).toBe('IDEMPOTENCY_CONFLICT');
});

test('so too if the one request is made in the batch that transfers it', () => {
  const box = new BoxOffice();
  const [theirs, own] = [box.lockOne('guest', 1), box.lockOne('ann', 2)];
  const card = { cardStatus: 'success', requestId: 'pay' } as const;
  const payment = box.pay('ann', [own], card);
  const commands: Command[] = [
    simulatePaymentCommand(
      'guest',
      { ...card, lockIds: [theirs.id], amount: payment.amount, currency: 'USD' },
      box.now,
    ),
    { kind: 'transferReservations', eventId: box.store.event.id, fromUserId: 'guest', toUserId: 'ann' },
  ];
  const set = box.store.load(commands, box.now);
  for (const command of commands) {
    const { outcome, changes } = decide(set, command, box.now, RULES);
    expect(outcome).toHaveProperty('answer');
    set.apply(changes);
  }
  box.store.write(set, box.now);
  expect(box.pay('ann', [own], card).id).toBe(payment.id);
});

test('both users’ seats count: those above the limit stay held, and can be booked; new ones are refused', () => {
  const box = new BoxOffice(eventOf(), { ...RULES, seatsPerViewerMax: 3 });
  box.lock('ann', [1, 2]);
  const locks = box.lock('guest', [3, 4, 5]);
  box.transfer('guest', 'ann');
  expect(codeOf(() => box.lockOne('ann', 6))).toBe('SEAT_LIMIT_REACHED');
  // One that is held already is no new one.
  expect(box.lockOne('ann', 5).id).toBe(locks[2].id);
  expect(box.confirm('ann', locks, box.pay('ann', locks))).toHaveLength(3);
});
