// TypeGraphQL and Typegoose need it before the first decorated class is loaded.
import 'reflect-metadata';
import { Accounts } from './account/accounts.js';
import { GuestMerges } from './account/guests.js';
import { PasswordResets, RESET_LINK_MS } from './account/password-resets.js';
import { derivedSecret, Tokens } from './account/tokens.js';
import { NO_OUTBOX } from './booking/outbox.js';
import { transferAllReservations } from './booking/transfer-reservations.js';
import { createEvent } from './catalog/create-event.js';
import { demoEvents } from './catalog/demo-events.js';
import { type Config } from './config.js';
import { type Clock, systemClock } from './core/clock.js';
import { newMailId, newProcessId } from './core/ids.js';
import type { Log } from './core/log.js';
import { unfailing } from './core/unfailing.js';
import { Feed } from './feed/feed.js';
import { DeferredSeatLists } from './graphql/deferred-seat-lists.js';
import { Loaders } from './graphql/loaders.js';
import { AccountResolver } from './graphql/resolvers/account.resolver.js';
import { BookingResolver } from './graphql/resolvers/booking.resolver.js';
import { CancellationResolver } from './graphql/resolvers/cancellation.resolver.js';
import { CheckOutResolver } from './graphql/resolvers/check-out.resolver.js';
import { EventResolver } from './graphql/resolvers/event.resolver.js';
import { EventSalesResolver } from './graphql/resolvers/event-sales.resolver.js';
import { HeldBackResolver } from './graphql/resolvers/held-back.resolver.js';
import { HoldResolver } from './graphql/resolvers/hold.resolver.js';
import { OrganizerResolver } from './graphql/resolvers/organizer.resolver.js';
import { PaymentResolver } from './graphql/resolvers/payment.resolver.js';
import { SeatLockResolver } from './graphql/resolvers/seat-lock.resolver.js';
import { SectionResolver } from './graphql/resolvers/section.resolver.js';
import { TicketResolver } from './graphql/resolvers/ticket.resolver.js';
import { createSchema } from './graphql/schema.js';
import { EventExpiry } from './jobs/event-expiry.js';
import { EventFollowUps } from './jobs/event-follow-ups.js';
import { cancelOverdueBookings, failOverduePayments, recordExpiredLocks } from './jobs/expiry-jobs.js';
import { OutboxSender } from './jobs/outbox-sender.js';
import { ScheduledJob } from './jobs/scheduled-job.js';
import { WatchedMapExpiry } from './jobs/watched-map-expiry.js';
import { BookingMails } from './mail/booking-mails.js';
import { CancelledEventMails } from './mail/cancelled-event-mails.js';
import { LimitedMailer } from './mail/limited-mailer.js';
import { LogMailer } from './mail/log-mailer.js';
import type { Mailer } from './mail/mail.js';
import { NewDateMails } from './mail/new-date-mails.js';
import { PasswordResetMails } from './mail/password-reset-mails.js';
import { SmtpMailer } from './mail/smtp-mailer.js';
import { Payments } from './payments/payments.js';
import { StripeProvider } from './payments/stripe.js';
import { type HttpServer, startHttpServer } from './server/http/http-server.js';
import { CallLimits } from './server/limits/call-limits.js';
import { MailLimits } from './server/limits/mail-limits.js';
import { RateLimiter } from './server/limits/rate-limiter.js';
import { Metrics } from './server/metrics.js';
import { BatchTransaction } from './store/batches/batch-transaction.js';
import { databaseTime } from './store/batches/claim.js';
import { CommandBatches } from './store/batches/command-batches.js';
import { Occupancies } from './store/batches/occupancies.js';
import { ChangeStream } from './store/change-stream.js';
import type { Database } from './store/database.js';
import { DatabaseClock } from './store/database-clock.js';
import { DatabaseProbe } from './store/database-probe.js';
import { StoredDateNotices } from './store/date-notices.js';
import { GuardedCommands } from './store/guarded-commands.js';
import { Leases } from './store/leases.js';
import { openDatabase } from './store/open-database.js';
import { Outbox } from './store/outbox.js';
import { StoredProviderPayments } from './store/provider-payments.js';
import { BookingQueries } from './store/queries/booking-queries.js';
import { EventStore } from './store/queries/event-store.js';
import { GuestStore } from './store/queries/guest-store.js';
import { RateCounts } from './store/queries/rate-counts.js';
import { SeatMapReads } from './store/queries/seat-map-reads.js';
import { SeatingPlans } from './store/queries/seating-plans.js';
import { UserStore } from './store/queries/user-store.js';
import { refusingWhileUnavailable } from './store/refuse-while-unavailable.js';
import { IDLE_GUESTS_KEPT_SECONDS } from './store/retention.js';
import { TicketCodes } from './tickets/ticket-codes.js';

/**
 * How long commands in progress may take once the server stops: as long as one may wait for its batch, and less than
 * `DRAIN_MS_MAX`.
 */
const ANSWERED_MS_MAX = 6_000;
/** Connections to the mail server at a time. Many servers allow ten from one address. */
const MAILS_AT_ONCE_MAX = 5;
/** Idle guests are kept for a day, so once an hour is often enough. */
const GUEST_DELETION_CRON = '0 30 * * * *';
/** Payments wait for weeks, so once an hour is often enough. */
const PAYMENT_EXPIRY_CRON = '0 0 * * * *';

export interface AppOptions {
  readonly config: Config;
  readonly mongodbUri: string;
  readonly tokenSecret: string;
  readonly log: Log;
  /** Tests pass a clock that they control, and batches use it too. By default everything uses the database's clock. */
  readonly clock?: Clock;
  /** Creates an event if the database is empty. */
  readonly withDemoEvents?: boolean;
  readonly webRoot?: string | undefined;
}

export interface App {
  readonly url: string;
  readonly database: Database;
  /** For tests, which run the jobs themselves. */
  readonly jobs: {
    readonly lockExpiry: ScheduledJob;
    readonly bookingExpiry: ScheduledJob;
    readonly paymentExpiry: ScheduledJob;
    readonly guestMerge: ScheduledJob;
    readonly guestDeletion: ScheduledJob;
    readonly followUp: ScheduledJob;
    readonly outbox: ScheduledJob;
    /** Only with a mail server. */
    readonly mail?: ScheduledJob;
    /** Only with a payment provider. */
    readonly paymentCheck?: ScheduledJob;
  };
  /**
   * In order: refuses new work, answers work in progress, closes sockets, stops jobs and streams, closes the database.
   */
  close(): Promise<void>;
}

/** Creates all parts and connects them. This is the only place that does. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const database = await openDatabase(options.mongodbUri, log);
  const closers: (() => Promise<void> | void)[] = [() => database.close()];
  try {
    const metrics = unfailing(new Metrics(), (err, method) =>
      log.error({ err, method }, 'A metric was not counted'),
    );
    const databaseClock =
      options.clock === undefined ? await DatabaseClock.start(database, systemClock, log) : undefined;
    const clock = options.clock ?? (databaseClock as DatabaseClock);
    const provider = stripeProvider(config, clock);
    const rules = {
      lockTtlMs: config.lockTtlMs,
      lockMaxLifeMs: config.lockMaxLifeMs,
      pendingBookingTtlMs: config.pendingBookingTtlMs,
      seatsPerViewerMax: config.seatsPerViewerMax,
      // One that only ends its earlier payments does not limit new ones.
      amountProblem: provider?.name === config.paymentProvider ? provider.amountProblem : (): null => null,
    };
    const probe = new DatabaseProbe(() => databaseClock?.probe() ?? database.ping(), log);
    closers.unshift(() => probe.close());
    const plans = new SeatingPlans(database);
    const events = refusingWhileUnavailable(new EventStore(database, plans), probe, ['insert']);
    const batchTime = databaseClock === undefined ? () => clock.now() : databaseTime;
    const batches = new CommandBatches(
      new BatchTransaction(database, batchTime, new Occupancies(database, plans), rules, log, {
        storesMails: config.smtpUrl !== undefined,
        send: (messages) => {
          outboxSender.send(messages);
          mailSender.send(messages);
        },
      }),
      metrics,
    );
    const commands = new GuardedCommands(batches, probe);
    // Never refused, because watched maps keep trying until the database answers.
    const seatMaps = refusingWhileUnavailable(new SeatMapReads(database, () => stream.clusterTime), {
      isUnavailable: false,
    });
    const reads = refusingWhileUnavailable(new BookingQueries(database), probe);
    const outbox = refusingWhileUnavailable(new Outbox(database, clock), probe, ['add']);
    const payments = new Payments({
      provider,
      commands,
      reads,
      started: refusingWhileUnavailable(new StoredProviderPayments(database, clock), probe),
      outbox,
      send: (messages) => outboxSender.send(messages),
      declinedFrom: (address) => limits.declinedPayment(address),
      clock,
      log,
      observer: metrics,
    });
    const outboxSender: OutboxSender = new OutboxSender(
      outbox,
      {
        startPayment: (message) => payments.messages.startPayment(message),
        cancelPayment: (message) => payments.messages.cancelPayment(message),
        refundShare: (message, isRepeated) => payments.messages.refundShare(message, isRepeated),
      },
      clock,
      log,
      metrics,
    );
    const feed = new Feed(seatMaps, clock, log, metrics, config.mapTickMs, () => batches.isBatchInFlight);
    const tokens = new Tokens(options.tokenSecret, config.tokenTtlMs, clock);
    const ticketCodes = await TicketCodes.from(
      config.ticketSecret ?? options.tokenSecret,
      config.formerTicketSecret === undefined ? [] : [config.formerTicketSecret],
    );
    const users = refusingWhileUnavailable(new UserStore(database, clock), probe, [
      'insert',
      'setPassword',
      'endTokens',
    ]);
    const guests = refusingWhileUnavailable(new GuestStore(database, clock), probe, [
      'insert',
      'name',
      'beginMerge',
    ]);
    const merges = new GuestMerges(
      guests,
      async (from, to) => {
        await events.changeOrganizer(from, to);
        await transferAllReservations(commands, reads, from, to);
      },
      clock,
      log,
    );
    const limiter =
      config.rateLimitPerMinute === 0
        ? null
        : new RateLimiter(refusingWhileUnavailable(new RateCounts(database, clock), probe), clock, log);
    closers.unshift(() => limiter?.close());
    const mailer: Mailer =
      config.smtpUrl === undefined ? new LogMailer(log) : new SmtpMailer(config.smtpUrl, config.mailFrom);
    const resets = new PasswordResets({
      users,
      tokens: new Tokens(derivedSecret(options.tokenSecret, 'password-reset'), RESET_LINK_MS, clock),
      clock,
      mailLink: async (request) => {
        mailSender.send([await mailOutbox.add({ id: newMailId(), kind: 'mailResetLink', ...request })]);
      },
    });
    const publicUrl = () => config.publicUrl ?? http.url;
    const resetMails = new PasswordResetMails(resets, mailer, publicUrl);
    // What only goes to the log fills no mailbox.
    const limited = (kind?: 'cancelled-event-mail') =>
      config.smtpUrl === undefined
        ? mailer
        : new LimitedMailer(mailer, new MailLimits(limiter, config.mailsPerAddressMax, log, kind));
    const buyerMailer = limited();
    const bookingMails = new BookingMails({
      reads,
      events,
      users,
      codes: ticketCodes,
      mailer: buyerMailer,
      publicUrl,
    });
    const newDateMails = new NewDateMails({ reads, events, users, mailer: buyerMailer, publicUrl });
    // Buyers must learn that they are paid back, so no other mails use up the number of these.
    const cancelledEventMails = new CancelledEventMails({
      reads,
      events,
      users,
      mailer: limited('cancelled-event-mail'),
    });
    // A sender of its own: a slow mail server holds up no refund. What only goes to the log is not stored.
    const mailOutbox = config.smtpUrl === undefined ? NO_OUTBOX : outbox;
    const mailSender: OutboxSender = new OutboxSender(
      mailOutbox,
      {
        mailBookings: (message) => bookingMails.send(message),
        mailCancelledEvent: (message) => cancelledEventMails.send(message),
        mailNewDate: (message) => newDateMails.send(message),
        mailResetLink: (message) => resetMails.send(message),
      },
      clock,
      log,
      metrics,
      config.smtpUrl === undefined ? 1 : MAILS_AT_ONCE_MAX,
    );
    const receivesLogOuts = () => stream.isCurrent;
    const accounts = new Accounts({ users, guests, merges, tokens, resets, clock, receivesLogOuts });

    const stream: ChangeStream = new ChangeStream(
      database,
      {
        change: (change) => {
          metrics.lagged(clock.now().getTime() - change.at.getTime());
          feed.receive(change);
        },
        userChanged: (userId) => accounts.userChanged(userId),
        interrupted: () => {
          feed.resync();
          accounts.clearCache();
        },
      },
      log,
    );
    await stream.open();
    closers.unshift(
      () => feed.close(),
      () => stream.close(),
    );

    const leases = new Leases(database, clock, newProcessId());
    const job = (name: string, schedule: string, work: () => Promise<number>) =>
      new ScheduledJob({ name, schedule, work, leases, clock, log, observer: metrics });
    const eventExpiry = new EventExpiry(commands);
    const lockExpiry = job('lock-expiry', config.lockExpiryCron, () =>
      // A process that has lost the lease because it was slow leaves the remaining events to the new holder.
      recordExpiredLocks(
        { recordExpiries: (id) => eventExpiry.recordExpiries(id, () => lockExpiry.holdsLease) },
        reads,
        clock,
      ),
    );
    const bookingExpiry = job('booking-expiry', config.bookingExpiryCron, () =>
      cancelOverdueBookings(commands, reads, clock),
    );
    const paymentExpiry = job('payment-expiry', PAYMENT_EXPIRY_CRON, () =>
      failOverduePayments(commands, reads, clock),
    );
    const guestMerge = job('guest-merge', config.guestMergeCron, () => merges.continueDue());
    const guestDeletion = job('guest-deletion', GUEST_DELETION_CRON, () =>
      guests.deleteIdle(new Date(clock.now().getTime() - IDLE_GUESTS_KEPT_SECONDS * 1_000)),
    );
    const notices = new StoredDateNotices(database, clock, config.smtpUrl !== undefined);
    const followUps = new EventFollowUps(commands, notices, (mails) => mailSender.send(mails), log);
    const followUp = job('follow-up', config.followUpCron, () => followUps.continueAll(reads));
    const outboxJob = job('outbox', config.outboxCron, () => outboxSender.sendDue());
    const mailJob = job('mail', config.outboxCron, () => mailSender.sendDue());
    const paymentCheck = job('payment-check', config.paymentCheckCron, () => payments.check());
    const jobs = {
      lockExpiry,
      bookingExpiry,
      paymentExpiry,
      guestMerge,
      guestDeletion,
      followUp,
      outbox: outboxJob,
      ...(config.smtpUrl !== undefined && { mail: mailJob }),
      ...(provider !== undefined && { paymentCheck }),
    };
    const watchedMapExpiry = new WatchedMapExpiry(eventExpiry, () => lockExpiry.holdsLease, feed, clock, log);
    feed.onExpiry = (eventId) => watchedMapExpiry.expired(eventId);
    closers.unshift(async () => {
      eventExpiry.close();
      followUps.close();
      await Promise.all(Object.values(jobs).map((each) => each.stop()));
      await batches.close();
      await Promise.all([outboxSender.close(), mailSender.close()]);
    });

    if (options.withDemoEvents && (await database.events.estimatedDocumentCount()) === 0) {
      for (const demoEvent of await demoEvents(clock.now())) {
        await createEvent(events, clock, 'demo', demoEvent, config.seatsPerViewerMax);
      }
    }

    metrics.gauge(
      'database_unavailable',
      '1 while the database does not answer and new work is refused.',
      () => Number(probe.isUnavailable),
    );
    metrics.gauge(
      'process_clock_ahead_seconds',
      'How far the clock of this process is ahead of the database’s; negative if it is behind.',
      () => (databaseClock?.processAheadMs ?? 0) / 1000,
    );
    metrics.gauge('booking_queued_commands', 'Commands waiting for a batch.', () => batches.queued);
    metrics.gauge(
      'booking_oldest_queued_command_seconds',
      'How long the oldest command that waits for a batch has waited.',
      () => batches.oldestWaitMs / 1000,
    );
    metrics.gauge('outbox_waiting_messages', 'Messages that are to be sent.', () => outbox.countWaiting());
    metrics.gauge('outbox_failed_messages', 'Messages about payments that were given up.', () =>
      outbox.countFailed(),
    );
    metrics.gauge('feed_live_maps', 'Seat maps in memory.', () => feed.mapsInMemory);
    metrics.gauge(
      'feed_watchers',
      'Subscriptions to seat maps and reservations, and map reads in progress.',
      () => feed.watchers,
    );
    const limits: CallLimits = new CallLimits(limiter, config);
    const schema = await createSchema([
      new AccountResolver(accounts, resets, reads, events, clock),
      new BookingResolver(commands, reads, events, clock, ticketCodes),
      new CheckOutResolver(
        commands,
        reads,
        payments,
        clock,
        config.paymentProvider === 'none' ? null : config.paymentProvider,
      ),
      new CancellationResolver(commands, (eventId) => followUps.begin(eventId)),
      new EventResolver(events, reads, clock, {
        ...config,
        stripePublishableKey: config.paymentProvider === 'stripe' ? config.stripePublishableKey : undefined,
        amountProblem: rules.amountProblem,
      }),
      new EventSalesResolver(reads, events),
      new HoldResolver(commands, clock),
      new OrganizerResolver(commands, rules.amountProblem, (eventId) => followUps.begin(eventId)),
      new HeldBackResolver(commands, events, reads, clock),
      new PaymentResolver(commands, reads, clock, config.paymentProvider === 'simulated'),
      new SeatLockResolver(commands, reads, events, clock),
      new SectionResolver(events),
      new TicketResolver(commands, reads, events, ticketCodes),
    ]);
    const http: HttpServer = await startHttpServer({
      ...config,
      schema,
      accounts,
      contextOfCall: async (viewer, address, correlationId) => {
        const callerLimits = limits.begin(viewer?.userId, address);
        return {
          viewer,
          address,
          correlationId,
          loaders: new Loaders({ events, reads, feed, clock, limits: callerLimits }),
          feed,
          limits: callerLimits,
          deferredSeatLists: new DeferredSeatLists(),
        };
      },
      badTokenFrom: (address) => limits.call(undefined, address),
      events,
      tickets: {
        codes: ticketCodes,
        reads,
        events,
        clock,
        imageFrom: (address) => limits.ticketImage(address),
      },
      bookingsFiles: { events, reads },
      bookingsFileOf: (userId, address) => limits.call(userId, address),
      fileReadFrom: (address) => limits.call(undefined, address),
      paymentWebhook: provider && {
        path: '/webhooks/stripe',
        signatureHeader: 'stripe-signature',
        receive: (body, signature) => payments.receive(body, signature),
      },
      clock,
      log,
      metrics,
      readinessChecks: [
        { name: 'database', problem: () => database.ping().then(() => null) },
        { name: 'clock', problem: () => clockProblem(databaseClock, config.clockSkewMsMax) },
        { name: 'changeStream', problem: () => (stream.isCurrent ? null : 'is being reopened') },
        {
          name: 'jobs',
          problem: () => (Object.values(jobs).every((each) => each.isOnTime) ? null : 'are behind'),
        },
      ],
      onClosing: () => commands.answerAllWithin(ANSWERED_MS_MAX),
      webRoot: options.webRoot,
    });
    closers.unshift(() => http.close());
    for (const each of Object.values(jobs)) each.start();
    followUps.beginAll(reads);
    return { url: http.url, database, jobs, close: () => closeAll(closers, log) };
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

/** Also where payments are taken by another provider now: those of earlier times can still be refunded. */
function stripeProvider(config: Config, clock: Clock): StripeProvider | undefined {
  const { stripeSecretKey: secretKey, stripeWebhookSecret: webhookSecret, stripeApiUrl: apiUrl } = config;
  if (secretKey === undefined || webhookSecret === undefined) return undefined;
  return new StripeProvider({ secretKey, webhookSecret, apiUrl }, clock);
}

/** @returns what is wrong with this process's clock, or null */
function clockProblem(clock: DatabaseClock | undefined, skewMsMax: number): string | null {
  const aheadMs = clock?.processAheadMs ?? 0;
  if (skewMsMax === 0 || Math.abs(aheadMs) <= skewMsMax) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return `is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's`;
}

/** Calls all closers, also if one of them fails. */
async function closeAll(closers: readonly (() => Promise<void> | void)[], log: Log): Promise<void> {
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      log.error({ err: error }, 'A part of the server failed to stop');
    }
  }
}
