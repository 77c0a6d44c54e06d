import { setTimeout as wait } from 'node:timers/promises';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { median, quantile } from '../../lib/statistics.js';
import { startContender } from '../contenders.js';
import { versionOf } from '../database-version.js';
import { faultsIn, lineOf, sumOf } from '../figures.js';
import { type Granted, withCallers } from '../locks.js';
import { sightingsOf } from '../received-changes.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

/** One run: 40 holds in four bursts of ten, as another product publishes it (p99 394 ms to 10,000 watchers on 11 cores). */
const BURSTS = 4;
const HOLDS_PER_BURST = 10;
const HOLDS_PER_RUN = BURSTS * HOLDS_PER_BURST;
/** Runs of one round share their watchers: to connect 10,000 takes longer than ten runs. */
const RUNS_PER_ROUND = 10;
/** From the moment when every watcher has one burst to the next burst, so that the server is idle again. */
const PAUSE_MS = 1_000;

const SIZES = [
  { watchers: 1_000, p99MsMax: 60 },
  { watchers: 10_000, p99MsMax: 394 },
] as const;
/** No burst may take longer, in any run. */
const BURST_MS_MAX = 1_000;

/** What the runs of one round measured, in milliseconds. */
interface BurstFigures extends Readonly<Record<string, number>> {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Ten people hold a seat at the same moment: how long until every watcher of the map has each hold. */
export async function burst(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const ours = await startContender(environment, 'ours');
  const sizes = SIZES.filter(({ watchers }) => watchers <= mostWatchers(setting));
  const runs = new Map<number, BurstFigures[]>(sizes.map(({ watchers }) => [watchers, []]));

  const arms = sizes.map(
    ({ watchers }): Arm<Readonly<Record<string, number>>> => ({
      name: `${watchers} watchers`,
      run: async () => {
        const eventId = await createEvent(database, HOLDS_PER_RUN * RUNS_PER_ROUND);
        await audience.open({ ...ours.watching, maps: [{ eventId, watchers }], since: null });
        await audience.take();
        const figures: BurstFigures[] = [];
        let missing = 0;
        let outOfOrder = 0;
        let lost = 0;
        await withCallers(
          environment,
          ours.server,
          eventId,
          HOLDS_PER_RUN * RUNS_PER_ROUND,
          HOLDS_PER_BURST,
          async (lock) => {
            for (let run = 0; run < RUNS_PER_ROUND; run++) {
              const holds: Granted[] = [];
              for (let nth = 0; nth < BURSTS; nth++) {
                await wait(PAUSE_MS);
                const first = run * HOLDS_PER_RUN + nth * HOLDS_PER_BURST;
                holds.push(
                  ...(await Promise.all(
                    Array.from({ length: HOLDS_PER_BURST }, (_, index) => lock(first + index)),
                  )),
                );
                await audience.reach({ version: await versionOf(database, eventId) });
              }
              const taken = await audience.take();
              const called = new Map(holds.map(({ seatNumber, beganMs }) => [seatNumber, beganMs]));
              const sightings = sightingsOf(taken.told, watchers, called, 'LOCKED');
              const sorted = sightings.delaysMs.toSorted((one, other) => one - other);
              figures.push({
                p50Ms: quantile(sorted, 0.5),
                p99Ms: quantile(sorted, 0.99),
                maxMs: sorted.at(-1) ?? Number.NaN,
              });
              missing += sightings.missing;
              const faults = faultsIn(taken);
              outOfOrder += faults.outOfOrder ?? 0;
              lost += faults.lost ?? 0;
            }
          },
        );
        await audience.close();
        runs.get(watchers)?.push(...figures);
        return {
          seen: {
            p50Ms: median(figures.map(({ p50Ms }) => p50Ms)),
            p99Ms: median(figures.map(({ p99Ms }) => p99Ms)),
            maxMs: Math.max(...figures.map(({ maxMs }) => maxMs)),
            missing,
            outOfOrder,
            lost,
          },
        };
      },
    }),
  );
  const results = await runRoundsOf(arms, { ...setting, warmsUp: false }, lineOf);
  await ours.server.stop();

  return {
    about:
      `${HOLDS_PER_RUN} holds in ${BURSTS} bursts of ${HOLDS_PER_BURST}: from the call of each hold to each watcher having it. ` +
      `A run is four bursts; figures are of the median run, and of the worst one.`,
    rows: sizes.map(({ watchers }) => {
      const measured = runs.get(watchers) ?? [];
      return {
        watchers,
        runs: measured.length,
        p50Ms: median(measured.map(({ p50Ms }) => p50Ms)),
        p99Ms: median(measured.map(({ p99Ms }) => p99Ms)),
        'worst p99 ms': Math.max(...measured.map(({ p99Ms }) => p99Ms)),
        maxMs: Math.max(...measured.map(({ maxMs }) => maxMs)),
      };
    }),
    goals: sizes.flatMap(({ watchers, p99MsMax }) => {
      const measured = runs.get(watchers) ?? [];
      const seen = results(`${watchers} watchers`, 'seen');
      return [
        atMost(
          p99MsMax,
          `${watchers} watchers: p99 of the median run, in ms`,
          median(measured.map(({ p99Ms }) => p99Ms)),
        ),
        atMost(
          BURST_MS_MAX,
          `${watchers} watchers: the slowest delivery of all runs, in ms`,
          Math.max(...measured.map(({ maxMs }) => maxMs)),
        ),
        atMost(
          0,
          `${watchers} watchers: holds that a watcher did not get, all rounds`,
          sumOf(seen, 'missing'),
        ),
        atMost(0, `${watchers} watchers: messages out of order, all rounds`, sumOf(seen, 'outOfOrder')),
        atMost(0, `${watchers} watchers: sockets lost, all rounds`, sumOf(seen, 'lost')),
      ];
    }),
  };
}
