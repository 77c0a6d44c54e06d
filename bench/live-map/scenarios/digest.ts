import { SeatDigest } from '../../../src/feed/seat-digest.js';
import { atMost } from '../../lib/goals.js';
import type { Report } from '../../lib/scenario.js';
import { median } from '../../lib/statistics.js';
import { compareDeliveries } from '../alternation.js';
import { startContender } from '../contenders.js';
import { noErrors } from '../figures.js';
import { WATCH_WITH_DIGEST } from '../message.js';
import type { LiveSetting } from '../setting.js';

const SEATS = 100_000;
const ROUNDS = 21;
/** Of a seat that was locked and is booked: its hash leaves the digest, and another comes in. */
const TOGGLES_PER_SEAT = 2;

/** What the digest adds to the cost of a delivery, if every watcher reads it. */
export async function digest(setting: LiveSetting): Promise<Report> {
  const ours = await startContender(setting.environment, 'ours');
  const comparisons = await compareDeliveries(setting, ours, [
    { name: 'without the digest', watching: ours.watching },
    { name: 'with the digest', watching: { ...ours.watching, query: WATCH_WITH_DIGEST } },
  ]);
  await ours.server.stop();
  return {
    about:
      'One change of five seats after the other, on two maps of one server by turns: all watchers of one map read the digest, ' +
      'those of the other map do not. times: the median of all pairs of changes, and where the true one is with a probability of 95 %.',
    rows: comparisons.flatMap(({ rows }) => rows),
    goals: [
      ...comparisons.map(({ watchers, ratio }) =>
        atMost(1.01, `server CPU of a delivery to ${watchers} with the digest, times without`, ratio),
      ),
      atMost(1_000, 'nanoseconds that the digest takes for a changed seat', nanosecondsPerSeat()),
      ...noErrors(comparisons.flatMap(({ figures }) => figures)),
    ],
  };
}

function nanosecondsPerSeat(): number {
  const digest = new SeatDigest();
  const lockedUntilMs = Date.now();
  const letters = [...'LB'].map((letter) => letter.charCodeAt(0));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    for (let toggle = 0; toggle < TOGGLES_PER_SEAT; toggle++)
      for (let seat = 1; seat <= SEATS; seat++)
        digest.toggle(seat, letters[seat % 2] as number, lockedUntilMs + seat);
    return ((performance.now() - startMs) / SEATS) * 1e6;
  });
  return median(rounds);
}
