import { OptionFaults, SEED_MAX, valuesOf } from '../../lib/option-values.js';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.js';
import type { RunOptions } from './run.js';

const SEEDS_MAX = 10_000;
const ROUNDS_MAX = 1_000;
/** As many sockets as one process opens without raising its limit of open files. */
const WATCHERS_MAX = 400;
const WRITERS_MAX = 50;

const names = FAULT_NAMES.map((name) => `    ${name.padEnd(18)} ${FAULTS[name].what}`).join('\n');

export const USAGE = `Usage: npm run chaos:live -- [options]
  --seed N        what chance begins with, 0 to ${SEED_MAX}; left out: drawn, and printed
  --seeds N       so many seeds in a row, 1 to ${SEEDS_MAX} (default 1)
  --faults LIST   what breaks, with commas between, or none (default all):
${names}
  --rounds N      faults a seed, each with calm after it, 1 to ${ROUNDS_MAX} (default: each fault once, or 10)
  --watchers N    1 to ${WATCHERS_MAX} (default 30)
  --writers N     1 to ${WRITERS_MAX} (default 6)
  --help          this text
`;

export interface ChaosOptions extends RunOptions {
  /** Undefined: to be drawn. */
  readonly seed: number | undefined;
  readonly seeds: number;
}

/**
 * @returns null where only the usage was asked for
 * @throws OptionError with every fault
 */
export function parseOptions(args: readonly string[]): ChaosOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const wrong = new OptionFaults();
  const faults = faultsIn(values.faults, wrong);
  const options = {
    seed: wrong.seed(values.seed),
    seeds: wrong.whole('seeds', values.seeds, 1, SEEDS_MAX),
    faults,
    rounds:
      values.rounds === undefined
        ? faults.length || FAULT_NAMES.length
        : wrong.whole('rounds', values.rounds, 1, ROUNDS_MAX),
    watchers: wrong.whole('watchers', values.watchers, 1, WATCHERS_MAX),
    writers: wrong.whole('writers', values.writers, 1, WRITERS_MAX),
  };
  wrong.throw();
  return options;
}

function parse(args: readonly string[]) {
  return valuesOf(args, {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    faults: { type: 'string' },
    rounds: { type: 'string' },
    watchers: { type: 'string', default: '30' },
    writers: { type: 'string', default: '6' },
    help: { type: 'boolean', default: false },
  });
}

function faultsIn(text: string | undefined, wrong: OptionFaults): FaultName[] {
  if (text === undefined) return FAULT_NAMES;
  if (text === 'none') return [];
  return text.split(',').flatMap((name) => {
    const known = FAULT_NAMES.find((each) => each === name);
    if (known !== undefined) return [known];
    wrong.add(`--faults knows no ${JSON.stringify(name)}; it is none, or some of ${FAULT_NAMES.join(', ')}`);
    return [];
  });
}
