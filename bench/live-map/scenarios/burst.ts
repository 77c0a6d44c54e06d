import { setTimeout as wait } from 'node:timers/promises';
import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { median } from '../../lib/statistics.js';
import { startContender } from '../contenders.js';
import { versionOf } from '../database-version.js';
import { lineOf, noErrors, sumOf } from '../figures.js';
import { type Granted, withCallers } from '../locks.js';
import { type DelayFigures, delayColumns, sightingsOf } from '../received-changes.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

/** One run has 40 locks in four bursts of ten, like a published figure of another product (p99 394 ms, 10,000 watchers, 11 cores). */
const BURSTS = 4;
const HOLDS_PER_BURST = 10;
const HOLDS_PER_RUN = BURSTS * HOLDS_PER_BURST;
/** The runs of a round share their watchers: connecting 10,000 takes longer than ten runs. */
const RUNS_PER_ROUND = 10;
/** Between the delivery of a burst and the next burst, so that the server is idle again. */
const PAUSE_MS = 1_000;

const SIZES = [
  { watchers: 1_000, p99MsMax: 60 },
  { watchers: 10_000, p99MsMax: 394 },
] as const;
/** Longest allowed delivery, in any run. */
const BURST_MS_MAX = 1_000;

/** Ten people lock a seat at the same time: how long until every watcher has each lock. */
export async function burst(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const ours = await startContender(environment, 'ours');
  const sizes = SIZES.filter(({ watchers }) => watchers <= mostWatchers(setting));
  const runs = new Map<number, DelayFigures[]>(sizes.map(({ watchers }) => [watchers, []]));

  const arms = sizes.map(
    ({ watchers }): Arm<Readonly<Record<string, number>>> => ({
      name: `${watchers} watchers`,
      run: async () => {
        const eventId = await createEvent(database, HOLDS_PER_RUN * RUNS_PER_ROUND);
        await audience.openMap(ours, eventId, watchers);
        const figures: DelayFigures[] = [];
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
              const called = new Map(holds.map(({ seatNumber, startedMs }) => [seatNumber, startedMs]));
              const sightings = sightingsOf(taken.received, watchers, called, 'LOCKED');
              figures.push(delayColumns(sightings.delaysMs));
              missing += sightings.missing;
              outOfOrder += taken.outOfOrder;
              lost += taken.lost;
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
      `${HOLDS_PER_RUN} holds in ${BURSTS} bursts of ${HOLDS_PER_BURST}: from each call until each watcher has received the lock. ` +
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
        ...noErrors(seen, ` to ${watchers} watchers`),
      ];
    }),
  };
}
