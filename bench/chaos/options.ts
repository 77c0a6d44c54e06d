import { existsSync } from 'node:fs';
import { OptionFaults, SEED_MAX, valuesOf } from '../lib/option-values.js';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.js';
import { mainOf } from './server.js';

const ROUNDS_MAX = 1_000;
const FANS_MAX = 1_000;
const SEATS_MAX = 10_000;
const WATCHERS_MAX = 200;

export const USAGE = `Usage: npm run chaos -- [options]
  --fault NAMES      what is to happen, several with commas between them, or all (default all):
${FAULT_NAMES.map((name) => `                       ${name.padEnd(16)} ${FAULTS[name].what}`).join('\n')}
  --rounds N         sales for each fault, each with an audit, 1 to ${ROUNDS_MAX} (default 3)
  --fans N           who comes to buy in each, 1 to ${FANS_MAX} (default 60)
  --seats N          seats of each event, 1 to ${SEATS_MAX} (default 60)
  --watchers N       live maps followed over WebSocket, 0 to ${WATCHERS_MAX} (default 8)
  --seed N           what chance begins with, 0 to ${SEED_MAX}; left out: drawn, and printed
  --json FILE        where the results are written as JSON, too
  --logs DIRECTORY   where the servers' logs are kept
  --from DIRECTORY   another version of this project, built: what upgrade replaces (default: this one)
  --plant two-owners a fault of the product's own: its transactions are none, and the index that keeps a seat from
                     having two owners is gone; the audit has to find it
  --help             this text
`;

export interface ChaosOptions {
  readonly faults: readonly FaultName[];
  readonly rounds: number;
  readonly fans: number;
  readonly seats: number;
  readonly watchers: number;
  /** Undefined: to be drawn. */
  readonly seed: number | undefined;
  readonly jsonFile: string | undefined;
  readonly logsDir: string | undefined;
  /** Where another version lies that has been built; undefined: the same one. */
  readonly from: string | undefined;
  readonly plant: 'two-owners' | undefined;
}

/**
 * @returns null where only the usage was asked for
 * @throws OptionError with every fault
 */
export function parseOptions(args: readonly string[]): ChaosOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const wrong = new OptionFaults();
  const faults = values.fault === 'all' ? [...FAULT_NAMES] : values.fault.split(',');
  for (const name of faults) {
    if (!FAULT_NAMES.includes(name as FaultName)) wrong.add(`--fault: there is no ${JSON.stringify(name)}`);
  }
  if (values.from !== undefined && !existsSync(mainOf(values.from)))
    wrong.add(`--from: there is nothing built in ${JSON.stringify(values.from)}`);
  if (values.json === '') wrong.add('--json must be the name of a file');
  if (values.plant !== undefined && values.plant !== 'two-owners') wrong.add('--plant can be two-owners');
  const options: ChaosOptions = {
    faults: faults as FaultName[],
    rounds: wrong.whole('rounds', values.rounds, 1, ROUNDS_MAX),
    fans: wrong.whole('fans', values.fans, 1, FANS_MAX),
    seats: wrong.whole('seats', values.seats, 1, SEATS_MAX),
    watchers: wrong.whole('watchers', values.watchers, 0, WATCHERS_MAX),
    seed: wrong.seed(values.seed),
    jsonFile: values.json,
    logsDir: values.logs,
    from: values.from,
    plant: values.plant as 'two-owners' | undefined,
  };
  wrong.throw();
  return options;
}

function parse(args: readonly string[]) {
  return valuesOf(args, {
    fault: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '3' },
    fans: { type: 'string', default: '60' },
    seats: { type: 'string', default: '60' },
    watchers: { type: 'string', default: '8' },
    seed: { type: 'string' },
    json: { type: 'string' },
    logs: { type: 'string' },
    from: { type: 'string' },
    plant: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
}
