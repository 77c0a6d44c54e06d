import 'reflect-metadata';
import { pino } from 'pino';
import { Arg, buildSchema, Int, Mutation, Query, Resolver } from 'type-graphql';
import { Accounts, type AccountsOptions } from '../../../src/account/accounts.js';
import { Tokens } from '../../../src/account/tokens.js';
import { parseConfig } from '../../../src/config.js';
import { systemClock } from '../../../src/core/clock.js';
import type { GraphQLContext } from '../../../src/graphql/context.js';
import { DeferredSeatLists } from '../../../src/graphql/deferred-seat-lists.js';
import { type HttpServerOptions, startHttpServer } from '../../../src/server/http/http-server.js';
import type { TicketFiles } from '../../../src/server/http/ticket-files.js';
import { CallLimits } from '../../../src/server/limits/call-limits.js';
import { Metrics } from '../../../src/server/metrics.js';
import { openDatabase } from '../../../src/store/open-database.js';
import { UserStore } from '../../../src/store/queries/user-store.js';

/** The floor: this product's HTTP and WebSocket server with token checks, and a mutation that does nothing. */
@Resolver()
class NothingResolver {
  @Query(() => String)
  hello(): string {
    return 'hello';
  }

  @Mutation(() => Int)
  doNothing(@Arg('seatNumber', () => Int) seatNumber: number): number {
    return seatNumber;
  }
}

const config = parseConfig({ ...process.env, HOST: '127.0.0.1', RATE_LIMIT_PER_MINUTE: '0' });
const log = pino({ level: 'warn' });
const database = await openDatabase(config.mongodbUri ?? '', log);
const tokens = new Tokens(config.tokenSecret ?? '', config.tokenTtlMs, systemClock);
const limits = new CallLimits(null, config);
const { url } = await startHttpServer({
  ...config,
  schema: await buildSchema({ resolvers: [NothingResolver], validate: false }),
  accounts: new Accounts({
    users: new UserStore(database, systemClock),
    tokens,
    clock: systemClock,
    receivesLogOuts: () => true,
  } as unknown as AccountsOptions),
  contextOfCall: async (viewer, address, correlationId) =>
    ({
      viewer,
      correlationId,
      limits: limits.begin(undefined, address),
      deferredSeatLists: new DeferredSeatLists(),
    }) as unknown as GraphQLContext,
  badTokenFrom: (address) => limits.call(undefined, address),
  events: { storedPlan: async () => null },
  tickets: {} as TicketFiles,
  bookingsFiles: {} as HttpServerOptions['bookingsFiles'],
  bookingsFileOf: () => {},
  fileReadFrom: () => {},
  paymentWebhook: undefined,
  clock: systemClock,
  log,
  metrics: new Metrics(),
  readinessChecks: [],
  onClosing: () => undefined,
  webRoot: undefined,
});
process.stdout.write(`${JSON.stringify({ url })}\n`);
