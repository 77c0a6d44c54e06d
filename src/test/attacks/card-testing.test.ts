import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import { CHECK_OUT, LOCK_SEATS, SIMULATE_PAYMENT } from '../support/operations.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { BEHIND_PROXY, callFrom, detailsOf, outcomeOf } from './caller.js';

/** Somebody who finds out which stolen cards still work. */

const HOUR_MS = 60 * 60_000;
type Card = 'SUCCESS' | 'DECLINED' | 'PROCESSING';

async function server(config: Partial<Config> = {}) {
  const app = await TestApp.start({ config: { rateLimitPerMinute: 10_000, ...BEHIND_PROXY, ...config } });
  onTestFinished(() => app.close());
  const [organizer] = (await app.users(1)) as [TestUser];
  const price = { amount: 900, currency: 'USD' };
  const eventId = await app.event(organizer, { totalSeats: 1_000, price });
  let calls = 0;
  /** A user who holds a seat, and tries cards. */
  const customer = async (address = '192.0.2.1', known?: TestUser) => {
    const user = known ?? (await app.user());
    const input = { eventId, seatNumbers: [++calls] };
    const { lockSeats } = await app.ok(LOCK_SEATS, { input }, user);
    const send = <Data, Vars>(operation: TypedDocumentNode<Data, Vars>, input: object) =>
      callFrom(app, { user, address }, operation, { input: { requestId: `${++calls}`, ...input } });
    return {
      user,
      checkOut: (simulatedCard: Card, rest: object = {}) =>
        send(CHECK_OUT, { eventId, simulatedCard, ...rest }),
      pay: (cardStatus: Card, rest: object = {}) =>
        send(SIMULATE_PAYMENT, { lockIds: [lockSeats[0]?.id], cardStatus, ...rest }),
    };
  };
  return { app, customer };
}

test('a viewer whose cards are refused is stopped, by either mutation, for an hour; others are not', async () => {
  const { app, customer } = await server();
  const tester = await customer();
  for (let tries = 0; tries < 20; tries++) {
    const requestId = `try ${tries}`;
    const pay = tries % 2 === 0 ? tester.checkOut : tester.pay;
    const answer = await pay('DECLINED', { requestId });
    expect(outcomeOf(answer)).toBe('done');
  }
  // Whatever the next card is, the answer does not tell.
  for (const refused of [await tester.checkOut('SUCCESS'), await tester.pay('DECLINED')]) {
    expect(outcomeOf(refused)).toBe('RATE_LIMITED');
    expect(detailsOf(refused).retryAfterMs).toBe(HOUR_MS);
  }
  // An answer that was lost can still be had, and only that one.
  for (const repeat of [tester.checkOut, tester.pay]) {
    const requestId = repeat === tester.checkOut ? 'try 18' : 'try 19';
    expect(outcomeOf(await repeat('DECLINED', { requestId }))).toBe('done');
    expect(outcomeOf(await repeat('SUCCESS', { requestId }))).toBe('IDEMPOTENCY_CONFLICT');
  }
  expect(outcomeOf(await (await customer()).checkOut('SUCCESS'))).toBe('done');
  app.clock.advance(HOUR_MS);
  expect(outcomeOf(await (await customer(undefined, tester.user)).checkOut('SUCCESS'))).toBe('done');
});

test('a family with two bad cards and a good one never meets the limit, and a repeated call does not count', async () => {
  const { customer } = await server({ declinedPaymentsPerViewerMax: 3, declinedPaymentsPerAddressMax: 3 });
  const family = await customer();
  for (const requestId of ['a', 'b']) {
    for (let repeated = 0; repeated < 5; repeated++) {
      expect(outcomeOf(await family.checkOut('DECLINED', { requestId }))).toBe('done');
    }
  }
  expect(outcomeOf(await family.checkOut('SUCCESS'))).toBe('done');
});

test('many accounts behind one address are stopped together, also if they try at once; other addresses pay', async () => {
  const { customer } = await server({ declinedPaymentsPerAddressMax: 30 });
  const testers: Awaited<ReturnType<typeof customer>>[] = [];
  while (testers.length < 10) testers.push(await customer());
  const tries = testers.flatMap((tester) => Array.from({ length: 6 }, () => tester.checkOut('DECLINED')));
  const outcomes = (await Promise.all(tries)).map(outcomeOf);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(30);
  expect(new Set(outcomes)).toEqual(new Set(['done', 'RATE_LIMITED']));
  expect(outcomeOf(await (await customer('192.0.2.2')).checkOut('SUCCESS'))).toBe('done');
});

test('a rush of payments that succeed is not refused, however many come from one address at once', async () => {
  const { customer } = await server({ declinedPaymentsPerAddressMax: 5 });
  const crowd: Awaited<ReturnType<typeof customer>>[] = [];
  while (crowd.length < 60) crowd.push(await customer());
  const answers = await Promise.all(crowd.map((each) => each.checkOut('SUCCESS')));
  expect(answers.map(outcomeOf)).toEqual(crowd.map(() => 'done'));
});

test('RATE_LIMIT_PER_MINUTE=0 turns this limit off, too', async () => {
  const { customer } = await server({ rateLimitPerMinute: 0, declinedPaymentsPerViewerMax: 1 });
  const tester = await customer();
  for (let tries = 0; tries < 3; tries++) {
    expect(outcomeOf(await tester.checkOut('DECLINED'))).toBe('done');
  }
});
