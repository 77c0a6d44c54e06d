import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchCommand, publishedDirectory, requireMachine } from './lib/command.js';
import type { Environment } from './lib/environment.js';
import { OptionError } from './lib/option-values.js';
import { writeResult } from './lib/results-file.js';
import { type Report, textOf } from './lib/scenario.js';
import { Audience } from './live-map/audience.js';
import { parseLiveOptions, USAGE } from './live-map/options.js';
import { bigMap } from './live-map/scenarios/big-map.js';
import { burst } from './live-map/scenarios/burst.js';
import { buyers } from './live-map/scenarios/buyers.js';
import { deliver } from './live-map/scenarios/deliver.js';
import { lapse } from './live-map/scenarios/expiry.js';
import { latency } from './live-map/scenarios/latency.js';
import { manyEvents } from './live-map/scenarios/many-events.js';
import { massLapse } from './live-map/scenarios/mass-expiry.js';
import { memory } from './live-map/scenarios/memory.js';
import { reconnect } from './live-map/scenarios/reconnect.js';
import type { LiveSetting } from './live-map/setting.js';

/**
 * `npm run bench:live`: what it costs to tell thousands of watchers of a changing seat map, and how fast they are told,
 * in one run on this machine: database, servers, watchers and buyers. Whatever is compared takes turns, round by round,
 * and figures are medians over the rounds.
 *
 * Exits with 0 once everything was measured, whether or not the goals were met. A scenario that fails keeps no other from
 * being measured.
 */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  deliver: { measure: deliver, share: 8 },
  memory: { measure: memory, share: 5 },
  latency: { measure: latency, share: 1 },
  burst: { measure: burst, share: 4 },
  lapse: { measure: lapse, share: 1 },
  'mass-lapse': { measure: massLapse, share: 3 },
  reconnect: { measure: reconnect, share: 3 },
  'big-map': { measure: bigMap, share: 2 },
  'many-events': { measure: manyEvents, share: 2 },
  buyers: { measure: buyers, share: 2 },
};

interface Scenario {
  readonly measure: (setting: LiveSetting) => Promise<Report>;
  /** Of the time that there is, beside those of the others. */
  readonly share: number;
}

const RESULTS_FILE = 'live-map.json';
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
  const watchers = await openable(options.watchers);
  const directories = [options.out, ...(options.publish ? [await publishedDirectory('bench/live-map')] : [])];
  await mkdir(options.out, { recursive: true });
  const { scenarios, msMax, rounds } = options;
  const length =
    msMax === undefined
      ? ''
      : `, about ${msMax / 60_000} minutes (or one round of each, if that takes longer)`;
  process.stdout.write(
    `${scenarios.join(', ')}: ${watchers.join(', ')} watchers, up to ${rounds} rounds${length}\n`,
  );
  await environment.open();
  const endMs = msMax === undefined ? undefined : Date.now() + msMax;
  const failed: string[] = [];
  for (const [index, name] of scenarios.entries()) {
    process.stderr.write(`\n${name}\n`);
    const startMs = Date.now();
    const audience = new Audience(environment);
    const { measure, share } = SCENARIOS[name] as Scenario;
    const shares = scenarios.slice(index).reduce((sum, each) => sum + (SCENARIOS[each]?.share ?? 0), 0);
    let counted = 0;
    let report: Report;
    try {
      report = await measure({
        ...options,
        watchers,
        environment,
        audience,
        endMs: endMs === undefined ? undefined : startMs + ((endMs - startMs) * share) / shares,
        counted: (count) => {
          counted = count;
        },
      });
    } catch (error) {
      failed.push(name);
      process.stdout.write(`\n## ${name}\n\nFAILED: ${(error as Error).message}\n`);
      continue;
    } finally {
      await audience.stop();
    }
    process.stdout.write(`\n## ${name}\n\n${textOf(report)}`);
    if (counted < rounds)
      process.stdout.write(`LEFT OUT: ${rounds - counted} of ${rounds} rounds, for lack of time.\n`);
    process.stdout.write(`It took ${((Date.now() - startMs) / 60_000).toFixed(1)} minutes.\n`);
    const circumstances = {
      at: new Date(startMs).toISOString(),
      node: process.version,
      mongod: environment.mongodVersion,
      cpus: os.cpus().length,
      rounds: counted,
      phaseMs: options.phaseMs,
    };
    for (const directory of directories) {
      const file = path.join(directory, RESULTS_FILE);
      await writeResult(file, name, report, circumstances);
      process.stdout.write(`${file}\n`);
    }
  }
  if (failed.length > 0) throw new Error(`Not measured: ${failed.join(', ')}.`);
}

/**
 * The sizes for which a process may have enough files open; the others are left out, and that is said. A process of Node
 * has raised its soft limit to the hard one, as the processes that it starts will.
 *
 * @throws OptionError where none is left
 */
async function openable(sizes: readonly number[]): Promise<readonly number[]> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const fitting = sizes.filter((size) => size + OTHER_FILES <= allowed);
  if (fitting.length === sizes.length) return sizes;
  const tooMany = sizes.filter((size) => !fitting.includes(size)).join(', ');
  const why = `a process may have ${allowed} files open here, and needs ${OTHER_FILES} more than watchers: raise it (ulimit -n)`;
  if (fitting.length === 0) throw new OptionError(`--watchers cannot be ${tooMany}: ${why}`);
  process.stdout.write(`LEFT OUT: ${tooMany} watchers; ${why}.\n`);
  return fitting;
}
