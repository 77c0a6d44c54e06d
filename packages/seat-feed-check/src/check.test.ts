import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { buildSchema, findBreakingChanges, OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { codeBlocks } from '../../../src/test/support/documents.js';
import { createSeatMapClient, type SeatMapClientOptions } from '../../seat-map/src/core/index.js';
import { check, SCENARIOS } from './check.js';
import { schema } from './schema.js';
import type { StartClient } from './session.js';
import { type Apply, rightApply, taking, testClient } from './test-clients.js';
import { Truth } from './truth.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SEATS = new Truth(1).totalSeats;
const KIT = 'packages/seat-feed-check';
/** The code of a document. It imports nothing. */
const shown = (file: string, name: string) => {
  const code = codeBlocks(file, 'js').find((block) => block.includes(name));
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code ?? '')}`);
};
const { follow } = await shown('docs/api.md', 'function follow');
const { digestOf } = await shown('docs/api.md', 'function digestOf');
const { watchMap } = await shown(`${KIT}/README.md`, 'function watchMap');

const socketOf = (url: string) =>
  createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
  });

const LETTERS: Readonly<Record<string, string>> = { LOCKED: 'L', BOOKED: 'B', OFF_SALE: 'X' };
const mapLine = (version: number, taken: ReadonlyMap<number, { status: string }>) => {
  const statuses = Array.from({ length: SEATS }, (_, index) => {
    const status = taken.get(index + 1)?.status;
    return status === undefined ? 'A' : (LETTERS[status] ?? '?');
  });
  return JSON.stringify({ version, statuses: statuses.join('') });
};

/** The client of docs/api.md. */
const documentedClient: StartClient = ({ url, eventId }, { line }) => {
  const socket = socketOf(url);
  follow(socket, eventId, (map: { version: number; taken: Map<number, { status: string }> }) =>
    line(mapLine(map.version, map.taken)),
  );
  return { stop: () => Promise.resolve(socket.dispose()).catch(() => {}) };
};

/** The client for Apollo that README.md warns of. */
const naiveApolloClient: StartClient = ({ url, eventId }, { line }) => {
  const socket = socketOf(url);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url.replace('ws', 'http') }),
    ),
  });
  watchMap(
    client,
    gql,
    eventId,
    ({ seatMap }: { seatMap: { version: number; takenSeats: { seatNumber: number; status: string }[] } }) =>
      line(mapLine(seatMap.version, new Map(seatMap.takenSeats.map((seat) => [seat.seatNumber, seat])))),
  );
  return {
    stop: () => {
      client.stop();
      return Promise.resolve(socket.dispose()).catch(() => {});
    },
  };
};

const ALL = SCENARIOS.map(({ name }) => name);

/** The scenarios that a client fails, with the kit's words. */
async function failuresOf(startClient: StartClient, options: Partial<Parameters<typeof check>[0]> = {}) {
  const results = await check({ startClient, timeoutMs: 10_000, jobs: ALL.length, ...options });
  return Object.fromEntries(
    results.flatMap(({ name, outcome, why = '' }) => (outcome === 'failed' ? [[name, why]] : [])),
  );
}

/** Whether the map has the digest, or nobody who does not know all statuses can say so. */
const hasDigest = (applied: ReturnType<Apply>, serverTime: string | Date, digest: string): boolean =>
  typeof applied !== 'object' ||
  [...applied.taken.values()].some(({ status }) => !(status in LETTERS)) ||
  digestOf(applied.taken.values(), serverTime) === digest;

/** The core of packages/seat-map, over WebSockets or event streams. */
const packagedClient =
  (options: Pick<SeatMapClientOptions, 'webSocket' | 'startWith'>): StartClient =>
  ({ url, eventId }, { line }) => {
    const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    const client = createSeatMapClient({
      ...{ endpoint: url.replace('ws', 'http'), session: {}, storage, ...options },
    });
    const map = client.seatMap(eventId);
    map.subscribe(() => {
      const { version, statuses } = map.getSnapshot();
      if (version === null) return;
      const letters = Array.from(statuses, (status) => ['A', 'L', 'B', 'X', '?'][status]);
      line(JSON.stringify({ version, statuses: letters.join('') }));
    });
    return { stop: () => client.close() };
  };

describe('a client', () => {
  test('that is right passes, whatever the seed; so does the one of the API guide', async () => {
    const right = testClient({
      withDigest: true,
      apply: (map, update) => {
        const applied = rightApply(map, update);
        return hasDigest(applied, update.serverTime, update.digest) ? applied : 'start anew';
      },
    });
    const documented = check({ startClient: documentedClient, jobs: ALL.length, timeoutMs: 10_000 });
    await Promise.all(
      [1, 2, 3].map(async (seed) => expect(await failuresOf(right, { seed }), `seed ${seed}`).toEqual({})),
    );
    const others = (await documented).filter(({ outcome }) => outcome !== 'passed');
    expect(others).toMatchObject([{ name: 'digest', outcome: 'skipped' }]);
  });

  test('that uses the core of packages/seat-map passes all scenarios, over both of its transports', async () => {
    const webSocket = WebSocket as unknown as typeof globalThis.WebSocket;
    const clients = [
      packagedClient({ webSocket }),
      packagedClient({ webSocket: null, startWith: 'snapshot' }),
    ];
    await Promise.all(
      clients.map(async (startClient) => {
        const results = await check({ startClient, jobs: ALL.length, timeoutMs: 30_000 });
        expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
      }),
    );
  });

  test('that lets Apollo update its cache is told of all that README.md says', async () => {
    // Apollo warns of the cache, and of errors.
    for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockReturnValue();
    onTestFinished(() => void vi.restoreAllMocks());
    const failures = Object.keys(await failuresOf(naiveApolloClient, { timeoutMs: 3_000 }));
    expect(failures).toEqual(
      expect.arrayContaining(['repeated', 'left-out', 'reordered', 'error', 'reconnected', 'far']),
    );
    expect(failures).not.toContain('changes');
  });

  test('that applies changes on top of any version is told of every lost, repeated or reordered message', async () => {
    const client = testClient({
      apply: (map, update) => ({
        version: update.version,
        taken: taking(update.seats, update.kind === 'SNAPSHOT' ? new Map() : map.taken),
      }),
    });
    const failures = await failuresOf(client, { scenarios: ALL.filter((name) => name !== 'unknown') });
    expect(Object.keys(failures)).toEqual(['repeated', 'left-out', 'reordered', 'error']);
    expect(failures['left-out']).toMatch(/^At version 8 the client shows \w for seat \d+, which is [A-Z]+\./);
  });

  test('that merges snapshots into its map and never says which version it has is told so', async () => {
    const client = testClient({
      since: () => null,
      apply: (map, update) =>
        update.kind === 'SNAPSHOT'
          ? { version: update.version, taken: taking(update.seats, map.taken) }
          : rightApply(map, update),
    });
    const failures = await failuresOf(client, {
      scenarios: ['changes', 'reconnected', 'down', 'far', 'restored'],
    });
    expect(Object.keys(failures)).toEqual(['reconnected', 'down', 'far', 'restored']);
    expect(failures.down).toBe(
      "The server can be reached again. The client subscribed again with since: null, but its map is at version 6. Send the map's version with every new connection.",
    );
    const merging = testClient({
      apply: (map, update) =>
        update.kind === 'SNAPSHOT'
          ? { version: update.version, taken: taking(update.seats, map.taken) }
          : rightApply(map, update),
    });
    expect(Object.keys(await failuresOf(merging, { scenarios: ['changes', 'far'] }))).toEqual(['far']);
  });

  test('that takes unknown words for something else, and reads digests wrongly, is told so', async () => {
    const client = testClient({
      withDigest: true,
      letterOf: (status) => LETTERS[status] ?? 'A',
      apply: (map, update) => {
        const applied = rightApply(map, update);
        // Counts locks that have expired, and subscribes again with the version of its wrong map.
        return hasDigest(applied, new Date(0), update.digest) ? applied : 'subscribe again';
      },
    });
    const failures = await failuresOf(client, { scenarios: ['changes', 'unknown', 'expired', 'digest'] });
    expect(Object.keys(failures)).toEqual(['unknown', 'expired', 'digest']);
    expect(failures.unknown).toContain('which is ADDED_LATER');
    expect(failures.expired).toContain('the lock of seat ');
    expect(failures.digest).toContain('Its map is wrong: without since it gets a whole one.');
  });
});

test('the kit’s server has a part of the API, and nothing else but one more status and kind', () => {
  const api = buildSchema(readFileSync(path.join(ROOT, 'schema.graphql'), 'utf8'));
  const missing = findBreakingChanges(schema, api).map(({ description }) => description);
  expect(missing).toEqual([
    'ADDED_LATER was removed from enum type SeatUpdateKind.',
    'ADDED_LATER was removed from enum type SeatStatus.',
  ]);
});

test('the command says what is wrong, and exits with 1; called wrongly, with 2', () => {
  const run = (...args: string[]) => {
    const bin = path.join(ROOT, KIT, 'bin/seat-feed-check.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const wrong = run('--client', `echo '{"version": 6, "statuses": "A"}'`, '--scenario', 'changes');
  expect(wrong.output).toContain('FAIL changes      a snapshot, and changes one by one\n');
  expect(wrong.output).toContain('The client shows 1 seats. The event has 40.\n1 of 1 scenarios failed.\n');
  expect(wrong.status).toBe(1);
  expect(run('--client', 'exit 3', '--scenario', 'changes').output).toContain(
    'The client has ended: exit code 3',
  );
  expect(run('--client', 'cat /dev/zero', '--scenario', 'changes', '--jobs', '1000000000').output).toContain(
    'The client printed a line that is not JSON',
  );
  expect(run('--scenario', 'nothing', '--client', 'x')).toMatchObject({ status: 2 });
  expect(run('--client', 'x', '--seed', 'one').output).toMatch(/^--seed must be a whole number\./);
  expect(run().status).toBe(2);
  const readme = readFileSync(path.join(ROOT, KIT, 'README.md'), 'utf8');
  for (const [option] of run('--help').output.matchAll(/--(?!help)[a-z]+/g)) expect(readme).toContain(option);
});

test('a command that is interrupted leaves no client behind', async () => {
  const bin = path.join(ROOT, KIT, 'bin/seat-feed-check.js');
  const folder = mkdtempSync(path.join(tmpdir(), 'seat-feed-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const client = `echo $$ > ${folder}/$$.pid; sleep 60`;
  const kit = spawn(process.execPath, [bin, '--client', client], { stdio: 'ignore' });
  const pids = () => readdirSync(folder).map((file) => Number.parseInt(file, 10));
  await expect.poll(pids, { timeout: 10_000 }).toHaveLength(4);
  kit.kill('SIGINT');
  expect(await once(kit, 'exit')).toEqual([130, null]);
  const isRunning = (pid: number) => spawnSync('kill', ['-0', String(pid)]).status === 0;
  await expect.poll(() => pids().filter(isRunning), { timeout: 10_000 }).toEqual([]);
});
