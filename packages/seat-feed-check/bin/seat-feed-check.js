#!/usr/bin/env node
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { check, clientProgram, endClients, SCENARIOS } from '../src/check.js';

/** An hour. */
const TIMEOUT_S_MAX = 3_600;

const USAGE = `Checks a client of the live seat map.

  seat-feed-check --client "command"

  --client COMMAND    starts the client. Its environment has SEAT_FEED_URL (ws://…/graphql) and SEAT_FEED_EVENT_ID. It
                      prints its map after each message as one line: {"version": 7, "statuses": "AALB"}
  --scenario A,B      only these
  --seed N            other seats and statuses (1)
  --timeout SECONDS   how long the client may take for each step (5)
  --jobs N            scenarios at a time (4)
  --help

Scenarios:
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(13)}${about}`).join('\n')}
`;

const WORDS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };

/** @returns {Promise<number>} the exit code */
async function main() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        client: { type: 'string' },
        scenario: { type: 'string' },
        seed: { type: 'string', default: '1' },
        timeout: { type: 'string', default: '5' },
        jobs: { type: 'string', default: '4' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
    return 2;
  }
  const { client, scenario, help } = values;
  const [seed = 0, timeout = 0, jobs = 0] = [values.seed, values.timeout, values.jobs].map(Number);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const problem =
    (!client && '--client is missing.') ||
    (!Number.isSafeInteger(seed) && '--seed must be a whole number.') ||
    (!(timeout > 0 && timeout <= TIMEOUT_S_MAX) && `--timeout must be a number up to ${TIMEOUT_S_MAX}.`) ||
    (!(Number.isInteger(jobs) && jobs > 0) && '--jobs must be a whole number from 1.');
  if (!client || problem) {
    console.error(`${problem}\n\n${USAGE}`);
    return 2;
  }
  const names = scenario?.split(',');
  const unknown = names?.find((name) => !SCENARIOS.some((each) => each.name === name));
  if (unknown !== undefined) {
    console.error(`There is no scenario ${unknown}.\n\n${USAGE}`);
    return 2;
  }
  const results = await check({
    startClient: clientProgram(client),
    seed,
    timeoutMs: timeout * 1_000,
    jobs,
    ...(names && { scenarios: names }),
    onResult: ({ name, about, outcome, why }) => {
      console.log(`${WORDS[outcome]} ${name.padEnd(13)}${about}`);
      if (why) console.log(why.replace(/^/gm, ' '.repeat(18)));
    },
  });
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  console.log(failed === 0 ? 'The client is right.' : `${failed} of ${results.length} scenarios failed.`);
  return failed === 0 ? 0 : 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
process.once('exit', endClients);
process.exitCode = await main();
