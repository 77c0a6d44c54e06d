import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { runCommand } from '../lib/command.js';
import { drawSeed } from '../lib/options.js';
import { Progress } from '../lib/progress.js';
import { CancellationRound } from './cancellation-round.js';
import { ChaosEnvironment } from './chaos-environment.js';
import { FAULTS, type FaultName } from './faults.js';
import { LinearizabilityChecker } from './linearizability.js';
import { type ChaosOptions, parseOptions, USAGE } from './options.js';
import { ProviderRound } from './provider/provider-round.js';
import { type FaultSummary, reportOf, summarize } from './report.js';
import { Round, type RoundResult } from './round.js';

/** `npm run chaos`: sales with a fault in each, and an audit of each. */

const BREAKING_MODULE = new URL('./plant-two-owners.js', import.meta.url);

class Run {
  readonly #seed: number;
  readonly #summaries: FaultSummary[] = [];
  #checker: LinearizabilityChecker | undefined;
  #directory = '';
  #environment: Promise<ChaosEnvironment> | undefined;

  readonly #progress = new Progress();

  constructor(private readonly options: ChaosOptions) {
    this.#seed = options.seed ?? drawSeed();
  }

  /** @returns whether no audit found anything */
  async run(): Promise<boolean> {
    const { faults, rounds, jsonFile, logsDir } = this.options;
    if (logsDir !== undefined) await mkdir(logsDir, { recursive: true });
    process.stdout.write(`Seed ${this.#seed}: ${rounds} rounds of ${faults.join(', ')}\n`);
    this.#directory = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-chaos-run-'));
    const checker = LinearizabilityChecker.build(this.#directory);
    if (typeof checker === 'string') {
      process.stderr.write(`The linearizability check is skipped: ${checker}\n`);
      if (process.env.CI === 'true') throw new Error('With CI=true the linearizability check is required.');
    } else this.#checker = checker;
    for (const fault of faults) {
      await this.#runFault(fault);
      if (jsonFile !== undefined) {
        const result = { seed: this.#seed, options: this.options, faults: this.#summaries };
        await writeFile(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
      }
    }
    const passed = this.#summaries.every((summary) => summary.passed);
    process.stdout.write(passed ? 'No audit found anything.\n' : 'At least one audit FOUND something.\n');
    return passed;
  }

  async end(): Promise<void> {
    this.#progress.end();
    await (await this.#environment?.catch(() => undefined))?.close();
    if (this.#directory !== '') await rm(this.#directory, { recursive: true, force: true });
  }

  async #runFault(name: FaultName): Promise<void> {
    const { rounds, plant, logsDir, from } = this.options;
    const fault = FAULTS[name];
    // The rounds of a fault do not depend on which other faults are selected.
    const random = new SeededRandom(this.#seed);
    this.#progress.show(() => `${name}: starting`);
    this.#environment = ChaosEnvironment.open({
      ...fault.environment,
      ...(from !== undefined && { from }),
      ...(plant !== undefined && { preload: BREAKING_MODULE }),
      ...(logsDir !== undefined && { logFiles: path.join(logsDir, name) }),
    });
    const environment = await this.#environment;
    if (plant !== undefined)
      await environment.database.collection('seatlocks').dropIndex('eventId_1_seatNumber_1');
    const results: RoundResult[] = [];
    for (let number = 1; number <= rounds; number++) {
      const round =
        fault.cancelsEvent === true
          ? new CancellationRound(environment, this.options.seats)
          : fault.provider === undefined
            ? new Round(environment, fault, this.options, random, this.#checker)
            : new ProviderRound(environment, fault.provider, random);
      this.#progress.show(() => `${name} ${number} of ${rounds}: ${round.state}`);
      results.push(await round.run());
      process.stdout.write(reportOf.round(name, number, results.at(-1) as RoundResult));
    }
    const errors = environment.servers.map((server) => server.errors);
    await environment.close();
    this.#environment = undefined;
    const summary = summarize(name, results, errors);
    this.#summaries.push(summary);
    process.stdout.write(reportOf.fault(summary));
  }
}

let run: Run | undefined;

process.exit(
  await runCommand<ChaosOptions>({
    usage: USAGE,
    parse: parseOptions,
    run: (options) => {
      run = new Run(options);
      return run.run();
    },
    close: async () => run?.end(),
    abortMessage: ({ stack }) => `The run was aborted by an error: ${stack}`,
  }),
);
