import { readFile } from 'node:fs/promises';
import { runBenchmark } from './lib/benchmark.js';
import type { Environment } from './lib/environment.js';
import { OptionError } from './lib/options.js';
import { resultDirectories, writeResult } from './lib/results-file.js';
import { type Report, textOf } from './lib/scenario.js';
import { Audience } from './live-map/audience.js';
import { parseOptions, USAGE } from './live-map/options.js';
import { bigMap } from './live-map/scenarios/big-map.js';
import { burst } from './live-map/scenarios/burst.js';
import { buyers } from './live-map/scenarios/buyers.js';
import { deliver } from './live-map/scenarios/deliver.js';
import { digest } from './live-map/scenarios/digest.js';
import { eventStreams } from './live-map/scenarios/event-streams.js';
import { expiry, latency } from './live-map/scenarios/lock-delays.js';
import { manyEvents } from './live-map/scenarios/many-events.js';
import { massExpiry } from './live-map/scenarios/mass-expiry.js';
import { memory } from './live-map/scenarios/memory.js';
import { reconnect } from './live-map/scenarios/reconnect.js';
import type { LiveSetting } from './live-map/setting.js';

/**
 * `npm run bench:live`: cost and speed of sending a changing seat map to thousands of watchers, with database, servers,
 * watchers and buyers on this machine. Compared variants alternate, round by round, and figures are medians of the rounds.
 *
 * Exits with 0 once everything was measured, whether or not the goals were met. After a scenario that fails, the others
 * are still measured.
 */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  deliver: { measure: deliver, share: 8 },
  memory: { measure: memory, share: 5 },
  latency: { measure: latency, share: 1 },
  burst: { measure: burst, share: 4 },
  expiry: { measure: expiry, share: 1 },
  'mass-expiry': { measure: massExpiry, share: 3 },
  reconnect: { measure: reconnect, share: 3 },
  'big-map': { measure: bigMap, share: 2 },
  'many-events': { measure: manyEvents, share: 2 },
  buyers: { measure: buyers, share: 2 },
  digest: { measure: digest, share: 2 },
  'event-streams': { measure: eventStreams, share: 3 },
};

interface Scenario {
  readonly measure: (setting: LiveSetting) => Promise<Report>;
  /** Its share of the available time, relative to the other scenarios. */
  readonly share: number;
}

const RESULTS_FILE = 'live-map.json';
/** Files that a process opens besides its watchers' sockets, including those of a thousand other events. */
const OTHER_FILES = 2_000;

const parse = (args: readonly string[]) => parseOptions(args, Object.keys(SCENARIOS));
type Options = NonNullable<ReturnType<typeof parse>>;

process.exit(await runBenchmark<Options>({ usage: USAGE, parse, measure }));

async function measure(options: Options, environment: Environment): Promise<boolean> {
  const watchers = await openable(options.watchers);
  const { scenarios, msMax, rounds, phaseMs, publish } = options;
  const directories = await resultDirectories(options.out, publish ? 'bench/live-map' : undefined);
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
      mongod: environment.mongodVersion,
      rounds: counted,
      phaseMs,
    };
    await writeResult(directories, RESULTS_FILE, name, report, circumstances);
  }
  if (failed.length > 0) throw new Error(`Not measured: ${failed.join(', ')}.`);
  return true;
}

/**
 * The sizes for which a process may open enough files. The others are left out with a message. Node raises its soft limit
 * to the hard one, and so do the processes that it starts.
 *
 * @throws OptionError if no size is left
 */
async function openable(sizes: readonly number[]): Promise<readonly number[]> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const fitting = sizes.filter((size) => size + OTHER_FILES <= allowed);
  if (fitting.length === sizes.length) return sizes;
  const tooMany = sizes.filter((size) => !fitting.includes(size)).join(', ');
  const why = `a process may open ${allowed} files here, and needs ${OTHER_FILES} more than watchers: raise the limit (ulimit -n)`;
  if (fitting.length === 0) throw new OptionError(`--watchers cannot be ${tooMany}: ${why}`);
  process.stdout.write(`LEFT OUT: ${tooMany} watchers; ${why}.\n`);
  return fitting;
}
