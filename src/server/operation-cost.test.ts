import { type GraphQLSchema, parse, validate } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../graphql/schema.js';
import { costRule, FIELD_REPETITIONS_MAX, OPERATION_COST_MAX, repetitionRule } from './operation-cost.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema([]);
});

const refusalsOf = (operation: string) =>
  validate(schema, parse(operation), [costRule]).map(({ message }) => message);
const costOf = (operation: string) => Number(/may cost (\d+)/.exec(refusalsOf(operation)[0] ?? '')?.[1]);

const pages = (first: string) => `{ me { bookings${first} { nodes { event { bookings${first} { nodes {
  event { bookings${first} { nodes { event { bookings${first} { nodes { id } } } } } }
} } } } } } }`;

describe('what one operation may cost', () => {
  test('multiplies with every page on the way, whatever name or fragment it goes under', () => {
    const direct = costOf(pages('(first: 100)'));
    expect(direct).toBeGreaterThan(100 ** 4);
    const named = pages('(first: 100)').replaceAll('bookings(', 'alias: bookings(');
    expect(costOf(named)).toBe(direct);
    const inline = pages('(first: 100)').replaceAll('{ id }', '{ ... on Booking { id } }');
    expect(costOf(inline)).toBe(direct);
    const spread = `${pages('(first: 100)').replaceAll('{ id }', '{ ...F }')} fragment F on Booking { id }`;
    expect(costOf(spread)).toBe(direct);
  });

  test('takes a page for as large as it may be: what it says, its default, or the most where a variable says it', () => {
    const largest = costOf(pages('(first: 100)'));
    expect(costOf(`query ($first: Int) ${pages('(first: $first)')}`)).toBe(largest);
    expect(costOf(pages('(first: 1000000)'))).toBe(largest);
    expect(costOf(pages(''))).toBe(costOf(pages('(first: 20)')));
    expect(costOf(pages(''))).toBeLessThan(largest);
    expect(refusalsOf(pages('(first: 2)'))).toEqual([]);
    expect(refusalsOf(pages('(first: -5)'))).toEqual([]);
  });

  test('has a limit, which is told; up to it an operation is allowed', () => {
    const fields = (count: number) =>
      `{ ${Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')} }`;
    expect(refusalsOf(fields(OPERATION_COST_MAX))).toEqual([]);
    expect(refusalsOf(fields(OPERATION_COST_MAX + 1))).toEqual([
      `This operation may cost ${OPERATION_COST_MAX + 1}, and ${OPERATION_COST_MAX} is the limit: ask for smaller pages, or for less at a time.`,
    ]);
  });

  test.each([
    [
      'passwords to hash',
      4,
      (index: number) => `a${index}: signUp(input: {email: "a", password: "b"}) { token }`,
      'mutation',
    ],
    [
      'pages of whole maps',
      1,
      (index: number) => `a${index}: events(first: 100) { nodes { seatMap { statuses } } }`,
      'query',
    ],
  ])('is spent by a few %s', (_what, allowed, field, kind) => {
    const operation = (count: number) =>
      `${kind} { ${Array.from({ length: count }, (_, index) => field(index)).join(' ')} }`;
    expect(refusalsOf(operation(allowed))).toEqual([]);
    expect(refusalsOf(operation(allowed + 1))).toHaveLength(1);
  });

  test('is counted for each operation of a document, and never ends in a circle of fragments', () => {
    const both = `query A { me { id } } query B ${pages('(first: 100)')}`;
    expect(refusalsOf(both)).toHaveLength(1);
    expect(
      refusalsOf(
        '{ me { ...F } } fragment F on User { bookings { nodes { event { bookings { nodes { id } } } } } ...F }',
      ),
    ).toEqual([]);
    expect(refusalsOf('{ nothing { at { all } } ...Unknown }')).toEqual([]);
  });

  test('leaves room for the whole schema to be asked for, as tools do', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect(refusalsOf(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toEqual(
      [],
    );
  });
});

describe('one field again and again', () => {
  const repeated = (operation: string) =>
    validate(schema, parse(operation), [repetitionRule]).map(({ message }) => message);
  const times = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join(' ');

  test.each([
    ['under other aliases', (index: number) => `a${index}: __typename`],
    ['under none', () => '__typename'],
    ['in fragments', () => '... { __typename }'],
  ])('%s is refused past a hundred, once', (_what, part) => {
    expect(repeated(`{ ${times(FIELD_REPETITIONS_MAX, part)} }`)).toEqual([]);
    for (const count of [FIELD_REPETITIONS_MAX + 1, 3 * FIELD_REPETITIONS_MAX]) {
      expect(repeated(`{ ${times(count, part)} }`)).toEqual([
        'This asks for "__typename" more than 100 times: ask for less at a time.',
      ]);
    }
  });
});
