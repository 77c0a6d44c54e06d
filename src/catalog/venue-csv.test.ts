import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NewRow } from './rows.js';
import { seatingFrom } from './seating.js';
import { CSV_LENGTH_MAX, FAULTS_MAX, venueFromCsv } from './venue-csv.js';
import type { Point } from './venue-geometry.js';

const HEADER = 'section,row,seat,x,y,price,features';

const sectionsOf = (...lines: string[]) => {
  const venue = venueFromCsv([HEADER, ...lines].join('\n'), 'USD');
  if ('faults' in venue) throw new Error(JSON.stringify(venue.faults));
  return venue.sections;
};
const faultsIn = (text: string) => {
  const venue = venueFromCsv(text, 'USD');
  return 'faults' in venue ? venue.faults.map(({ line, column }) => `${line} ${column}`) : [];
};
const faultsOf = (...lines: string[]) => faultsIn([HEADER, ...lines].join('\n'));
const rowOf = (seats: readonly Point[]) =>
  sectionsOf(...seats.map(({ x, y }, index) => `Stalls,A,${index + 1},${x},${y},,`))[0]
    ?.rowList?.[0] as NewRow;

describe('a venue file', () => {
  test('makes rows of the lines in their order, with labels, features and one price for each section', () => {
    const sections = sectionsOf(
      'Stalls,A,3,,,45.50,wheelchair',
      'Stalls,A,1,,,,Companion and Restricted view',
      'Circle,A,1,,,"1,030.00",',
      'Stalls,B,1,,,45.5,',
      'Stalls,B,2,,,,',
      'Floor,,300,16..56,6..30,20,',
      'Gallery,,50,,,,',
    );
    expect(sections).toEqual([
      {
        name: 'Stalls',
        price: { amount: 4_550, currency: 'USD' },
        rowList: [
          {
            label: 'A',
            seats: 2,
            seatLabels: ['3', '1'],
            features: [
              { seat: 1, feature: 'wheelchair' },
              { seat: 2, feature: 'companion' },
              { seat: 2, feature: 'restrictedView' },
            ],
          },
          { label: 'B', seats: 2 },
        ],
      },
      { name: 'Circle', price: { amount: 103_000, currency: 'USD' }, rowList: [{ label: 'A', seats: 1 }] },
      {
        name: 'Floor',
        price: { amount: 2_000, currency: 'USD' },
        kind: 'standing',
        capacity: 300,
        area: { x: 16, y: 6, width: 40, height: 24 },
      },
      { name: 'Gallery', kind: 'standing', capacity: 50 },
    ]);
  });

  test.each([
    [
      'columns in another order, as a spreadsheet pastes them',
      'Seat\tROW\tsection\tprice\r\n1\tA\tStalls\t9,50\r\n',
    ],
    [
      'semicolons and a byte order mark, as a European spreadsheet saves them',
      '\uFEFFsection;row;seat;price\nStalls;A;1;9,50\n',
    ],
    ['quotation marks and empty lines', 'section,row,seat,price\n\n"Stalls","A","1","9,50"\n\n'],
  ])('may have %s', (_, text) => {
    expect(venueFromCsv(text, 'USD')).toEqual({
      sections: [
        { name: 'Stalls', price: { amount: 950, currency: 'USD' }, rowList: [{ label: 'A', seats: 1 }] },
      ],
    });
  });

  test.each([
    ['no section', ['Stalls,A,1,,,,', ',A,2,,,,'], ['3 section']],
    ['no seat', ['Stalls,A,,,,,'], ['2 seat']],
    ['a label that is too long', [`Stalls,${'A'.repeat(21)},1,,,,`], ['2 row']],
    ['characters of another encoding', ['Bl\uFFFDcke,A,1,,,,'], ['2 section']],
    ['a seat twice', ['Stalls,A,1,,,,', 'Stalls,A, 1,,,,'], ['3 seat']],
    ['a row in two places', ['S,A,1,,,,', 'S,B,1,,,,', 'S,A,2,,,,'], ['4 row']],
    ['a second price of a section', ['S,A,1,,,45,', 'S,A,2,,,46,'], ['3 price']],
    [
      'prices that are none',
      ['S,A,1,,,free,', 'S,A,2,,,0,', 'S,A,3,,,-1,'],
      ['2 price', '3 price', '4 price'],
    ],
    [
      'unknown and contrary features',
      ['S,A,1,,,,sofa', 'S,A,2,,,,wheelchair companion'],
      ['2 features', '3 features'],
    ],
    ['half a position', ['S,A,1,0,,,', 'S,A,2,1,left,,'], ['2 y', '3 y']],
    ['positions for some seats of a section', ['S,A,1,0,0,,', 'S,A,2,,,,'], ['3 x']],
    ['two seats at one place', ['S,A,1,0,0,,', 'S,A,2,1,0,,', 'S,B,1,1,0,,'], ['4 x']],
    ['another unit', ['S,A,1,0,0,,', 'S,A,2,20,0,,', 'S,A,3,40,0,,'], ['1 x']],
    ['a position far outside', ['S,A,1,0,2001,,'], ['2 y']],
    ['a standing section without a number', ['Floor,,many,,,,', 'Pit,,0,,,,'], ['2 seat', '3 seat']],
    ['a standing section twice', ['Floor,,20,,,,', 'Floor,,20,,,,'], ['3 section']],
    ['rows in a standing section', ['Floor,,20,,,,', 'Floor,A,1,,,,'], ['3 row']],
    ['a standing section without an extent', ['Floor,,20,3,9..4,,'], ['2 x', '2 y']],
    ['more fields than columns', ['S,A,1,,,,,,more'], ['2 null']],
    ['a quotation mark that is not closed', ['S,A,1,,,,', '"S,A,2'], ['3 null']],
    ['more seats than an event has', ['A,,99999,,,,', 'B,,1,,,,', 'C,A,1,,,,', 'C,A,2,,,,'], ['4 null']],
    ['too many sections', Array.from({ length: 202 }, (_, at) => `S${at},A,1,,,,`), ['202 section']],
    ['too many rows', Array.from({ length: 2_002 }, (_, at) => `S,${at},1,,,,`), ['2002 row']],
  ])('with %s is refused, and each fault has its line and column', (_, lines, faults) => {
    expect(faultsOf(...lines)).toEqual(faults);
  });

  test.each([
    ['', ['1 null']],
    ['section,row,seat,colour,row\nS,A,1,red,A', ['1 colour', '1 row']],
    ['Stalls,A,1', ['1 Stalls', '1 A', '1 1', '1 section', '1 row', '1 seat']],
    [HEADER, ['1 null']],
    ['x'.repeat(CSV_LENGTH_MAX + 1), ['1 null']],
  ])('with a wrong header, no seats or too many characters is refused', (text, faults) => {
    expect(faultsIn(text)).toEqual(faults);
  });

  test('counts lines as a text editor does, and names a limited number of faults', () => {
    expect(faultsOf('S,A,"1\n2",,,,', 'S,A,,,,,')).toEqual(['2 seat', '4 seat']);
    expect(faultsOf(...Array.from({ length: 2 * FAULTS_MAX }, () => 'S,A,,,,,'))).toHaveLength(FAULTS_MAX);
    const stacked = Array.from({ length: 2 * FAULTS_MAX }, (_, at) => `S,A,${at},1,1,,`);
    expect(faultsOf(...stacked)).toHaveLength(FAULTS_MAX);
  });
});

describe('positions', () => {
  const arc = Array.from({ length: 9 }, (_, at) => ({ x: 20 + at, y: 10 + 2 * (1 - ((at - 4) / 4) ** 2) }));
  const turned = ({ x, y }: Point) => ({ x: -y, y: x });

  test.each([
    ['straight', arc.map(({ x }) => ({ x, y: 3 })), { x: 0.5, y: 0.5, angle: 0, curve: 0 }],
    ['an arc', arc, { x: 0.5, y: 0.5, angle: 0, curve: 2 }],
    ['an arc turned by a quarter', arc.map(turned), { x: 2.5, y: 0.5, angle: 90, curve: 2 }],
    [
      'from the right to the left',
      arc.map(({ x }) => ({ x: -x, y: 3 })),
      { x: 8.5, y: 0.5, angle: 180, curve: 0 },
    ],
    ['one seat', [{ x: 5, y: 7 }], { x: 0.5, y: 0.5, angle: 0, curve: 0 }],
  ])('of a row that is %s are those of the file', (_, seats, position) => {
    expect(rowOf(seats)).toEqual({ label: 'A', seats: seats.length, position });
  });

  test('that leave a gap make an aisle, and an arc with aisles stays where it is', () => {
    const seats = [0, 1, 2, 4, 5, 6, 7, 9, 10].map((x) => ({ x, y: 1.5 * (1 - (x / 5 - 1) ** 2) }));
    expect(rowOf(seats)).toMatchObject({
      aislesAfter: [3, 7],
      position: { x: 0.5, y: 0.5, angle: 0, curve: 1.5 },
    });
  });
});

/** Where a plan puts the seats of a row; the page draws them there. */
function seatsOf({ seats, aislesAfter = [], position }: NewRow, corner: Point): Point[] {
  const { x = 0, y = 0, angle, curve } = position ?? {};
  const turn = ((angle ?? 0) * Math.PI) / 180;
  const along = Array.from(
    { length: seats },
    (_, index) => index + (aislesAfter ?? []).filter((after) => after <= index).length,
  );
  const length = along.at(-1) || 1;
  return along.map((at) => {
    const behind = (curve ?? 0) * (1 - (seats === 1 ? 1 : (2 * at) / length - 1) ** 2);
    return {
      x: corner.x + x + at * Math.cos(turn) - behind * Math.sin(turn),
      y: corner.y + y + at * Math.sin(turn) + behind * Math.cos(turn),
    };
  });
}

test.each(['theatre', 'arena', 'cinema'])('every seat of the example %s is where its line says', (name) => {
  const text = readFileSync(new URL(`../../examples/venues/${name}.csv`, import.meta.url), 'utf8');
  const sections = sectionsOf(...text.trim().split('\n').slice(1));
  const fitted = sections.flatMap(({ rowList, area }) =>
    (rowList ?? []).flatMap((row) => seatsOf(row, area ?? { x: 0, y: 0 })),
  );
  const points = text
    .split('\n')
    .map((line) => line.split(','))
    .filter(([, row = '']) => row !== '' && row !== 'row')
    .map(([, , , x, y]): Point => ({ x: Number(x), y: Number(y) }));
  expect(fitted).toHaveLength(points.length);
  const misses = points.map(({ x, y }, index) =>
    Math.hypot(x - (fitted[index] as Point).x, y - (fitted[index] as Point).y),
  );
  expect(Math.max(...misses)).toBeLessThan(0.1);
  expect(() => seatingFrom({ sections })).not.toThrow();
});
