import { describe, expect, test } from 'vitest';
import { frontmostBlock } from './full-houses.js';
import { PlainHall } from './plain-hall.js';

/** Two rows of five: `x` is taken, `.` free. */
function hallOf(text: string): PlainHall {
  const seats = text.replaceAll(' ', '');
  const hall = new PlainHall(seats.length, 5);
  hall.take([...seats].flatMap((letter, index) => (letter === 'x' ? [index + 1] : [])));
  return hall;
}

test('a block is neighbours of one row', () => {
  const hall = hallOf('..... .....');
  expect(hall.isBlock([4, 5])).toBe(true);
  expect(hall.isBlock([5, 6])).toBe(false);
  expect(hall.isBlock([1, 3])).toBe(false);
  expect(hallOf('xxxx. .xxxx').hasBlock(2)).toBe(false);
  expect([...hallOf('x..xx xx...').blocks(2)]).toEqual([2, 8, 9]);
});

test('an orphan is a free seat that newly has no free neighbour', () => {
  expect(hallOf('..... xxxxx').orphansLeft([2, 3])).toEqual([1]);
  expect(hallOf('.x... xxxxx').orphansLeft([3])).toEqual([]);
  expect(hallOf('..... .....').orphansLeft([2, 4])).toEqual([1, 3, 5]);
  expect(hallOf('....x .....').orphansLeft([4])).toEqual([]);
  expect(hallOf('.x.x. x..xx').singles()).toEqual([1, 3, 5]);
});

describe('an orphan can be avoided', () => {
  test.each([
    ['..... xxxxx', 2, true, true],
    ['...xx xxxxx', 2, true, false],
    // One seat that is single already and two that are the whole run.
    ['.x..x xxxxx', 3, false, true],
    ['...xx ...xx', 5, false, false],
    ['...xx ....x', 4, true, true],
    ['...xx ....x', 5, false, true],
  ])('in %s for %i seats, as a block: %s → %s', (seats, quantity, asBlock, avoidable) => {
    expect(hallOf(seats).canAvoidOrphans(quantity, asBlock)).toBe(avoidable);
  });
});

test('a user who picks by hand takes the frontmost block that leaves no orphan', () => {
  const hall = new PlainHall(40, 20);
  expect(frontmostBlock(hall, 2)).toEqual([10, 11]);
  hall.take([10, 11, 1, 2, 3, 4, 5, 6]);
  // 8 and 9 would leave seat 7; 7 and 8 would leave seat 9.
  expect(frontmostBlock(hall, 2)).toEqual([12, 13]);
});
