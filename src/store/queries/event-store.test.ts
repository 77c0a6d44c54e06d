import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MyEventsQuery as MyEvents } from '../../test/support/gql/graphql.js';
import { MY_EVENTS } from '../../test/support/operations.js';
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
