import { existsSync } from 'node:fs';
import { names, type Option, OptionError, readOptions, SEED_MAX, seed, text, whole } from '../lib/options.js';
import { mainOf } from '../lib/server-process.js';
import { FAULT_NAMES, FAULTS } from './faults.js';

const ROUNDS_MAX = 1_000;
const FANS_MAX = 1_000;
const SEATS_MAX = 100_000;
const WATCHERS_MAX = 200;
const PLANTS = ['two-owners'] as const;

export const USAGE = `Usage: npm run chaos -- [options]
  --fault NAMES      faults, separated by commas, or all (default all):
${FAULT_NAMES.map((name) => `                       ${name.padEnd(16)} ${FAULTS[name].what}`).join('\n')}
  --rounds N         sales for each fault, each with an audit, 1 to ${ROUNDS_MAX} (default 3)
  --fans N           buyers in each sale, 1 to ${FANS_MAX} (default 60)
  --seats N          seats of each event, 1 to ${SEATS_MAX} (default 60)
  --watchers N       live maps followed over WebSocket, 0 to ${WATCHERS_MAX} (default 8)
  --seed N           seed of the random numbers, 0 to ${SEED_MAX} (default: drawn, and printed)
  --json FILE        also writes the results as JSON
  --logs DIRECTORY   where the servers' logs are kept
  --from DIRECTORY   another built version of this project, which upgrade replaces (default: this one)
  --plant two-owners breaks the product on purpose: it runs without transactions and without the index that keeps a seat
                     from having two owners; the audit must find it
  --help             this text
`;

export type ChaosOptions = NonNullable<ReturnType<typeof parseOptions>>;

/** @returns null if only the usage was requested @throws OptionError with every invalid option */
export function parseOptions(args: readonly string[]) {
  const options = readOptions(args, {
    fault: names(FAULT_NAMES, FAULT_NAMES),
    rounds: whole(1, ROUNDS_MAX, 3),
    fans: whole(1, FANS_MAX, 60),
    seats: whole(1, SEATS_MAX, 60),
    watchers: whole(0, WATCHERS_MAX, 8),
    seed,
    json: text(undefined),
    logs: text(undefined),
    from: builtVersion,
    plant: names(PLANTS, undefined),
  });
  if (options === null) return null;
  const { fault, json, logs, plant, ...others } = options;
  return { ...others, faults: fault, jsonFile: json, logsDir: logs, plant: plant?.[0] };
}

const builtVersion: Option<string | undefined> = {
  read: (directory) => {
    if (directory === undefined || existsSync(mainOf(directory))) return directory;
    throw new OptionError(`must have a built version in it; it is ${JSON.stringify(directory)}`);
  },
};
