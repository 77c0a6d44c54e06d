import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { type Environment, OURS } from '../lib/environment.js';
import { createEvent, SEATS_PER_ROW } from '../lib/events.js';
import { HOLD_SEATS, type HoldAnswer, LOCK_SEATS, RELEASE_HOLD } from '../lib/operations.js';
import type { ServerProcess } from '../lib/server-process.js';
import { type Caller, overHttp, Refused } from '../lib/transports.js';
import { readHistory } from './event-history.js';
import { auditOrphans, type OrphanFindings } from './orphan-audit.js';
import { PlainHall, seatsFrom } from './plain-hall.js';

const EVENTS = 8;
/** Small, so that it is often nearly full. */
const SEATS = 100;
const CALLERS_PER_EVENT = 9;
const PICK_MAX = 6;
const HELD_MAX = 10;
/** How many of the picks are neighbours; the others are any seats. */
const BLOCKS_PERCENT = 70;

export interface PickFindings extends OrphanFindings {
  /** Calls to lock seats that were named, with whatever answer. */
  readonly picks: number;
  readonly refusals: Readonly<Record<string, number>>;
}

/** Many users pick random seats of events with the orphan rule at the same time. Then every choice is audited. */
export async function pickAtRandom(
  environment: Environment,
  server: ServerProcess,
  durationMs: number,
  seed: number,
): Promise<PickFindings> {
  const random = new SeededRandom(seed);
  const ours = environment.database(OURS);
  const eventIds: string[] = [];
  while (eventIds.length < EVENTS) {
    eventIds.push(await createEvent(ours, SEATS, undefined, { orphanRule: 'refuse' }));
  }
  const tokens = await environment.users.tokens(EVENTS * CALLERS_PER_EVENT, 0);
  const transport = await overHttp(
    [server.url],
    tokens.map((token) => [token]),
  );
  const refusals: Record<string, number> = {};
  let picks = 0;
  const endMs = performance.now() + durationMs;

  const pickUntilEnd = async (caller: Caller, eventId: string) => {
    let held = 0;
    while (performance.now() < endMs) {
      const seatNumbers = anySeats(random);
      if (held + seatNumbers.length > HELD_MAX) {
        await caller.call(RELEASE_HOLD, { eventId }, 0);
        held = 0;
      }
      picks += 1;
      const refusal = await pick(caller, eventId, seatNumbers, random.chance(50));
      if (refusal === null) held += seatNumbers.length;
      else refusals[refusal] = (refusals[refusal] ?? 0) + 1;
    }
  };
  await Promise.all(
    transport.callers.map((caller, index) => pickUntilEnd(caller, eventIds[index % EVENTS] as string)),
  );
  await transport.close();

  const findings: OrphanFindings[] = [];
  for (const eventId of eventIds) {
    findings.push(auditOrphans(new PlainHall(SEATS, SEATS_PER_ROW), await readHistory(ours, eventId)));
  }
  return {
    picks,
    refusals,
    choices: findings.reduce((sum, { choices }) => sum + choices, 0),
    excused: findings.reduce((sum, { excused }) => sum + excused, 0),
    forbidden: findings.flatMap(({ forbidden }) => forbidden),
  };
}

function anySeats(random: SeededRandom): number[] {
  const quantity = 1 + random.below(PICK_MAX);
  if (!random.chance(BLOCKS_PERCENT)) return random.some(seatsFrom(1, SEATS), quantity);
  const row = random.below(SEATS / SEATS_PER_ROW);
  return seatsFrom(row * SEATS_PER_ROW + 1 + random.below(SEATS_PER_ROW - quantity + 1), quantity);
}

/** @returns the code of the refusal */
async function pick(
  caller: Caller,
  eventId: string,
  seatNumbers: readonly number[],
  byWish: boolean,
): Promise<string | null> {
  try {
    if (!byWish) {
      await caller.call(LOCK_SEATS, { input: { eventId, seatNumbers } }, 0);
      return null;
    }
    const data = await caller.call(HOLD_SEATS, { input: { eventId, wishes: [{ seatNumbers }] } }, 0);
    return (data.holdSeats as HoldAnswer).refusal?.code ?? null;
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}
