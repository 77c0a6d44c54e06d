import { flag, names, readOptions, text, whole, wholes } from '../lib/options.js';

const ROUNDS_MAX = 9;
/** In a longer phase the unsent messages of the stock server would overflow its queues, which ends it. */
const SECONDS_MAX = 15;
const WATCHERS_MAX = 10_000;
const WATCHER_COUNTS_MAX = 8;
const MINUTES_MAX = 240;
/** An unattended run must end by itself. */
const MINUTES_OF_ALL_DEFAULT = 25;
const WATCHERS_DEFAULT: readonly number[] = [100, 1_000, 5_000];
const WATCHERS_OF_ALL_DEFAULT: readonly number[] = [...WATCHERS_DEFAULT, 10_000];

export const USAGE = `Usage: npm run bench:live -- [options]
  --scenario NAMES  deliver (default), memory, latency, burst, expiry, mass-expiry, reconnect, big-map, many-events,
                    buyers, digest, event-streams, several separated by commas, or all
  --watchers LIST   sockets at once: up to ${WATCHER_COUNTS_MAX} numbers from 1 to ${WATCHERS_MAX}; a scenario of one size takes the largest number
                    that it is meant for (default ${WATCHERS_DEFAULT}; with all, ${WATCHERS_OF_ALL_DEFAULT})
  --rounds N        counted rounds after the warm-up round, 1 to ${ROUNDS_MAX} (default 3)
  --minutes N       about how long the whole run may take, 1 to ${MINUTES_MAX}: rounds that do not fit are left out, except the first
                    of each scenario (default: no limit; with all, ${MINUTES_OF_ALL_DEFAULT})
  --seconds N       how long changes are made in a phase, 1 to ${SECONDS_MAX} (default 5)
  --out DIRECTORY   where results are written (default .cache/bench-results)
  --publish         also writes bench/live-map/live-map.json
  --help            this text
`;

/** @returns null if only the usage was requested @throws OptionError with every invalid option */
export function parseOptions<Scenario extends string>(args: readonly string[], known: readonly Scenario[]) {
  const options = readOptions(args, {
    scenario: names(known, known.slice(0, 1)),
    watchers: wholes(WATCHERS_MAX, WATCHER_COUNTS_MAX, undefined),
    rounds: whole(1, ROUNDS_MAX, 3),
    seconds: whole(1, SECONDS_MAX, 5),
    minutes: whole(1, MINUTES_MAX, undefined),
    out: text('.cache/bench-results'),
    publish: flag,
  });
  if (options === null) return null;
  const { scenario, seconds, ...others } = options;
  const isAll = scenario.length === known.length;
  const minutes = others.minutes ?? (isAll ? MINUTES_OF_ALL_DEFAULT : undefined);
  return {
    ...others,
    scenarios: scenario,
    watchers: others.watchers ?? (isAll ? WATCHERS_OF_ALL_DEFAULT : WATCHERS_DEFAULT),
    phaseMs: seconds * 1000,
    msMax: minutes && minutes * 60_000,
  };
}
