import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { expect, onTestFinished, test } from 'vitest';
import { ERROR_CODES } from '../../core/errors.js';
import {
  CONFIRM_BOOKING,
  CREATE_EVENT,
  LOCK_SEAT,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { ServerProcess } from '../support/server-process.js';
import { dataOf, uriOf } from '../support/test-app.js';
import { Python } from './python.js';

/**
 * Schemathesis generates valid and invalid operations from the schema and sends them to a server in its own process:
 * none may end in an internal error. Short with every test run, long with `npm run test:schemathesis`.
 */

const HOOKS = fileURLToPath(new URL('./', import.meta.url));
/** Operations per field of Query and Mutation, in each of its generation modes. */
const EXAMPLES = Number(process.env.SCHEMATHESIS_EXAMPLES ?? 4);
/** In the short run a user only: an anonymous caller is refused almost everything, as `access.test.ts` shows. */
const CALLERS =
  process.env.SCHEMATHESIS_EXAMPLES === undefined ? ['a user'] : ['an anonymous caller', 'a user'];
const SEEDS = (process.env.SCHEMATHESIS_SEEDS ?? '1').split(',');
/** Longest time of a case, including the start of Python and a check of the whole schema. */
const TEST_LIMIT_MS = 120_000 + EXAMPLES * 10_000;

for (const seed of SEEDS) {
  for (const caller of CALLERS) {
    test(`no operation of ${caller} ends in an internal error (seed ${seed})`, {
      timeout: TEST_LIMIT_MS,
    }, async (context) => {
      const python = await Python.find(context);
      const uri = uriOf(`test_schemathesis_${randomUUID().slice(0, 8)}`);
      onTestFinished(() => dropDatabase(uri));
      const folder = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-schemathesis-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const server = await ServerProcess.start(uri, { SEATS_PER_VIEWER_MAX: '1000' });
      const { token, known } = await prepare(server);
      const config = path.join(folder, 'schemathesis.toml');
      const tally = path.join(folder, 'tally.json');
      await writeFile(config, configWith(known));

      const { code, output } = await python.run(
        [
          ...['-m', 'schemathesis.cli', '--config-file', config, 'run', `${server.url}/graphql`],
          ...['--max-examples', String(EXAMPLES), '--seed', seed, '--generation-database', 'none'],
          ...[
            '--checks',
            'a_refusal_is_one_of_the_contract,response_schema_conformance,negative_data_rejection',
          ],
          ...['--continue-on-failure', '--no-color', '--warnings', 'off'],
          // After a log-out, the token would be invalid for the rest of the run.
          ...(caller === 'a user'
            ? ['--header', `Authorization: Bearer ${token}`, '--exclude-name', 'Mutation.logOutEverywhere']
            : []),
        ],
        {
          env: {
            ERROR_CODES: JSON.stringify(ERROR_CODES),
            PYTHONPATH: HOOKS,
            SCHEMATHESIS_HOOKS: 'schemathesis_hooks',
            TALLY: tally,
          },
          cwd: folder,
          signal: context.signal,
        },
      );
      expect(code, output).toBe(0);
      expect(server.errors).toEqual([]);
      const counts = JSON.parse(await readFile(tally, 'utf8')) as Record<string, number>;
      console.info(`Schemathesis, ${caller}, seed ${seed}:`, counts);
      expect(counts.positive).toBeGreaterThan(0);
      expect(counts.negative).toBeGreaterThan(0);
      expect(counts.answered).toBeGreaterThan(0);
    });
  }
}

/** Existing ids and numbers, so that operations get further than "not found". */
type Known = Record<'events' | 'locks' | 'payments' | 'bookings', string[]>;

/** A user with an event, and one of each record a user can have in it. */
async function prepare(server: ServerProcess): Promise<{ token: string; known: Known }> {
  const ok = async <Data, Vars>(...call: Parameters<typeof server.call<Data, Vars>>): Promise<Data> => {
    return dataOf(await server.call<Data, Vars>(...call));
  };
  const input = { email: 'owner@example.com', password: 'a long password' };
  const { signUp: user } = await ok(SIGN_UP, { input });
  const eventDate = new Date(Date.now() + 86_400_000).toISOString();
  const known: Known = { events: [], locks: [], payments: [], bookings: [] };
  for (const rest of [{ totalSeats: 1_000 }, { totalSeats: 10, price: { amount: 900, currency: 'USD' } }]) {
    const { createEvent } = await ok(
      CREATE_EVENT,
      { input: { name: 'A night', eventDate, ...rest } as never },
      user,
    );
    known.events.push(createEvent.id);
  }
  const eventId = known.events[0] as string;
  for (const [index, cardStatus] of (
    [null, 'SUCCESS', 'PROCESSING', 'DECLINED', 'SUCCESS'] as const
  ).entries()) {
    const { lockSeat } = await ok(LOCK_SEAT, { input: { eventId, seatNumber: index + 1 } }, user);
    known.locks.push(lockSeat.id);
    if (cardStatus === null) continue;
    const payment = { lockIds: [lockSeat.id], amount: 900, currency: 'USD', cardStatus, requestId: null };
    const { paymentId } = (await ok(SIMULATE_PAYMENT, { input: payment }, user)).simulatePayment;
    known.payments.push(paymentId);
    if (cardStatus === 'DECLINED' || index === 1) continue;
    const confirmation = { lockId: lockSeat.id, paymentId, requestId: `request ${index}` };
    known.bookings.push((await ok(CONFIRM_BOOKING, { input: confirmation }, user)).confirmBooking.id);
  }
  return { token: user.token, known };
}

/** Half of the operations send known values, in these arguments. */
function configWith(known: Known): string {
  const seats = Array.from({ length: 12 }, (_, index) => index);
  const places = {
    events: ['*.event.id', '*.locks.eventId', 'Mutation.*.input.eventId'],
    locks: ['*.seatLock.id', 'Mutation.*.lockId', 'Mutation.*.input.lockId', 'Mutation.*.input.lockIds[*]'],
    payments: ['*.payment.paymentId', 'Mutation.*.input.paymentId'],
    bookings: ['*.booking.id', 'Mutation.cancelBooking.id'],
    seats: ['Mutation.*.input.seatNumber', 'Mutation.*.input.seatNumbers[*]'],
    amounts: ['Mutation.*.input.amount'],
    currencies: ['Mutation.*.input.currency', 'Mutation.*.input.price.currency'],
    emails: ['Mutation.*.input.email'],
    passwords: ['Mutation.*.input.password'],
  };
  const values = {
    ...known,
    seats,
    amounts: [900, 1_800],
    currencies: ['USD', 'JPY'],
    emails: ['owner@example.com', 'new@example.com'],
    passwords: ['a long password'],
  };
  const lines = Object.entries(values).map(
    ([name, list]) => `${name} = { values = ${JSON.stringify(list)} }`,
  );
  const bindings = Object.entries(places).flatMap(([dictionary, list]) =>
    list.map((place) => `"${place}" = { dictionary = "${dictionary}", probability = 0.5 }`),
  );
  return ['[dictionaries]', ...lines, '[parameters]', ...bindings].join('\n');
}

async function dropDatabase(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  await connection.dropDatabase();
  await connection.close();
}
