import { OptionError, valuesOf } from '../lib/option-values.js';
import { splitList } from '../write-path/options.js';

const ROUNDS_MAX = 9;
/** Longer, and what a stock server cannot send would overflow its queues, which ends it. */
const SECONDS_MAX = 15;
const WATCHERS_MAX = 10_000;
const WATCHER_COUNTS_MAX = 8;
const MINUTES_MAX = 240;
/** Unattended, it has to end by itself. */
const MINUTES_OF_ALL_DEFAULT = 25;
const WATCHERS_DEFAULT = '100,1000,5000';
/** Everything is measured as large as it is meant to be. */
const WATCHERS_OF_ALL_DEFAULT = '100,1000,5000,10000';

export const USAGE = `Usage: npm run bench:live -- [options]
  --scenario NAMES  what is measured, with commas between: deliver (default), memory, latency, burst, lapse,
                    mass-lapse, reconnect, big-map, many-events, buyers; or all
  --watchers LIST   sockets at once, up to ${WATCHER_COUNTS_MAX} counts from 1 to ${WATCHERS_MAX}; what is measured at one size takes the
                    largest that it is meant for (default ${WATCHERS_DEFAULT}; with all, ${WATCHERS_OF_ALL_DEFAULT})
  --rounds N        counted rounds after the one that warms up, 1 to ${ROUNDS_MAX} (default 3)
  --minutes N       about how long all of it may take, 1 to ${MINUTES_MAX}: rounds that do not fit are left out, but for the first
                    of each scenario (default: no limit; with all, ${MINUTES_OF_ALL_DEFAULT})
  --seconds N       how long changes are made in a phase, 1 to ${SECONDS_MAX} (default 5)
  --out DIRECTORY   where results are written (default .cache/bench-results)
  --publish         also writes them to bench/live-map/live-map.json
  --help            this text
`;

export interface LiveOptions<Scenario extends string> {
  readonly scenarios: readonly Scenario[];
  readonly watchers: readonly number[];
  readonly rounds: number;
  readonly phaseMs: number;
  readonly msMax: number | undefined;
  readonly out: string;
  readonly publish: boolean;
}

/**
 * @returns null where only the usage was asked for
 * @throws OptionError with every fault
 */
export function parseLiveOptions<Scenario extends string>(
  args: readonly string[],
  known: readonly Scenario[],
): LiveOptions<Scenario> | null {
  const values = parse(args);
  if (values.help) return null;
  const faults: string[] = [];
  const whole = (name: string, text: string, max: number) => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
    faults.push(`--${name} must be whole, from 1 to ${max}; it is ${JSON.stringify(text)}`);
    return 1;
  };
  const isAll = values.scenario === 'all';
  const scenarios = splitList(values.scenario).filter((each): each is Scenario => {
    if (isAll || known.includes(each as Scenario)) return true;
    faults.push(`--scenario knows ${known.join(', ')}; it does not know ${JSON.stringify(each)}`);
    return false;
  });
  const counts = splitList(values.watchers ?? (isAll ? WATCHERS_OF_ALL_DEFAULT : WATCHERS_DEFAULT));
  const minutes = values.minutes ?? (isAll ? String(MINUTES_OF_ALL_DEFAULT) : undefined);
  const options: LiveOptions<Scenario> = {
    scenarios: isAll ? known : scenarios,
    watchers: counts.map((text) => whole('watchers', text, WATCHERS_MAX)),
    rounds: whole('rounds', values.rounds, ROUNDS_MAX),
    phaseMs: whole('seconds', values.seconds, SECONDS_MAX) * 1000,
    msMax: minutes === undefined ? undefined : whole('minutes', minutes, MINUTES_MAX) * 60_000,
    out: values.out,
    publish: values.publish,
  };
  if (options.scenarios.length === 0) faults.push('--scenario must name at least one');
  if (counts.length < 1 || counts.length > WATCHER_COUNTS_MAX) {
    faults.push(`--watchers must have 1 to ${WATCHER_COUNTS_MAX} counts`);
  }
  if (options.out === '') faults.push('--out must be the name of a directory');
  if (faults.length > 0) throw new OptionError([...new Set(faults)].join('\n'));
  return options;
}

function parse(args: readonly string[]) {
  return valuesOf(args, {
    scenario: { type: 'string', default: 'deliver' },
    watchers: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    minutes: { type: 'string' },
    out: { type: 'string', default: '.cache/bench-results' },
    publish: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
}
