import { expect, test } from 'vitest';
import { BoxOffice, eventOf, RULES, refusalOf } from '../test/support/booking-fixtures.js';
import { holdSeatsCommand } from './hold-seats.js';
import type { SeatWish } from './seat-wish.js';

const best = (quantity: number, sectionIds: readonly string[] | null = null): SeatWish => ({
  best: { quantity, sectionIds, priceMax: null, nearSeat: null, adjacency: 'together', wheelchairs: 0 },
});
const hold = (box: BoxOffice, ...wishes: SeatWish[]) =>
  box.submit(holdSeatsCommand('ann', box.store.event.id, wishes, null));

test('a wish for more seats than the user may have is not searched for', () => {
  const box = new BoxOffice(eventOf());
  // Nor can the hall give them, which only a search can tell.
  expect(refusalOf(() => hold(box, best(100)))).toMatchObject({
    code: 'SEAT_LIMIT_REACHED',
    details: { limit: RULES.seatsPerViewerMax },
  });
  expect(hold(box, best(100), best(2))).toMatchObject({ wishIndex: 1 });
});

test.each([
  ['the cheapest ones to sit on first, where no price is named', {}, 1],
  ['the dearest first within a limit', { priceMax: 6_000 }, 2],
  ['that of the named seat first', { nearSeat: 5 }, 0],
])('seats of sections at several prices: %s', (_, wishes, section) => {
  const sections = [9_000, 4_000, 6_000, 1_000].map((amount, index) => ({
    kind: amount === 1_000 ? ('standing' as const) : ('seated' as const),
    name: `Section ${index}`,
    rows: 1,
    seatsPerRow: 10,
    firstSeatNumber: 10 * index + 1,
    price: { amount, currency: 'USD' },
  }));
  const box = new BoxOffice(eventOf({ sections, totalSeats: 40 }));
  // Its free seats are fewer, so a search in all sections would find its run tighter.
  for (const tighter of [0, 1, 2].filter((each) => each !== section)) {
    hold(box, { seatNumbers: [10 * tighter + 1, 10 * tighter + 2] });
  }
  const wish = { quantity: 2, sectionIds: null, priceMax: null, nearSeat: null, wheelchairs: 0, ...wishes };
  const { locks } = hold(box, { best: { ...wish, adjacency: 'together' } });
  expect(locks.map(({ seatNumber }) => Math.floor((seatNumber - 1) / 10))).toEqual([section, section]);
});

test.each([
  ['seat', { seatNumbers: [100_001] }, 'wishes[1].seatNumbers[0]'],
  ['section', best(1, ['unknown']), 'wishes[1].best.sectionIds[0]'],
])('a %s that the event does not have is refused, whichever wish could be served', (_, wish, field) => {
  const box = new BoxOffice(eventOf());
  expect(refusalOf(() => hold(box, best(1), wish))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field },
  });
});
