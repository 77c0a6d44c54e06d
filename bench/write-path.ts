import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchCommand, publishedDirectory, requireMachine } from './lib/command.js';
import type { Environment } from './lib/environment.js';
import { type Point, plotOf, type Series } from './lib/plot.js';
import { type Circumstances, writeResult } from './lib/results-file.js';
import { type Report, textOf } from './lib/scenario.js';
import { parseOptions, USAGE } from './write-path/options.js';
import { contention } from './write-path/scenarios/contention.js';
import { manyEvents } from './write-path/scenarios/many-events.js';
import { reads } from './write-path/scenarios/reads.js';
import { size } from './write-path/scenarios/size.js';
import { twoProcesses } from './write-path/scenarios/two-processes.js';
import {
  BOOKING_PHASES,
  CONTENDERS,
  type WritePathSetting,
  writePath,
} from './write-path/scenarios/write-path.js';

/**
 * `npm run bench`: what locking, paying and confirming cost, and how fast they are, in one run on this machine: database,
 * servers and load. Whatever is compared takes turns, round by round, and figures are medians over the rounds.
 *
 * Exits with 0 once everything was measured, whether or not the goals were met.
 */
const SCENARIOS: Readonly<Record<string, (setting: WritePathSetting) => Promise<Report>>> = {
  'write-path': writePath,
  size,
  contention,
  'many-events': manyEvents,
  'two-processes': twoProcesses,
  reads,
};

const RESULTS_FILE = 'write-path.json';
const PLOT_FILE = 'write-path.svg';

const PLOTTED: readonly Series[] = [
  { name: 'ours', colour: '#0969da' },
  { name: 'ours-websocket', colour: '#8250df' },
  { name: 'peer', colour: '#bc4c00' },
  { name: 'driver-floor', colour: '#6e7781', broken: true },
];

process.exit(await benchCommand(USAGE, run));

async function run(environment: Environment): Promise<void> {
  const options = parseOptions(process.argv.slice(2), Object.keys(SCENARIOS), CONTENDERS);
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  await requireMachine();
  const directories = [
    options.out,
    ...(options.publish ? [await publishedDirectory('bench/write-path')] : []),
  ];
  await mkdir(options.out, { recursive: true });
  await environment.open();
  for (const name of options.scenarios) {
    process.stderr.write(`\n${name}\n`);
    const at = new Date().toISOString();
    const report = await (SCENARIOS[name] as (typeof SCENARIOS)[string])({ ...options, environment });
    process.stdout.write(`\n## ${name}\n\n${textOf(report)}`);
    const { rounds, phaseMs } = options;
    const { mongodVersion: mongod } = environment;
    const circumstances = { at, node: process.version, mongod, cpus: os.cpus().length, rounds, phaseMs };
    for (const directory of directories) await writeFiles(directory, name, report, circumstances);
  }
}

async function writeFiles(
  directory: string,
  scenario: string,
  report: Report,
  circumstances: Circumstances,
): Promise<void> {
  const resultsFile = path.join(directory, RESULTS_FILE);
  await writeResult(resultsFile, scenario, report, circumstances);
  process.stdout.write(`${resultsFile}\n`);
  if (scenario !== 'write-path') return;
  const plotFile = path.join(directory, PLOT_FILE);
  const points = report.rows.map(
    ({ contender, phase, callers, perSecond }): Point => ({
      series: String(contender),
      panel: String(phase),
      callers: Number(callers),
      perSecond: Number(perSecond),
    }),
  );
  const title = `Bookings of one event: operations/s against callers, ${circumstances.cpus} cores`;
  await writeFile(plotFile, plotOf(title, BOOKING_PHASES, PLOTTED, points));
  process.stdout.write(`${plotFile}\n`);
}
