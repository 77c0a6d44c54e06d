import { names, readOptions, SEED_MAX, seed, whole } from '../../lib/options.js';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.js';

const SEEDS_MAX = 10_000;
const ROUNDS_MAX = 1_000;
/** As many sockets as one process opens without raising its limit of open files. */
const WATCHERS_MAX = 400;
const WRITERS_MAX = 50;

export const USAGE = `Usage: npm run chaos:live -- [options]
  --seed N        seed of the random numbers, 0 to ${SEED_MAX} (default: drawn, and printed)
  --seeds N       number of consecutive seeds, 1 to ${SEEDS_MAX} (default 1)
  --faults LIST   faults, separated by commas, or none (default all):
${FAULT_NAMES.map((name) => `    ${name.padEnd(18)} ${FAULTS[name].what}`).join('\n')}
  --rounds N      faults per seed, each followed by a calm phase, 1 to ${ROUNDS_MAX} (default: each fault once, or 10)
  --watchers N    1 to ${WATCHERS_MAX} (default 30)
  --writers N     1 to ${WRITERS_MAX} (default 6)
  --help          this text
`;

/** `none` alone means a run without faults. */
const NAMES: readonly (FaultName | 'none')[] = [...FAULT_NAMES, 'none'];

export type ChaosOptions = NonNullable<ReturnType<typeof parseOptions>>;

/** @returns null if only the usage was requested @throws OptionError with every invalid option */
export function parseOptions(args: readonly string[]) {
  const options = readOptions(args, {
    seed,
    seeds: whole(1, SEEDS_MAX, 1),
    faults: names(NAMES, NAMES),
    rounds: whole(1, ROUNDS_MAX, undefined),
    watchers: whole(1, WATCHERS_MAX, 30),
    writers: whole(1, WRITERS_MAX, 6),
  });
  if (options === null) return null;
  const faults = options.faults.filter((name): name is FaultName => name !== 'none');
  return { ...options, faults, rounds: options.rounds ?? (faults.length || FAULT_NAMES.length) };
}
