import type { mongo } from 'mongoose';
import { Client } from 'undici';
import { type Environment, OURS } from '../lib/environment.js';
import { createEvent } from '../lib/events.js';
import type { ServerProcess } from '../lib/server-process.js';
import { ChangeWriter } from './change-writer.js';
import { WATCH } from './message.js';
import type { Watching } from './watch-job.js';

/**
 *     ours        this product; changes come as from another server process
 *     peer        TypeGraphQL, its PubSub and graphql-ws as documented; changes are published in the process
 *     broadcast   the floor: ws, and one ready string for every socket
 */
export const CONTENDERS = ['ours', 'peer', 'broadcast'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

const SEATS = 1_000;

export interface Published {
  readonly version: number;
  /** Milliseconds since 1970. For `ours` the time of the commit, for the others the time of the call to the server. */
  readonly atMs: number;
}

export interface MapUnderTest {
  readonly eventId: string;
  /** Changes five seats. Changes keep their order, also if they are not awaited. */
  change(): Promise<Published>;
}

export interface Contender {
  readonly server: ServerProcess;
  readonly watching: Pick<Watching, 'url' | 'protocol' | 'query' | 'getsSnapshot'>;
  newMap(): Promise<MapUnderTest>;
}

/** @param settings for `ours` only */
export async function startContender(
  environment: Environment,
  name: ContenderName,
  settings: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  if (name === 'ours') {
    const server = await environment.startServer('../src/main.js', OURS, settings);
    const database = environment.database(OURS);
    return {
      server,
      watching: { url: server.url, protocol: 'graphql-transport-ws', query: WATCH, getsSnapshot: true },
      newMap: async () => mapOf(database, await createEvent(database, SEATS), SEATS),
    };
  }
  const isPeer = name === 'peer';
  const file = `live-map/peers/${isPeer ? 'stock-subscriptions' : 'bare-broadcast'}.js`;
  // The peer's PubSub would warn about more than ten listeners, for every map.
  const server = await environment.startServer(file, OURS, { NODE_NO_WARNINGS: '1' });
  let maps = 0;
  return {
    server,
    watching: {
      url: server.url,
      protocol: isPeer ? 'graphql-transport-ws' : 'bare',
      query: WATCH,
      getsSnapshot: false,
    },
    newMap: async () => publishedMap(server.url, `event${++maps}`),
  };
}

/** @param firstSeat nobody else changes the seats from this one on */
export function mapOf(
  database: mongo.Db,
  eventId: string,
  totalSeats: number,
  firstSeat = 1,
): MapUnderTest & { readonly writer: ChangeWriter } {
  const writer = new ChangeWriter(database, eventId, firstSeat, totalSeats);
  return {
    eventId,
    writer,
    change: async () => ({ version: await writer.commit(), atMs: Date.now() }),
  };
}

function publishedMap(url: string, eventId: string): MapUnderTest {
  // One connection with one request at a time keeps the changes in order.
  const client = new Client(url, { headersTimeout: 0, bodyTimeout: 0 });
  let version = 0;
  return {
    eventId,
    change: async () => {
      const published = { version: ++version, atMs: Date.now() };
      const path = `/publish?eventId=${eventId}&version=${published.version}`;
      const { statusCode, body } = await client.request({ path, method: 'POST' });
      await body.dump();
      if (statusCode !== 204) throw new Error(`A change was answered with ${statusCode}.`);
      return published;
    },
  };
}
