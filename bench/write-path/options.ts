import { flag, names, OptionError, readOptions, text, whole, wholes } from '../lib/options.js';

/** More would use up the free seats of the `size` scenario's event. */
const ROUNDS_MAX = 9;
/** In a longer phase the fastest contender would need more seats than an event has. */
const SECONDS_MAX = 15;
const CALLERS_MAX = 1_000;
const CALLER_COUNTS_MAX = 8;

export const USAGE = `Usage: npm run bench -- [options]
  --scenario NAMES  write-path (default), size, contention, many-events, two-processes, reads, wishes, hold-backs,
                    sale-opening, bookings-file, several separated by commas, or all
  --rounds N        counted rounds after the warm-up round, 1 to ${ROUNDS_MAX} (default 3)
  --seconds N       how long a phase accepts new work, 1 to ${SECONDS_MAX} (default 3)
  --callers LIST    callers at once, for write-path: up to ${CALLER_COUNTS_MAX} numbers from 1 to ${CALLERS_MAX} (default 1,16,64,256)
  --only LIST       contenders to measure, for write-path (default: every one)
  --out DIRECTORY   where results are written (default .cache/bench-results)
  --publish         also writes bench/write-path/write-path.json
  --help            this text
`;

/** @returns null if only the usage was requested @throws OptionError with every invalid option */
export function parseOptions<Scenario extends string, Contender extends string>(
  args: readonly string[],
  scenarios: readonly Scenario[],
  contenders: readonly Contender[],
) {
  const options = readOptions(args, {
    scenario: names(scenarios, scenarios.slice(0, 1)),
    rounds: whole(1, ROUNDS_MAX, 3),
    seconds: whole(1, SECONDS_MAX, 3),
    callers: wholes(CALLERS_MAX, CALLER_COUNTS_MAX, [1, 16, 64, 256]),
    only: names(contenders, undefined),
    out: text('.cache/bench-results'),
    publish: flag,
  });
  if (options === null) return null;
  const { scenario, seconds, only, ...others } = options;
  if (others.publish && only !== undefined)
    throw new OptionError('--publish needs every contender: leave out --only');
  return {
    ...others,
    scenarios: scenario,
    phaseMs: seconds * 1000,
    /** Undefined for every contender. */
    only: only && new Set(only),
  };
}
