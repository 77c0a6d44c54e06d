import { randomUUID } from 'node:crypto';
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

export const TOKEN_SECRET = 'a secret that only the tests know, 32 bytes';
/** Never comes by itself: tests run the jobs, or move the clock, when they mean to. */
const NEVER = '0 0 0 1 1 *';
/** On a busy machine a test's client may take longer than the default of 3 s to send its first message. */
export const CONNECTION_INIT_TIMEOUT_MS = 60_000;

export interface TestAppOptions {
  readonly config?: Partial<Config>;
  /** Left out: a clock that stands still until it is moved. */
  readonly clock?: ManualClock;
  /** The database of another test application, so that both are servers of one database. */
  readonly sharing?: TestApp;
  readonly databaseName?: string;
  /** Left out: what TEST_LOG_LEVEL says, and by default nothing. */
  readonly log?: Log;
  /** The built pages; without it there are none. */
  readonly webRoot?: string;
}

export interface TestUser {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** An answer as it came, errors and all: any field of the root may have been refused. */
export interface GraphQLAnswer<Data> {
  readonly data?: { readonly [Field in keyof Data]: Data[Field] | null } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly details: Record<string, unknown> };
  }[];
}

type Variables = Record<string, unknown>;

/** A real server on the run's real database, in a database of its own, with what tests need to talk to it. */
export class TestApp {
  private constructor(
    readonly app: App,
    readonly clock: ManualClock,
    readonly databaseName: string,
    private readonly tokens: Tokens,
  ) {}

  /** Ends by itself with the test or, called in beforeAll, has to be closed in afterAll. */
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

  /** Closes the server and, unless another one still uses it, drops its database. */
  async close({ keepData = false } = {}): Promise<void> {
    if (!keepData) await this.database.connection.dropDatabase();
    await this.app.close();
  }

  /** A user straight in the database, since hashing a password costs more than a whole test. */
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

  /** An event of the user's, a week ahead. */
  async event(organizer: TestUser, input: Record<string, unknown> = { totalSeats: 100 }): Promise<string> {
    const eventDate = new Date(this.clock.now().getTime() + 7 * 24 * 60 * 60 * 1000).toISOString();
    const variables = { input: { name: 'A night out', eventDate, ...input } };
    const { createEvent } = await this.ok(CREATE_EVENT, variables as never, organizer);
    return createEvent.id;
  }

  /** One operation over HTTP, whatever comes of it. */
  call<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<GraphQLAnswer<Data>> {
    return callServer(this.url, document, variables, user);
  }

  /** One operation that has to succeed. */
  async ok<Data, Vars>(
    document: TypedDocumentNode<Data, Vars>,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<Data> {
    return dataOf(await this.call(document, variables, user));
  }

  /** One operation that has to be refused; its error's code and details. */
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

  /** A WebSocket client of its own, closed at the end of the test. */
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

  /** Subscribes, and keeps what comes from the first instant on, so that no test races the server. */
  subscribe<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables: Vars,
    user?: Pick<TestUser, 'token'>,
    client = this.socket(user),
  ): Messages<Data> {
    return new Messages<Data>(client, textOf(document), variables as Variables);
  }

  /** The live map of an event. */
  watch(eventId: string, since?: number, client = this.socket()) {
    return this.subscribe(SEAT_AVAILABILITY_CHANGED, { eventId, since: since ?? null }, undefined, client);
  }
}

/** The messages of one subscription, in order, each waited for. */
export class Messages<Data> {
  readonly #arrived: GraphQLAnswer<Data>[] = [];
  readonly #waiting: ((answer: GraphQLAnswer<Data> | undefined) => void)[] = [];
  #over: { error?: unknown } | undefined;
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

  /** The next message; fails when the subscription is over instead. */
  async next(): Promise<Data> {
    const answer = await this.nextAnswer();
    if (answer === undefined) throw new Error(`Over: ${JSON.stringify(this.#over?.error ?? 'completed')}`);
    return dataOf(answer);
  }

  /** The next message with its errors, or undefined once the subscription is over. */
  nextAnswer(): Promise<GraphQLAnswer<Data> | undefined> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined || this.#over !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The first message, from the next one on, that is as wished. */
  async until(isWished: (data: Data) => boolean): Promise<Data> {
    for (;;) {
      const data = await this.next();
      if (isWished(data)) return data;
    }
  }

  /** What ended the subscription: GraphQL errors, a close event, or undefined where it completed. */
  async end(): Promise<unknown> {
    while ((await this.nextAnswer()) !== undefined);
    return this.#over?.error;
  }

  #end(over: { error?: unknown }): void {
    this.#over ??= over;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
  }
}

/** The data of an answer without errors. @throws where any field was refused */
export function dataOf<Data>({ data, errors }: GraphQLAnswer<Data>): Data {
  if (errors !== undefined || data == null) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data as Data;
}

/** One operation over HTTP to whatever server, whatever comes of it. */
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
