import { access, mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Environment } from './environment.js';
import { OptionError, parseOptions, USAGE } from './options.js';
import { type Point, plotOf, type Series } from './plot.js';
import { type Circumstances, writeResult } from './results-file.js';
import { type Report, textOf } from './scenario.js';
import { contention } from './scenarios/contention.js';
import { manyEvents } from './scenarios/many-events.js';
import { reads } from './scenarios/reads.js';
import { size } from './scenarios/size.js';
import { twoProcesses } from './scenarios/two-processes.js';
import { BOOKING_PHASES, CONTENDERS, type WritePathSetting, writePath } from './scenarios/write-path.js';

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

const DONE = 0;
const FAILED = 1;
const NOT_STARTED = 2;
const INTERRUPTED = 130;

/** Where the README looks, from the project's root. */
const PUBLISHED = 'bench';
const RESULTS_FILE = 'write-path.json';
const PLOT_FILE = 'write-path.svg';

const PLOTTED: readonly Series[] = [
  { name: 'ours', colour: '#0969da' },
  { name: 'ours-websocket', colour: '#8250df' },
  { name: 'peer', colour: '#bc4c00' },
  { name: 'driver-floor', colour: '#6e7781', broken: true },
];

process.exit(await main());

async function main(): Promise<number> {
  const environment = new Environment();
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void environment.close().finally(() => process.exit(INTERRUPTED));
    });
  }
  try {
    const options = parseOptions(process.argv.slice(2), Object.keys(SCENARIOS), CONTENDERS);
    if (options === null) {
      process.stdout.write(USAGE);
      return DONE;
    }
    await requireMachine();
    const directories = [options.out, ...(options.publish ? [await publishedDirectory()] : [])];
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
    return DONE;
  } catch (error) {
    // The signal's own way out ends the process, with what it started.
    if (interrupted) return await new Promise<never>(() => undefined);
    if (error instanceof OptionError) {
      process.stderr.write(`${error.message}\n\n${USAGE}`);
      return NOT_STARTED;
    }
    process.stderr.write(`The bench was given up: ${(error as Error).message}\n`);
    return FAILED;
  } finally {
    await environment.close();
  }
}

/** @throws OptionError */
async function requireMachine(): Promise<void> {
  await access('/proc/self/stat').catch(() => {
    throw new OptionError('The bench reads CPU times in /proc, and so needs Linux.');
  });
}

/** @throws OptionError */
async function publishedDirectory(): Promise<string> {
  await access(path.join(PUBLISHED, 'tsconfig.json')).catch(() => {
    throw new OptionError(`--publish writes into ${PUBLISHED}/: start it in the project's root.`);
  });
  return PUBLISHED;
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
