import { OptionError, valuesOf } from '../lib/option-values.js';

/** More would use up the free seats of the `size` scenario's event. */
const ROUNDS_MAX = 9;
/** What the fastest contender gets through in more would need more seats than an event has. */
const SECONDS_MAX = 15;
const CALLERS_MAX = 1_000;
const CALLER_COUNTS_MAX = 8;

export const USAGE = `Usage: npm run bench -- [options]
  --scenario NAMES  what is measured, with commas between: write-path (default), size, contention, many-events,
                    two-processes, reads; or all
  --rounds N        counted rounds after the one that warms up, 1 to ${ROUNDS_MAX} (default 3)
  --seconds N       how long a phase takes new work, 1 to ${SECONDS_MAX} (default 3)
  --callers LIST    of the write path: callers at once, up to ${CALLER_COUNTS_MAX} counts from 1 to ${CALLERS_MAX} (default 1,16,64,256)
  --only LIST       of the write path: these contenders alone
  --out DIRECTORY   where results are written (default .cache/bench-results)
  --publish         also writes them to bench/write-path/write-path.json and bench/write-path/write-path.svg, which docs/benchmarks.md shows
  --help            this text
`;

export interface BenchOptions<Scenario extends string, Contender extends string> {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  readonly phaseMs: number;
  readonly callers: readonly number[];
  /** Undefined for all of them. */
  readonly only: ReadonlySet<Contender> | undefined;
  readonly out: string;
  readonly publish: boolean;
}

/**
 * @returns null where only the usage was asked for
 * @throws OptionError with every fault
 */
export function parseOptions<Scenario extends string, Contender extends string>(
  args: readonly string[],
  scenarios: readonly Scenario[],
  contenders: readonly Contender[],
): BenchOptions<Scenario, Contender> | null {
  const values = parse(args);
  if (values.help) return null;
  const faults: string[] = [];
  const whole = (name: string, text: string, min: number, max: number) => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    faults.push(
      `--${name} must be ${name === 'callers' ? 'a list of whole numbers' : 'a whole number'} from ${min} to ${max}; it is ${JSON.stringify(values[name as keyof typeof values])}`,
    );
    return min;
  };
  const named = <Name extends string>(name: string, text: string, known: readonly Name[]): Name[] =>
    splitList(text).filter((each): each is Name => {
      if (known.includes(each as Name)) return true;
      faults.push(`--${name} knows ${known.join(', ')}; it does not know ${JSON.stringify(each)}`);
      return false;
    });

  const options: BenchOptions<Scenario, Contender> = {
    scenarios: values.scenario === 'all' ? scenarios : named('scenario', values.scenario, scenarios),
    rounds: whole('rounds', values.rounds, 1, ROUNDS_MAX),
    phaseMs: whole('seconds', values.seconds, 1, SECONDS_MAX) * 1000,
    callers: splitList(values.callers).map((text) => whole('callers', text, 1, CALLERS_MAX)),
    only: values.only === undefined ? undefined : new Set(named('only', values.only, contenders)),
    out: values.out,
    publish: values.publish,
  };
  if (options.scenarios.length === 0) faults.push('--scenario must name at least one');
  if (options.only?.size === 0) faults.push('--only must name at least one');
  if (options.callers.length < 1 || options.callers.length > CALLER_COUNTS_MAX) {
    faults.push(`--callers must have 1 to ${CALLER_COUNTS_MAX} counts`);
  }
  if (options.out === '') faults.push('--out must be the name of a directory');
  if (options.publish && options.only !== undefined) {
    faults.push('--publish needs every contender: leave --only out');
  }
  if (faults.length > 0) throw new OptionError([...new Set(faults)].join('\n'));
  return options;
}

function parse(args: readonly string[]) {
  return valuesOf(args, {
    scenario: { type: 'string', default: 'write-path' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '1,16,64,256' },
    only: { type: 'string' },
    out: { type: 'string', default: '.cache/bench-results' },
    publish: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
}

/** What has commas between, each once. */
export const splitList = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
];
