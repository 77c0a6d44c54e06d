import { describe, expect, test } from 'vitest';
import { codeOf, DAY_MS, EVENT_ID, later, NOW, refusalOf } from '../test/support/booking-fixtures.js';
import { type NewEvent, planEvent } from './create-event.js';
import { placeOf } from './place.js';
import { type NewRow, RESERVED_SEATS_MAX, ROWS_LISTED_MAX } from './rows.js';
import type { NewSection } from './seating.js';
import { derivedPlan, indexAt, rowLabel, type SeatingPlan } from './seating-plan.js';

const input: NewEvent = { name: 'Opening night', eventDate: later(DAY_MS) };
const planned = (...sections: NewSection[]) =>
  planEvent(EVENT_ID, 'olga', { ...input, totalSeats: null, sections }, NOW);
const row = (label: string, seats: number, rest: Partial<NewRow> = {}): NewRow => ({ label, seats, ...rest });
const stalls = (...rowList: NewRow[]): NewSection => ({ name: 'Stalls', rowList });
const floor = (capacity: number): NewSection => ({ name: 'Floor', kind: 'standing', capacity });

/** Rows of different lengths, odd and even seat numbers, an aisle, features, and a floor to stand on. */
const THEATRE = [
  stalls(
    row('A', 3, { seatLabels: ['5', '3', '1'], aislesAfter: [2] }),
    row('AA', 2, { features: [{ seat: 2, feature: 'wheelchair' }] }),
  ),
  floor(4),
  { name: 'Circle', rows: 2, seatsPerRow: 2, price: { amount: 900, currency: 'EUR' } },
];

describe('a seating plan', () => {
  test('numbers the seats section by section and row by row, whatever the length of the rows', () => {
    const { event, plan } = planned(...THEATRE);
    expect(event).toMatchObject({ totalSeats: 13, unbookedSeats: 13, planId: expect.any(String) });
    expect(event.sections.map((each) => [each.firstSeatNumber, each.rows, each.seatsPerRow])).toEqual([
      [1, 2, 3],
      [6, 0, 0],
      [10, 2, 2],
    ]);
    expect(plan?.sections.map(({ seats }) => seats)).toEqual([5, 4, 4]);
  });

  test('says in words where each seat is', () => {
    const { event, plan } = planned(...THEATRE);
    const places = Array.from({ length: 15 }, (_, seat) => placeOf(event, plan as SeatingPlan, seat));
    expect(places.map((place) => place?.label ?? null)).toEqual([
      null,
      'Stalls, row A, seat 5',
      'Stalls, row A, seat 3',
      'Stalls, row A, seat 1',
      'Stalls, row AA, seat 1',
      'Stalls, row AA, seat 2',
      'Floor, place 1',
      'Floor, place 2',
      'Floor, place 3',
      'Floor, place 4',
      'Circle, row A, seat 1',
      'Circle, row A, seat 2',
      'Circle, row B, seat 1',
      'Circle, row B, seat 2',
      null,
    ]);
    expect(places[5]).toMatchObject({
      rowLabel: 'AA',
      seatLabel: '2',
      features: ['wheelchair'],
      price: null,
    });
    expect(places[6]).toMatchObject({ rowLabel: null, seatLabel: null });
    expect(places[13]).toMatchObject({ section: 2, price: { amount: 900, currency: 'EUR' } });
  });

  test('is the same for events that are arranged alike, whatever they cost', () => {
    const dearer = [{ ...stalls(row('A', 3)), price: { amount: 1, currency: 'EUR' } }];
    const ids = [planned(stalls(row('A', 3))), planned(...dearer), planned(stalls(row('B', 3)))].map(
      ({ event }) => event.planId,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test('of equal rows and of capacities is derived, and not stored', () => {
    const { event, plan } = planned({ name: 'Circle', rows: 2, seatsPerRow: 3 }, floor(2));
    expect([event.planId, plan]).toEqual([null, null]);
    const derived = derivedPlan(event.sections, event.totalSeats);
    expect(placeOf(event, derived, 6)?.label).toBe('Circle, row B, seat 3');
    expect(placeOf(event, derived, 8)?.label).toBe('Floor, place 2');
  });

  test('of an event of an earlier release has a last row that may be short', () => {
    const section = {
      kind: 'seated',
      name: 'Main',
      firstSeatNumber: 1,
      rows: 2,
      seatsPerRow: 3,
      price: null,
    } as const;
    expect(derivedPlan([section], 4).sections[0]?.rows.map(({ seats }) => seats)).toEqual([3, 1]);
  });

  test('labels rows as venues do', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(rowLabel)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
  });

  test('finds the entry of a seat', () => {
    const entries = [1, 4, 5].map((firstSeatNumber) => ({ firstSeatNumber }));
    expect([1, 3, 4, 5, 9].map((seat) => indexAt(entries, seat))).toEqual([0, 0, 1, 2, 2]);
  });
});

const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`R${index}`, 1));
const oneRow = (rest: Partial<NewRow>) => stalls(row('A', 3, rest));
const at = (rest: object) => oneRow({ position: { x: 0, y: 0, ...rest } });
const area = (rest: object) => ({ ...floor(1), area: { x: 0, y: 0, width: 1, height: 1, ...rest } });
const ROW = 'sections[0].rowList[0]';

describe('what a seating plan is refused for', () => {
  test.each<[what: string, section: NewSection, field: string | null]>([
    ['nothing that says how many seats', { name: 'A' }, 'sections[0]'],
    ['rows and a list of rows', { ...stalls(row('A', 1)), rows: 1, seatsPerRow: 1 }, 'sections[0]'],
    ['rows of unknown length', { name: 'A', rows: 1 }, 'sections[0].seatsPerRow'],
    ['a capacity of seats', { name: 'A', capacity: 5 }, 'sections[0].kind'],
    ['rows to stand in', { name: 'A', kind: 'standing', rows: 1, seatsPerRow: 1 }, 'sections[0].kind'],
    ['a capacity of nobody', floor(0), 'sections[0].capacity'],
    ['more than an event holds', floor(100_001), 'sections[0].capacity'],
    ['an empty list', stalls(), 'sections[0].rowList'],
    ['as many rows as there may be', stalls(...rows(ROWS_LISTED_MAX)), null],
    ['one row more', stalls(...rows(ROWS_LISTED_MAX + 1)), 'sections'],
    ['a row without seats', stalls(row('A', 0)), `${ROW}.seats`],
    ['a row without a label', stalls(row(' ', 1)), `${ROW}.label`],
    ['a long label', stalls(row('x'.repeat(21), 1)), `${ROW}.label`],
    ['two rows of one label', stalls(row('A', 1), row(' A', 1)), 'sections[0].rowList[1].label'],
    ['too few seat labels', oneRow({ seatLabels: ['1', '2'] }), `${ROW}.seatLabels`],
    ['a seat label twice', oneRow({ seatLabels: ['1', '2', '1'] }), `${ROW}.seatLabels[2]`],
    ['an aisle before the row', oneRow({ aislesAfter: [0] }), `${ROW}.aislesAfter[0]`],
    ['an aisle behind the row', oneRow({ aislesAfter: [1, 3] }), `${ROW}.aislesAfter[1]`],
    [
      'a feature of no seat',
      oneRow({ features: [{ seat: 4, feature: 'companion' }] }),
      `${ROW}.features[0].seat`,
    ],
    [
      'a seat for a wheelchair and a companion',
      oneRow({
        features: [
          { seat: 1, feature: 'wheelchair' },
          { seat: 1, feature: 'companion' },
        ],
      }),
      `${ROW}.features`,
    ],
    ['a place far away', at({ x: 10_001 }), `${ROW}.position.x`],
    ['a turn of more than a circle', at({ angle: -361 }), `${ROW}.position.angle`],
    ['a position', at({ angle: -90, curve: 2 }), null],
    ['an area of no width', area({ width: 0 }), 'sections[0].area.width'],
    ['an area far away', area({ y: -10_001 }), 'sections[0].area.y'],
  ])('%s', (_, section, field) => {
    if (field === null) expect(codeOf(() => planned(section))).toBe('done');
    else {
      const { code, details } = refusalOf(() => planned(section));
      expect([code, details.field]).toEqual(['BAD_USER_INPUT', field]);
    }
  });

  test('far more seats than an event may have are refused before their rows are made', () => {
    const sections = Array.from({ length: 200 }, (_, index) => ({
      name: `${index}`,
      rows: 100_000,
      seatsPerRow: 1,
    }));
    const before = process.memoryUsage().heapUsed;
    expect(refusalOf(() => planned(...sections))).toMatchObject({
      details: { field: 'sections', max: 100_000 },
    });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20);
  });

  test('more wheelchair and companion seats than a search tries are refused', () => {
    const reserved = (count: number) =>
      stalls(
        row('A', 3_000, {
          features: Array.from({ length: count }, (_, index) => ({
            seat: index + 1,
            feature: index % 2 === 0 ? 'wheelchair' : 'companion',
          })),
        }),
      );
    expect(planned(reserved(RESERVED_SEATS_MAX)).event.totalSeats).toBe(3_000);
    expect(refusalOf(() => planned(reserved(RESERVED_SEATS_MAX + 1)))).toMatchObject({
      details: { field: 'sections', max: RESERVED_SEATS_MAX },
    });
  });

  test('labels that are the numbers 1, 2, 3 … are not kept, so that equal plans are equal', () => {
    const [labelled, plain] = [oneRow({ seatLabels: ['1', '2', '3'] }), oneRow({})].map((each) =>
      planned(each),
    );
    expect(labelled?.event.planId).toBe(plain?.event.planId);
  });
});
