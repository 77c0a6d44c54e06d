import { statfs, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NoAnswer, Refusal } from '../rush/server-api.js';
import { type Call, nowMs } from './call-history.js';
import { type Scene, type Struck, strikeTime, struck } from './fault.js';
import { ReadinessProbe } from './readiness-probe.js';

const FULL_MS = 6_000;
/** More than a server's pool has connections. */
const READERS = 150;
/** Refusals come within this time, in any state of the database. */
const REFUSED_MS_MAX = 12_000;
/** `/readyz` must fail within this time. */
const NOT_READY_MS_MAX = 5_000;
const LEFT_BYTES = 512 * 1024;
const BALLAST_BYTES = 4 * 1024 * 1024;
const READ = '{ me { bookings(first: 20) { nodes { id } } } }';

export async function fillDisk({ environment, history }: Scene): Promise<Struck> {
  const [mongod] = environment.set.members;
  if (mongod === undefined) throw new Error('There is no database.');
  const ballast = path.join(path.dirname(mongod.dbPath), 'ballast');
  const probe = new ReadinessProbe(environment.server.url);
  const repaired = new AbortController();
  // Without delay: mongod needs some seconds to notice.
  const filledMs = nowMs();
  await fill(ballast);
  const reviving = environment.revive(mongod, repaired.signal);
  const diedMs = await endOf(mongod, FULL_MS);
  await wait(FULL_MS);
  await unlink(ballast);
  const fromMs = nowMs();
  while (!mongod.isRunning) await wait(50);
  repaired.abort();
  await reviving;
  await environment.set.restored();
  await wait(1_000);
  await probe.stop();
  const figures: Record<string, number> = {
    'refused after at most': slowestRefusalMs(history.calls, filledMs, fromMs),
  };
  const wrong = slowRefusals(figures['refused after at most'] ?? 0);
  if (diedMs !== null) {
    figures['mongod gave up after'] = diedMs - filledMs;
    wrong.push(...notReadyInTime(probe, diedMs, figures));
  }
  return struck(fromMs, wrong, figures);
}

/** Leaves almost no free space. */
async function fill(ballast: string): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(ballast));
  const bytes = Math.max(0, bavail * bsize - LEFT_BYTES);
  await writeFile(ballast, '');
  for (let left = bytes; left > 0; left -= BALLAST_BYTES) {
    const chunk = Buffer.alloc(Math.min(left, BALLAST_BYTES));
    // Another process may have filled the disk meanwhile.
    if (
      !(await writeFile(ballast, chunk, { flag: 'a' }).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

/** @returns when it ended; null if it has not within the time */
async function endOf(mongod: { readonly isRunning: boolean }, msMax: number): Promise<number | null> {
  const untilMs = nowMs() + msMax;
  while (nowMs() < untilMs) {
    if (!mongod.isRunning) return nowMs();
    await wait(50);
  }
  return null;
}

/** A database that is reachable but useless for a while. */
export async function hamper(
  { environment, history, random }: Scene,
  forMs: number,
  { start, end }: { start(): void; end(): void },
): Promise<Struck> {
  const probe = new ReadinessProbe(environment.server.url);
  await strikeTime(random);
  const startedMs = nowMs();
  start();
  await wait(forMs);
  end();
  const fromMs = nowMs();
  const untilMs = fromMs + 2 * NOT_READY_MS_MAX;
  while (probe.answeredAfterMs(true, fromMs) === null && nowMs() < untilMs) await wait(100);
  await probe.stop();
  const figures: Record<string, number> = {
    'refused after at most': slowestRefusalMs(history.calls, startedMs, fromMs),
  };
  const wrong = [
    ...slowRefusals(figures['refused after at most'] ?? 0),
    ...notReadyInTime(probe, startedMs, figures),
  ];
  const readyMs = probe.answeredAfterMs(true, fromMs);
  if (readyMs === null) wrong.push('/readyz did not recover');
  else figures['ready again after'] = readyMs;
  return struck(fromMs, wrong, figures);
}

/** Sends more reads than the pool has connections. @returns what was wrong with their answers */
export async function exhaustPool({ history, token }: Scene): Promise<string[]> {
  let refused = 0;
  const wrong = new Set<string>();
  const read = async (reader: number) => {
    try {
      await history.apiOf(1_000_000 + reader).ask(READ, {}, token);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'TOO_BUSY') {
        refused += 1;
        if (typeof error.details.retryAfterMs !== 'number') wrong.add('TOO_BUSY without a retry time');
      } else
        wrong.add(error instanceof NoAnswer ? `a reader had no answer: ${error.message}` : String(error));
    }
  };
  await Promise.all(Array.from({ length: READERS }, (_, reader) => read(reader)));
  if (refused === 0) wrong.add('no reader was refused: the pool was not exhausted');
  return [...wrong];
}

function slowestRefusalMs(calls: readonly Call[], fromMs: number, toMs: number): number {
  const times = calls
    .filter(
      ({ outcome, callMs }) =>
        outcome?.kind === 'refused' && outcome.code === 'TOO_BUSY' && callMs >= fromMs && callMs < toMs,
    )
    .map(({ callMs, returnMs }) => (returnMs ?? nowMs()) - callMs);
  return Math.max(0, ...times);
}

const slowRefusals = (ms: number): string[] =>
  ms > REFUSED_MS_MAX ? [`a refusal took ${ms.toFixed(0)} ms`] : [];

function notReadyInTime(probe: ReadinessProbe, fromMs: number, figures: Record<string, number>): string[] {
  const ms = probe.answeredAfterMs(false, fromMs);
  if (ms !== null) figures['/readyz failed after'] = ms;
  return ms === null || ms > NOT_READY_MS_MAX ? [`/readyz failed after ${ms ?? 'no'} ms`] : [];
}
