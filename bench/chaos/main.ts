import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SeededRandom } from '../../src/test/seeded-random.js';
import { Progress } from '../rush/progress.js';
import { FAULTS, type FaultName } from './faults.js';
import { LinearizabilityChecker } from './linearizability.js';
import { type ChaosOptions, OptionError, parseOptions, USAGE } from './options.js';
import { type FaultSummary, reportOf, summarize } from './report.js';
import { Round, type RoundResult } from './round.js';
import { Setting } from './setting.js';

/**
 * `npm run chaos`: sales during which something breaks, and an audit of each.
 *
 * Exits with 0 when every audit finds nothing, with 1 when one does, with 2 when a run could not be made.
 */
const PASSED = 0;
const FAILED = 1;
const NOT_RUN = 2;
const INTERRUPTED = 130;
const SEED_LIMIT = 2 ** 31;
const PLANTED = new URL('./plant-two-owners.js', import.meta.url);

async function main(): Promise<number> {
  let options: ChaosOptions | null;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return NOT_RUN;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return PASSED;
  }

  const progress = new Progress(process.stderr);
  const run = new Run(options, progress);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      progress.end();
      void run.end().finally(() => process.exit(INTERRUPTED));
    });
  }
  process.once('uncaughtException', (error) => {
    progress.end();
    process.stderr.write(`The run broke off: ${error.stack}\n`);
    void run.end().finally(() => process.exit(NOT_RUN));
  });
  try {
    return await run.play();
  } catch (error) {
    process.stderr.write(`The run was given up: ${(error as Error).stack}\n`);
    return NOT_RUN;
  } finally {
    progress.end();
    await run.end();
  }
}

class Run {
  readonly #seed: number;
  readonly #summaries: FaultSummary[] = [];
  #checker: LinearizabilityChecker | undefined;
  #directory = '';
  #setting: Promise<Setting> | undefined;

  constructor(
    private readonly options: ChaosOptions,
    private readonly progress: Progress,
  ) {
    this.#seed = options.seed ?? randomInt(SEED_LIMIT);
  }

  async play(): Promise<number> {
    const { faults, rounds, jsonFile, logsDir } = this.options;
    if (logsDir !== undefined) await mkdir(logsDir, { recursive: true });
    process.stdout.write(`Seed ${this.#seed}: ${rounds} rounds of ${faults.join(', ')}\n`);
    this.#directory = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-chaos-run-'));
    const checker = LinearizabilityChecker.build(this.#directory);
    if (typeof checker === 'string') {
      process.stderr.write(`No check of linearizability: ${checker}\n`);
      // Where it is expected to be, its absence is a finding.
      if (process.env.CI === 'true') return NOT_RUN;
    } else this.#checker = checker;
    for (const fault of faults) {
      await this.#playFault(fault);
      if (jsonFile !== undefined) {
        const result = { seed: this.#seed, options: this.options, faults: this.#summaries };
        await writeFile(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
      }
    }
    const passed = this.#summaries.every((summary) => summary.passed);
    process.stdout.write(passed ? 'Every audit found nothing.\n' : 'NOT every audit found nothing.\n');
    return passed ? PASSED : FAILED;
  }

  async end(): Promise<void> {
    await (await this.#setting?.catch(() => undefined))?.close();
    if (this.#directory !== '') await rm(this.#directory, { recursive: true, force: true });
  }

  async #playFault(name: FaultName): Promise<void> {
    const { rounds, plant, logsDir } = this.options;
    const fault = FAULTS[name];
    // One fault's rounds are the same whichever others are asked for.
    const random = new SeededRandom(this.#seed);
    this.progress.show(() => `${name}: starting`);
    this.#setting = Setting.open({
      ...fault.setting,
      ...(plant !== undefined && { preload: PLANTED }),
      ...(logsDir !== undefined && { logFiles: path.join(logsDir, name) }),
    });
    const setting = await this.#setting;
    if (plant !== undefined)
      await setting.database.collection('seatlocks').dropIndex('eventId_1_seatNumber_1');
    const results: RoundResult[] = [];
    for (let number = 1; number <= rounds; number++) {
      const round = new Round(setting, fault, this.options, random, this.#checker);
      this.progress.show(() => `${name} ${number} of ${rounds}: ${round.state}`);
      results.push(await round.play());
      process.stdout.write(reportOf.round(name, number, results.at(-1) as RoundResult));
    }
    const errors = setting.servers.map((server) => server.errors);
    await setting.close();
    this.#setting = undefined;
    const summary = summarize(name, results, errors);
    this.#summaries.push(summary);
    process.stdout.write(reportOf.fault(summary));
  }
}

process.exit(await main());
