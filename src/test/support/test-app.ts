import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { inject, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Tokens } from '../../account/tokens.js';
import { type App, startApp } from '../../app.js';
import { type Config, parseConfig } from '../../config.js';
import { newUserId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { ManualClock } from './manual-clock.js';
import { CREATE_EVENT, SEAT_AVAILABILITY_CHANGED } from './operations.js';

/** The built pages. `npm test` builds them before the tests. */
export const WEB_ROOT = fileURLToPath(new URL('../../../dist/web/', import.meta.url));

export const TOKEN_SECRET = 'a secret that only the tests know, 32 bytes';
/** A time that does not come during a test: tests run the jobs themselves, or move the clock. */
const NEVER = '0 0 0 1 1 *';
/** On a busy machine a test's client may take longer than the default of 3 s to send its first message. */
export const CONNECTION_INIT_TIMEOUT_MS = 60_000;

export interface TestAppOptions {
  readonly config?: Partial<Config>;
  /** Default: a clock that stands still until a test moves it. */
  readonly clock?: ManualClock;
  /** The database of another test application, so that both are servers of one database. */
  readonly sharing?: TestApp;
  readonly databaseName?: string;
  /** Default: a log of level TEST_LOG_LEVEL, or silent. */
  readonly log?: Log;
  /** The folder of the built pages. Default: the server has no pages. */
  readonly webRoot?: string;
}

export interface TestUser {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** An unchecked answer: any root field may have been refused. */
export interface GraphQLAnswer<Data> {
  readonly data?: { readonly [Field in keyof Data]: Data[Field] | null } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly details: Record<string, unknown> };
  }[];
}

type Variables = Record<string, unknown>;

/** A real server with its own database in the test run's MongoDB, and the clients that tests use to call it. */
export class TestApp {
  private constructor(
    readonly app: App,
    readonly clock: ManualClock,
    readonly databaseName: string,
    private readonly tokens: Tokens,
  ) {}

  /** The caller closes it. */
  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const { config, clock, sharing, databaseName, log, webRoot } = options;
    const usedClock = clock ?? sharing?.clock ?? new ManualClock();
    const name =
      databaseName ?? sharing?.databaseName ?? `test_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    const defaults = parseConfig({ HOST: '127.0.0.1', PORT: '0', RATE_LIMIT_PER_MINUTE: '0' });
    const app = await startApp({
      config: {
        ...defaults,
        lockExpiryCron: NEVER,
        bookingExpiryCron: NEVER,
        guestMergeCron: NEVER,
        followUpCron: NEVER,
        outboxCron: NEVER,
        paymentCheckCron: NEVER,
        connectionInitTimeoutMs: CONNECTION_INIT_TIMEOUT_MS,
        ...config,
      },
      mongodbUri: uriOf(name),
      tokenSecret: TOKEN_SECRET,
      log: log ?? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
      clock: usedClock,
      webRoot,
    });
    return new TestApp(app, usedClock, name, new Tokens(TOKEN_SECRET, defaults.tokenTtlMs, usedClock));
  }

  get url(): string {
    return this.app.url;
  }

  get database() {
    return this.app.database;
  }

  /** Closes the server and drops its database, unless `keepData` is set for another server that still uses it. */
  async close({ keepData = false } = {}): Promise<void> {
    if (!keepData) await this.database.connection.dropDatabase();
    await this.app.close();
  }

  /** A user inserted into the database directly: hashing a password takes longer than a whole test. */
  async user(email = `${randomUUID()}@example.com`): Promise<TestUser> {
    const [user] = await this.users(1, () => email);
    return user as TestUser;
  }

  async users(
    count: number,
    emailOf = (_index: number) => `${randomUUID()}@example.com`,
  ): Promise<TestUser[]> {
    const tokensValidFrom = this.clock.now();
    const documents = Array.from({ length: count }, (_, index) => ({
      _id: newUserId(),
      email: emailOf(index),
      passwordHash: 'none',
      tokensValidFrom,
      createdAt: tokensValidFrom,
    }));
    await this.database.users.insertMany(documents);
    return Promise.all(
      documents.map(async ({ _id, email }) => ({
        id: _id,
        email,
        token: (await this.tokens.issue(_id, tokensValidFrom)).token,
      })),
    );
  }

  /** Creates an event of the user that takes place in a week. */
  async event(organizer: TestUser, input: Record<string, unknown> = { totalSeats: 100 }): Promise<string> {
    const eventDate = new Date(this.clock.now().getTime() + 7 * 24 * 60 * 60 * 1000).toISOString();
    const variables = { input: { name: 'A night out', eventDate, ...input } };
    const { createEvent } = await this.ok(CREATE_EVENT, variables as never, organizer);
    return createEvent.id;
  }

  /** Sends one operation over HTTP and returns data or errors. */
  call<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<GraphQLAnswer<Data>> {
    return callServer(this.url, document, variables, user);
  }

  /** Sends one operation that must succeed. */
  async ok<Data, Vars>(
    document: TypedDocumentNode<Data, Vars>,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<Data> {
    return dataOf(await this.call(document, variables, user));
  }

  /** Sends one operation that must be refused, and returns its error's code and details. */
  async refused<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<{ code: string; details: Record<string, unknown>; message: string }> {
    const answer = await this.call(document, variables, user);
    const error = answer.errors?.[0];
    if (error === undefined) throw new Error(`Not refused: ${JSON.stringify(answer.data)}`);
    return { ...error.extensions, message: error.message };
  }

  /** Opens a new WebSocket client, which is closed after the test. */
  socket(user?: Pick<TestUser, 'token'>, connectionParams?: Variables): Client {
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(connectionParams
        ? { connectionParams }
        : user && { connectionParams: { authorization: `Bearer ${user.token}` } }),
    });
    onTestFinished(async () => {
      await client.dispose();
    });
    return client;
  }

  /** Subscribes and buffers every message, so that no test has to race the server. */
  subscribe<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables: Vars,
    user?: Pick<TestUser, 'token'>,
    client = this.socket(user),
  ): Messages<Data> {
    return new Messages<Data>(client, textOf(document), variables as Variables);
  }

  /** Subscribes to the live map of an event. */
  watch(eventId: string, since?: number, client = this.socket()) {
    return this.subscribe(SEAT_AVAILABILITY_CHANGED, { eventId, since: since ?? null }, undefined, client);
  }
}

/** The messages of one subscription, in order. */
export class Messages<Data> {
  readonly #arrived: GraphQLAnswer<Data>[] = [];
  readonly #waiting: ((answer: GraphQLAnswer<Data> | undefined) => void)[] = [];
  #ended: { error?: unknown } | undefined;
  readonly unsubscribe: () => void;

  constructor(client: Client, query: string, variables: Variables) {
    this.unsubscribe = client.subscribe<Data>(
      { query, variables },
      {
        next: (answer) => {
          const waiting = this.#waiting.shift();
          if (waiting) waiting(answer as GraphQLAnswer<Data>);
          else this.#arrived.push(answer as GraphQLAnswer<Data>);
        },
        error: (error) => this.#end({ error }),
        complete: () => this.#end({}),
      },
    );
  }

  /** The next message. @throws if the subscription has ended */
  async next(): Promise<Data> {
    const answer = await this.nextAnswer();
    if (answer === undefined)
      throw new Error(`The subscription has ended: ${JSON.stringify(this.#ended?.error ?? 'completed')}`);
    return dataOf(answer);
  }

  /** The next message with its errors, or undefined once the subscription has ended. */
  nextAnswer(): Promise<GraphQLAnswer<Data> | undefined> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined || this.#ended !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Reads messages up to the first one that matches. */
  async until(matches: (data: Data) => boolean): Promise<Data> {
    for (;;) {
      const data = await this.next();
      if (matches(data)) return data;
    }
  }

  /** What ended the subscription: GraphQL errors, a close event, or undefined where it completed. */
  async end(): Promise<unknown> {
    while ((await this.nextAnswer()) !== undefined);
    return this.#ended?.error;
  }

  #end(end: { error?: unknown }): void {
    this.#ended ??= end;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
  }
}

/** The data of an answer. @throws if any field was refused */
export function dataOf<Data>({ data, errors }: GraphQLAnswer<Data>): Data {
  if (errors !== undefined || data == null) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data as Data;
}

/** Sends one operation over HTTP to any server and returns data or errors. */
export async function callServer<Data, Vars>(
  url: string,
  document: TypedDocumentNode<Data, Vars> | string,
  variables?: Vars,
  user?: Pick<TestUser, 'token'>,
): Promise<GraphQLAnswer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user && { authorization: `Bearer ${user.token}` }),
    },
    body: JSON.stringify({ query: textOf(document), variables }),
  });
  return (await response.json()) as GraphQLAnswer<Data>;
}

const textOf = (document: unknown): string =>
  typeof document === 'string' ? document : print(document as Parameters<typeof print>[0]);

/** The run's replica set with this database. */
export function uriOf(databaseName: string): string {
  const setUri = inject('mongodbUri');
  if (setUri === undefined) {
    throw new Error(
      'Unit tests have no database: vitest.config.ts says which tests belong to the project "api".',
    );
  }
  const uri = new URL(setUri);
  uri.pathname = `/${databaseName}`;
  return uri.href;
}
