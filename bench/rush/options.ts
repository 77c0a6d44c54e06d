import { OptionFaults, SEED_MAX, valuesOf } from '../lib/option-values.js';

/** More accounts than these fans need would hash passwords for most of an hour. */
const FANS_MAX = 10_000;
/** As many as an event may have. */
const SEATS_MAX = 100_000;
/** As many sockets as one process opens without raising its limit of open files. */
const WATCHERS_MAX = 500;
const DEADLINE_SECONDS_MAX = 3_600;

export const USAGE = `Usage: npm run rush -- [options]
  --url URL          the server to play against; left out: one is started for the sale and ended after it
  --fans N           who comes to buy, 1 to ${FANS_MAX} (default 600)
  --seats N          seats of the event, 1 to ${SEATS_MAX} (default 300)
  --watchers N       live maps followed over WebSocket, 0 to ${WATCHERS_MAX} (default 60)
  --deadline SECONDS when whoever has no answer is counted as left without one, 1 to ${DEADLINE_SECONDS_MAX} (default 60)
  --seed N           what chance begins with, 0 to ${SEED_MAX}; left out: drawn, and printed
  --json FILE        where the result is written as JSON, too
  --help             this text
`;

export interface RushOptions {
  /** Of the GraphQL endpoint. Undefined: a server of its own. */
  readonly endpoint: URL | undefined;
  readonly fans: number;
  readonly seats: number;
  readonly watchers: number;
  readonly deadlineMs: number;
  /** Undefined: to be drawn. */
  readonly seed: number | undefined;
  readonly jsonFile: string | undefined;
}

/**
 * @returns null where only the usage was asked for
 * @throws OptionError with every fault
 */
export function parseOptions(args: readonly string[]): RushOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const faults = new OptionFaults();
  const options: RushOptions = {
    endpoint: values.url === undefined ? undefined : endpointOf(values.url, faults),
    fans: faults.whole('fans', values.fans, 1, FANS_MAX),
    seats: faults.whole('seats', values.seats, 1, SEATS_MAX),
    watchers: faults.whole('watchers', values.watchers, 0, WATCHERS_MAX),
    deadlineMs: faults.whole('deadline', values.deadline, 1, DEADLINE_SECONDS_MAX) * 1000,
    seed: faults.seed(values.seed),
    jsonFile: values.json,
  };
  if (values.json === '') faults.add('--json must be the name of a file');
  faults.throw();
  return options;
}

function parse(args: readonly string[]) {
  return valuesOf(args, {
    url: { type: 'string' },
    fans: { type: 'string', default: '600' },
    seats: { type: 'string', default: '300' },
    watchers: { type: 'string', default: '60' },
    deadline: { type: 'string', default: '60' },
    seed: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
}

/** The address of a server, or of its GraphQL endpoint. */
function endpointOf(text: string, faults: OptionFaults): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    faults.add(
      `--url must be the address of a server, e.g. http://localhost:4000; it is ${JSON.stringify(text)}`,
    );
    return undefined;
  }
  if (!url.pathname.endsWith('/graphql')) url.pathname = `${url.pathname.replace(/\/$/, '')}/graphql`;
  url.search = '';
  url.hash = '';
  return url;
}
