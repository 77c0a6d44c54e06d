import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { drawnSeed, played } from '../lib/audited-command.js';
import type { Progress } from '../rush/progress.js';
import { Setting } from './chaos-environment.js';
import { FAULTS, type FaultName } from './faults.js';
import { LinearizabilityChecker } from './linearizability.js';
import { type ChaosOptions, parseOptions, USAGE } from './options.js';
import { type FaultSummary, reportOf, summarize } from './report.js';
import { Round, type RoundResult } from './round.js';

/** `npm run chaos`: sales during which something breaks, and an audit of each. */

const PLANTED = new URL('./plant-two-owners.js', import.meta.url);

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
    this.#seed = options.seed ?? drawnSeed();
  }

  /** @returns whether no audit found anything */
  async play(): Promise<boolean> {
    const { faults, rounds, jsonFile, logsDir } = this.options;
    if (logsDir !== undefined) await mkdir(logsDir, { recursive: true });
    process.stdout.write(`Seed ${this.#seed}: ${rounds} rounds of ${faults.join(', ')}\n`);
    this.#directory = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-chaos-run-'));
    const checker = LinearizabilityChecker.build(this.#directory);
    if (typeof checker === 'string') {
      process.stderr.write(`No check of linearizability: ${checker}\n`);
      // Where it is expected to be, its absence is a finding.
      if (process.env.CI === 'true') throw new Error('CI has to have one.');
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
    return passed;
  }

  async end(): Promise<void> {
    await (await this.#setting?.catch(() => undefined))?.close();
    if (this.#directory !== '') await rm(this.#directory, { recursive: true, force: true });
  }

  async #playFault(name: FaultName): Promise<void> {
    const { rounds, plant, logsDir, from } = this.options;
    const fault = FAULTS[name];
    // One fault's rounds are the same whichever others are asked for.
    const random = new SeededRandom(this.#seed);
    this.progress.show(() => `${name}: starting`);
    this.#setting = Setting.open({
      ...fault.setting,
      ...(from !== undefined && { from }),
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

let run: Run | undefined;

process.exit(
  await played<ChaosOptions>({
    usage: USAGE,
    parse: parseOptions,
    play: (options, progress) => {
      run = new Run(options, progress);
      return run.play();
    },
    close: async () => run?.end(),
    brokeOff: ({ stack }) => `The run was given up: ${stack}`,
  }),
);
