import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, OURS } from '../lib/environment.js';
import { createEvent, SEATS_PER_ROW } from '../lib/events.js';
import { HOLD_SEATS, type HoldAnswer } from '../lib/operations.js';
import { cpuMsOf } from '../lib/processes.js';
import { quantile } from '../lib/statistics.js';
import { type Caller, overWebSocket, Refused } from '../lib/transports.js';
import { readHistory } from '../wishes/event-history.js';
import { PlainHall } from '../wishes/plain-hall.js';
import {
  auditRefusals,
  type LoggedBatch,
  type PartyAnswer,
  REFUSAL_CHECKS,
  type RefusalFindings,
} from './refusal-audit.js';

const PARTY_SIZE = 2;
const COMMITTED = 'Committed a batch';
/** The log of the last batch may be written after its answers. */
const LOG_MS_MAX = 5_000;
const CHECK_EVERY_MS = 50;

export interface PartySale {
  readonly winners: number;
  /** Refusals by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Free seats in the end. */
  readonly freeSeats: number;
  /** From the first call to the last answer. */
  readonly saleMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one call. */
  readonly serverCpuUs: number;
  readonly batches: number;
  readonly findings: RefusalFindings;
}

/** Parties of two ask for the best two seats together, all at once, each on an open socket of its own. */
export async function runPartySale(
  environment: Environment,
  parties: number,
  seats: number,
): Promise<PartySale> {
  await environment.open();
  const database = environment.database(OURS);
  const server = await environment.startServer('../src/main.js', OURS, {}, { keepsLog: true });
  const eventId = await createEvent(database, seats);
  const tokens = await environment.users.tokens(parties, 0);
  const transport = await overWebSocket(
    [server.url],
    tokens.map((token) => [token]),
  );

  const answers = new Map<string, PartyAnswer>();
  const latenciesMs: number[] = [];
  const ask = async (caller: Caller, party: number) => {
    const startMs = performance.now();
    answers.set(idOf(party), await hold(caller, eventId, idOf(party)));
    latenciesMs.push(performance.now() - startMs);
  };
  const cpuBeforeMs = await cpuMsOf(server.pid);
  const startMs = performance.now();
  await Promise.all(transport.callers.map(ask));
  const saleMs = performance.now() - startMs;
  const serverCpuUs = (((await cpuMsOf(server.pid)) - cpuBeforeMs) / parties) * 1000;
  await transport.close();

  const batches = () =>
    server.lines.filter(
      (line) => line.msg === COMMITTED && line.eventId === eventId,
    ) as unknown as LoggedBatch[];
  const logged = () => batches().reduce((sum, { correlationIds }) => sum + correlationIds.length, 0);
  for (let waitedMs = 0; logged() < parties && waitedMs < LOG_MS_MAX; waitedMs += CHECK_EVERY_MS) {
    await sleep(CHECK_EVERY_MS);
  }
  const hall = new PlainHall(seats, SEATS_PER_ROW);
  const history = await readHistory(database, eventId);
  const findings = auditRefusals(hall, PARTY_SIZE, batches(), history, answers);
  const refusals: Record<string, number> = {};
  for (const answer of answers.values()) {
    if ('refusal' in answer) refusals[answer.refusal] = (refusals[answer.refusal] ?? 0) + 1;
  }
  latenciesMs.sort((a, b) => a - b);
  return {
    winners: [...answers.values()].filter((answer) => 'seatNumbers' in answer).length,
    refusals,
    freeSeats: hall.freeSeats,
    saleMs,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    serverCpuUs,
    batches: batches().length,
    findings,
  };
}

const idOf = (party: number): string => `party-${party}`;

async function hold(caller: Caller, eventId: string, correlationId: string): Promise<PartyAnswer> {
  const input = { eventId, wishes: [{ best: { quantity: PARTY_SIZE } }] };
  try {
    const data = await caller.call(HOLD_SEATS, { input }, 0, correlationId);
    const { locks, refusal } = data.holdSeats as HoldAnswer;
    return refusal === null
      ? { seatNumbers: locks.map(({ seatNumber }) => seatNumber) }
      : { refusal: refusal.code };
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.code };
    throw error;
  }
}

const EXAMPLES_MAX = 5;

export function partyReportOf(sale: PartySale, { fans, seats }: { fans: number; seats: number }): string {
  const refusals = Object.entries(sale.refusals).map(([code, count]) => `${count} × ${code}`);
  const lines = [
    `${fans} fans asked for two of ${seats} seats at once. All were answered after ${sale.saleMs.toFixed(0)} ms, in ${sale.batches} batches.`,
    `Winners: ${sale.winners}. Refused: ${refusals.join(', ') || 'none'}. Free seats in the end: ${sale.freeSeats}.`,
    `p50 ${sale.p50Ms.toFixed(0)} ms, p99 ${sale.p99Ms.toFixed(0)} ms; ${sale.serverCpuUs.toFixed(0)} µs of server CPU for a call`,
    '',
    'Audit, from the changes of the event',
    ...Object.entries(REFUSAL_CHECKS).flatMap(([check, what]) => {
      const found = sale.findings[check as keyof RefusalFindings];
      const examples = found.slice(0, EXAMPLES_MAX).map((example) => `           ${example}`);
      return [`${String(found.length).padStart(7)}  ${what}`, ...examples];
    }),
  ];
  return `${lines.join('\n')}\n`;
}
