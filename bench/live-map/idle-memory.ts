import { setTimeout as wait } from 'node:timers/promises';
import { residentKbOf } from '../lib/processes.js';
import type { ServerProcess } from '../lib/server-process.js';
import type { Audience } from './audience.js';
import type { Contender, MapUnderTest } from './contenders.js';

/** Before the first measurement, a server executes everything once. */
const WARM_UP_WATCHERS = 100;
const WARM_UP_CHANGES = 20;
/** A server's memory is read until it no longer grows or shrinks, for at most this time. */
const SETTLE_MS_MAX = 20_000;
const CHECK_EVERY_MS = 1_000;
const STEADY_PART = 0.005;
const STEADY_CHECKS = 3;

/** Opens watchers. @returns the memory (RSS) of a new server without and with them */
export async function openIdle(
  audience: Audience,
  contender: Pick<Contender, 'server' | 'watching'>,
  map: MapUnderTest,
  watchers: number,
): Promise<{ emptyKb: number; idleKb: number }> {
  await audience.watch(contender, map, Math.min(WARM_UP_WATCHERS, watchers));
  for (let change = 0; change < WARM_UP_CHANGES; change++) await audience.reach(await map.change());
  await audience.close();
  const emptyKb = await settledKb(contender.server);
  await audience.watch(contender, map, watchers);
  const idleKb = await settledKb(contender.server);
  return { emptyKb, idleKb };
}

export async function settledKb({ pid }: ServerProcess): Promise<number> {
  const endMs = Date.now() + SETTLE_MS_MAX;
  let kb = await residentKbOf(pid);
  for (let steady = 0; steady < STEADY_CHECKS && Date.now() < endMs; ) {
    await wait(CHECK_EVERY_MS);
    const before = kb;
    kb = await residentKbOf(pid);
    steady = Math.abs(kb - before) <= before * STEADY_PART ? steady + 1 : 0;
  }
  return kb;
}
