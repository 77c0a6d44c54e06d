import type { mongo } from 'mongoose';
import { Client } from 'undici';
import { type Environment, OURS } from '../lib/environment.js';
import { createEvent } from '../lib/events.js';
import type { ServerProcess } from '../lib/processes.js';
import { ChangeWriter } from './change-writer.js';
import type { Watching } from './watch-job.js';

/**
 *     ours        this product; changes come as from another server process
 *     peer        TypeGraphQL, its PubSub and graphql-ws, as their pages have it; changes are published in the process
 *     broadcast   the floor: ws, and one ready string to everybody
 */
export const CONTENDERS = ['ours', 'peer', 'broadcast'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

const SEATS = 1_000;

export interface Published {
  readonly version: number;
  /** Milliseconds since 1970: of ours when it was committed, of the others when it was handed to the server. */
  readonly atMs: number;
}

export interface MapUnderTest {
  readonly eventId: string;
  /** Changes five seats. Whoever does not wait for one has the next one all the same behind it. */
  change(): Promise<Published>;
}

export interface Contender {
  readonly server: ServerProcess;
  readonly watching: Pick<Watching, 'url' | 'protocol' | 'isGreeted'>;
  newMap(): Promise<MapUnderTest>;
}

/** @param settings of the server, for ours alone */
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
      watching: { url: server.url, protocol: 'graphql-transport-ws', isGreeted: true },
      newMap: async () => mapOf(database, await createEvent(database, SEATS), SEATS),
    };
  }
  const isPeer = name === 'peer';
  const file = `live-map/peers/${isPeer ? 'stock-subscriptions' : 'bare-broadcast'}.js`;
  // More than ten listeners are too many in the eyes of the peer's PubSub, and it would say so for every map.
  const server = await environment.startServer(file, OURS, { NODE_NO_WARNINGS: '1' });
  let maps = 0;
  return {
    server,
    watching: {
      url: server.url,
      protocol: isPeer ? 'graphql-transport-ws' : 'bare',
      isGreeted: false,
    },
    newMap: async () => publishedMap(server.url, `event${++maps}`),
  };
}

/** @param firstSeat from this one on, nobody else changes a seat */
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
  // One connection, one request at a time: changes stay in their order.
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
