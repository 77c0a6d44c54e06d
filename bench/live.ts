import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchCommand, publishedDirectory, requireMachine } from './command.js';
import type { Environment } from './environment.js';
import { Audience } from './live/audience.js';
import { parseLiveOptions, USAGE } from './live/options.js';
import { bigMap } from './live/scenarios/big-map.js';
import { buyers } from './live/scenarios/buyers.js';
import { deliver } from './live/scenarios/deliver.js';
import { lapse } from './live/scenarios/lapse.js';
import { latency } from './live/scenarios/latency.js';
import { manyEvents } from './live/scenarios/many-events.js';
import { massLapse } from './live/scenarios/mass-lapse.js';
import { memory } from './live/scenarios/memory.js';
import { reconnect } from './live/scenarios/reconnect.js';
import type { LiveSetting } from './live/setting.js';
import { OptionError } from './option-values.js';
import { writeResult } from './results-file.js';
import { type Report, textOf } from './scenario.js';

/**
 * `npm run bench:live`: what it costs to tell thousands of watchers of a changing seat map, and how fast they are told,
 * in one run on this machine: database, servers, watchers and buyers. Whatever is compared takes turns, round by round,
 * and figures are medians over the rounds.
 *
 * Exits with 0 once everything was measured, whether or not the goals were met.
 */
const SCENARIOS: Readonly<Record<string, (setting: LiveSetting) => Promise<Report>>> = {
  deliver,
  memory,
  latency,
  lapse,
  'mass-lapse': massLapse,
  reconnect,
  'big-map': bigMap,
  'many-events': manyEvents,
  buyers,
};

const RESULTS_FILE = 'live.json';
/** Files that a process has open beside its watchers' sockets, those of a thousand other events among them. */
const OTHER_FILES = 2_000;

process.exit(await benchCommand(USAGE, run));

async function run(environment: Environment): Promise<void> {
  const options = parseLiveOptions(process.argv.slice(2), Object.keys(SCENARIOS));
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  await requireMachine();
  await requireOpenFiles(Math.max(...options.watchers) + OTHER_FILES);
  const directories = [options.out, ...(options.publish ? [await publishedDirectory()] : [])];
  await mkdir(options.out, { recursive: true });
  await environment.open();
  for (const name of options.scenarios) {
    process.stderr.write(`\n${name}\n`);
    const at = new Date().toISOString();
    const audience = new Audience(environment);
    const scenario = SCENARIOS[name] as (typeof SCENARIOS)[string];
    const report = await scenario({ ...options, environment, audience });
    await audience.stop();
    process.stdout.write(`\n## ${name}\n\n${textOf(report)}`);
    const { rounds, phaseMs } = options;
    const { mongodVersion: mongod } = environment;
    const circumstances = { at, node: process.version, mongod, cpus: os.cpus().length, rounds, phaseMs };
    for (const directory of directories) {
      const file = path.join(directory, RESULTS_FILE);
      await writeResult(file, name, report, circumstances);
      process.stdout.write(`${file}\n`);
    }
  }
}

/** A process of Node has raised its soft limit to the hard one, as the processes that it starts will. @throws OptionError */
async function requireOpenFiles(wanted: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const allowed = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (allowed === undefined || Number(allowed) >= wanted) return;
  throw new OptionError(
    `A process may have ${allowed} files open here, and so many watchers need ${wanted}: raise it (ulimit -n) or ask for fewer --watchers.`,
  );
}
