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
  ['seat', { seatNumbers: [100_001] }, 'wishes[1].seatNumbers[0]'],
  ['section', best(1, ['unknown']), 'wishes[1].best.sectionIds[0]'],
])('a %s that the event does not have is refused, whichever wish could be served', (_, wish, field) => {
  const box = new BoxOffice(eventOf());
  expect(refusalOf(() => hold(box, best(1), wish))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field },
  });
});
