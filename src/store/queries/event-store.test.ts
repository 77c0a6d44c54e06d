import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FindEventsQuery, MyEventsQuery as MyEvents } from '../../test/support/gql/graphql.js';
import { FIND_EVENTS, MY_EVENTS } from '../../test/support/operations.js';
import { TestApp } from '../../test/support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

test("an organizer's own events are listed newest first, page by page, past ones included, and no others", async () => {
  const organizer = await app.user();
  const inAMinute = () => new Date(app.clock.now().getTime() + 60_000).toISOString();
  const first = await app.event(organizer, { totalSeats: 1, eventDate: inAMinute() });
  // Two of the same millisecond: neither is missing between two pages, and neither is listed twice.
  app.clock.advance(60_000);
  const atOnce = await Promise.all([
    app.event(organizer, { totalSeats: 1 }),
    app.event(organizer, { totalSeats: 1 }),
  ]);
  app.clock.advance(1);
  const last = await app.event(organizer, { totalSeats: 1, eventDate: inAMinute() });
  await app.event(await app.user(), { totalSeats: 1 });
  // Earlier releases wrote no creation date.
  const undated = await Promise.all([
    app.event(organizer, { totalSeats: 1 }),
    app.event(organizer, { totalSeats: 1 }),
  ]);
  await app.database.events.updateMany({ _id: { $in: undated } }, { $unset: { createdAt: '' } });

  const inOrder = [last, ...atOnce.sort().reverse(), first, ...undated.sort().reverse()];
  const found: string[] = [];
  let after: string | null | undefined;
  while (found.length < inOrder.length) {
    const { me } = (await app.ok(MY_EVENTS, { first: 1, after: after ?? null }, organizer)) as MyEvents;
    found.push(...me.events.nodes.map(({ id }) => id));
    after = me.events.pageInfo.endCursor;
    expect(me.events.pageInfo.hasNextPage).toBe(found.length < inOrder.length);
  }
  expect(found).toEqual(inOrder);
});

describe('the public list', () => {
  const ids = async (variables: object) =>
    (await app.ok(FIND_EVENTS, { first: 100, ...variables })).events.nodes.map(({ id }) => id);

  /** Three events that only this test finds. */
  async function threeEvents(word: string) {
    const organizer = await app.user();
    const inDays = (days: number) => new Date(app.clock.now().getTime() + days * 86_400_000).toISOString();
    const make = async (name: string, days: number, totalSeats: number, more: object = {}) => {
      app.clock.advance(1);
      return app.event(organizer, { name: `${name} ${word}`, eventDate: inDays(days), totalSeats, ...more });
    };
    const late = await make('Late', 30, 50);
    const soon = await make('Soon', 3, 20, { venue: 'Café (Großer Saal)' });
    const middle = await make('Middle', 10, 90, { description: 'With 100% jazz.' });
    await make('Draft', 5, 70, { draft: true });
    return { late, soon, middle, inDays, organizer };
  }

  test('is sorted as it is asked for, page by page', async () => {
    const search = 'sortedlist';
    const { late, soon, middle, organizer } = await threeEvents(search);
    const inOrder = {
      SOONEST: [soon, middle, late],
      NEWEST: [middle, soon, late],
      SEATS_LEFT: [middle, late, soon],
    } as const;
    for (const [orderBy, expected] of Object.entries(inOrder)) {
      expect(await ids({ search, orderBy }), orderBy).toEqual(expected);
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page: FindEventsQuery = await app.ok(FIND_EVENTS, {
          search,
          orderBy,
          first: 1,
          after,
        } as never);
        found.push(...page.events.nodes.map(({ id }) => id));
        after = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
      } while (after !== null);
      expect(found, orderBy).toEqual(expected);
    }
    // Seats that are sold count.
    await app.database.events.updateOne({ _id: middle }, { availableSeats: 10 });
    expect(await ids({ search, orderBy: 'SEATS_LEFT' })).toEqual([late, soon, middle]);
    expect(await ids({ search })).not.toContain(organizer.id);
  });

  test('finds words in name, venue and description, whatever their case and signs', async () => {
    const { late, soon, middle } = await threeEvents('wordsearch');
    expect(await ids({ search: '  WORDSEARCH   café ' })).toEqual([soon]);
    expect(await ids({ search: 'wordsearch (großer' })).toEqual([soon]);
    expect(await ids({ search: '100% wordsearch' })).toEqual([middle]);
    expect(await ids({ search: 'wordsearch .*' })).toEqual([]);
    expect(await ids({ search: 'ordsearc' })).toEqual([soon, middle, late]);
  });

  test('has only events between two dates', async () => {
    const { late, soon, middle, inDays } = await threeEvents('dated');
    const search = 'dated';
    expect(await ids({ search, from: inDays(5) })).toEqual([middle, late]);
    expect(await ids({ search, to: inDays(9) })).toEqual([soon]);
    expect(await ids({ search, from: inDays(4), to: inDays(11) })).toEqual([middle]);
    // The past is not listed.
    expect(await ids({ search, from: '2000-01-01T00:00:00Z' })).toEqual([soon, middle, late]);
  });

  test.each([
    ['search', { search: 'x'.repeat(101) }],
    ['search', { search: 'a b c d e f g h i' }],
    ['to', { from: '2030-01-02T00:00:00Z', to: '2030-01-01T00:00:00Z' }],
  ])('refuses a wrong %s', async (field, variables) => {
    expect(await app.refused(FIND_EVENTS, variables as never)).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field },
    });
  });
});
