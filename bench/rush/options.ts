import { flag, type Option, OptionError, readOptions, SEED_MAX, seed, text, whole } from '../lib/options.js';

/** More accounts than these fans need would hash passwords for most of an hour. */
const FANS_MAX = 10_000;
/** The largest event. */
const SEATS_MAX = 100_000;
/** As many sockets as one process opens without raising its limit of open files. */
const WATCHERS_MAX = 500;
const DEADLINE_SECONDS_MAX = 3_600;
const PAUSE_SECONDS_MAX = 60;

export const USAGE = `Usage: npm run rush -- [options]
  --url URL          the server to test (default: one is started for the sale and stopped after it)
  --fans N           number of buyers, 1 to ${FANS_MAX} (default 600)
  --seats N          seats of the event, 1 to ${SEATS_MAX} (default 300)
  --watchers N       live maps followed over WebSocket, 0 to ${WATCHERS_MAX} (default 60)
  --deadline SECONDS when a fan without an answer counts as unanswered, 1 to ${DEADLINE_SECONDS_MAX} (default 60)
  --pause SECONDS    the organizer pauses the sale so long after its start, and does not resume it, 1 to ${PAUSE_SECONDS_MAX}
                     (default: no pause)
  --seed N           seed of the random numbers, 0 to ${SEED_MAX} (default: drawn, and printed)
  --json FILE        also writes the result as JSON
  --wishes           instead of that sale, each fan asks once for the best two seats together, all at the same moment
                     (default: 5000 fans, 500 seats); without --url, --watchers, --deadline, --pause and --seed
  --help             this text
`;

export type RushOptions = NonNullable<ReturnType<typeof parseOptions>>;

/** @returns null if only the usage was requested @throws OptionError with every invalid option */
export function parseOptions(args: readonly string[]) {
  const options = readOptions(args, {
    url: endpoint,
    fans: whole(1, FANS_MAX, undefined),
    seats: whole(1, SEATS_MAX, undefined),
    watchers: whole(0, WATCHERS_MAX, 60),
    deadline: whole(1, DEADLINE_SECONDS_MAX, 60),
    pause: whole(1, PAUSE_SECONDS_MAX, undefined),
    seed,
    json: text(undefined),
    wishes: flag,
  });
  if (options === null) return null;
  const { url, deadline, pause, json, wishes, fans, seats, ...others } = options;
  if (wishes && url !== undefined)
    throw new OptionError('--wishes reads the database of its own server: leave out --url');
  return {
    ...others,
    wishes,
    fans: fans ?? (wishes ? 5_000 : 600),
    seats: seats ?? (wishes ? 500 : 300),
    endpoint: url,
    deadlineMs: deadline * 1000,
    pauseAfterMs: pause === undefined ? undefined : pause * 1000,
    jsonFile: json,
  };
}

/** The address of a server or of its GraphQL endpoint. Its value is the endpoint, undefined to start a server. */
const endpoint: Option<URL | undefined> = {
  read: (given) => {
    if (given === undefined) return undefined;
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new OptionError(
        `must be the address of a server, e.g. http://localhost:4000; it is ${JSON.stringify(given)}`,
      );
    }
    if (!url.pathname.endsWith('/graphql')) url.pathname = `${url.pathname.replace(/\/$/, '')}/graphql`;
    url.search = '';
    url.hash = '';
    return url;
  },
};
