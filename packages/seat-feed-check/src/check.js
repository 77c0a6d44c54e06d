import { SCENARIOS } from './scenarios.js';
import { Finding, NotApplicable, Session } from './session.js';

export { clientProgram, endClients } from './client-process.js';
export { SCENARIOS } from './scenarios.js';

/**
 * The result of one scenario.
 *
 * @typedef {{ name: string, about: string, outcome: 'passed' | 'failed' | 'skipped', why?: string }} Result
 *
 * @typedef {object} CheckOptions
 * @property {import('./session.js').StartClient} startClient
 * @property {number} [seed] Seats and statuses are the same for the same seed.
 * @property {number} [timeoutMs] How long the client may take for each step.
 * @property {readonly string[]} [scenarios] Names; all of them by default.
 * @property {number} [jobs] Scenarios that run at a time, each with a client and a server of its own.
 * @property {(result: Result) => void} [onResult] Called in the order of the scenarios.
 */

/**
 * Plays every scenario with a new client.
 *
 * @param {CheckOptions} options
 */
export async function check({
  startClient,
  seed = 1,
  timeoutMs = 5_000,
  scenarios = SCENARIOS.map(({ name }) => name),
  jobs = 4,
  onResult = () => {},
}) {
  const unknown = scenarios.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}.`);
  const chosen = SCENARIOS.filter(({ name }) => scenarios.includes(name));
  const waiting = [...chosen.entries()];
  /** @type {Result[]} */
  const results = [];
  let reported = 0;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, scenario] = next;
      results[index] = await play(scenario, startClient, { seed, timeoutMs });
      for (let result = results[reported]; result !== undefined; result = results[reported]) {
        onResult(result);
        reported += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, work));
  return results;
}

/**
 * @param {typeof SCENARIOS[number]} scenario
 * @param {import('./session.js').StartClient} startClient
 * @param {{ seed: number, timeoutMs: number }} options
 * @returns {Promise<Result>}
 */
async function play({ name, about, play }, startClient, options) {
  try {
    await new Session(options).run(startClient, play);
    return { name, about, outcome: 'passed' };
  } catch (error) {
    if (error instanceof NotApplicable) return { name, about, outcome: 'skipped', why: error.message };
    if (error instanceof Finding) return { name, about, outcome: 'failed', why: error.message };
    throw error;
  }
}
