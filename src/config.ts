import { isIP } from 'node:net';
import { Cron } from 'croner';
import { z } from 'zod';

const PAYMENT_PROVIDERS = ['simulated', 'stripe', 'none'] as const;
const BROADCASTS = ['shared', 'plain'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** All settings. Durations are in milliseconds, whatever the unit of their variable. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Undefined for the embedded database. */
  readonly mongodbUri: string | undefined;
  readonly mongodBinary: string | undefined;
  readonly dataDir: string;
  /** Undefined if it has to be generated and stored in dataDir. */
  readonly tokenSecret: string | undefined;
  readonly tokenTtlMs: number;
  /** Undefined if codes of tickets are signed with a key from the token secret. */
  readonly ticketSecret: string | undefined;
  /** Codes that were signed with this secret stay valid. */
  readonly formerTicketSecret: string | undefined;
  readonly lockTtlMs: number;
  readonly lockMaxLifeMs: number;
  readonly pendingBookingTtlMs: number;
  readonly lockExpiryCron: string;
  readonly bookingExpiryCron: string;
  readonly guestMergeCron: string;
  readonly followUpCron: string;
  readonly outboxCron: string;
  readonly paymentCheckCron: string;
  readonly seatsPerViewerMax: number;
  /** With `simulated`, no money is taken and everybody can say that a card has paid. With `none`, nobody can pay. */
  readonly paymentProvider: (typeof PAYMENT_PROVIDERS)[number];
  /** The account at Stripe: set for all three or for none, also where another provider has replaced it. */
  readonly stripeSecretKey: string | undefined;
  /** With which the page starts Stripe's form. */
  readonly stripePublishableKey: string | undefined;
  readonly stripeWebhookSecret: string | undefined;
  /** Undefined for Stripe's own API. */
  readonly stripeApiUrl: string | undefined;
  /** Calls of one viewer a minute. 0 disables all rate limits. */
  readonly rateLimitPerMinute: number;
  /** Reads without a token from one address a minute. If undefined, they count as calls. */
  readonly anonymousReadsPerAddressMax: number | undefined;
  /** Calls of all viewers of one address a minute. */
  readonly callsPerAddressMax: number;
  /** Sign-ups of one address an hour. */
  readonly signUpsPerAddressMax: number;
  /** New guests of one address an hour. */
  readonly guestsPerAddressMax: number;
  /** New events a day, of one user and of one address. */
  readonly eventsPerViewerMax: number;
  readonly eventsPerAddressMax: number;
  /** Seats that one user may lock of one event a day. */
  readonly seatLocksPerViewerMax: number;
  /** Seats that may be locked of one event from one address within `lockMaxLifeMs`. */
  readonly seatLocksPerAddressMax: number;
  /** Refused cards, and payments started at a provider that answers later, of one user an hour. */
  readonly declinedPaymentsPerViewerMax: number;
  /** Refused cards of one address an hour. */
  readonly declinedPaymentsPerAddressMax: number;
  /** Scans of one organizer a minute. */
  readonly scansPerViewerMax: number;
  /** QR images drawn for one address a minute. */
  readonly ticketImagesPerAddressMax: number;
  /** Mails about bookings to one address a day. */
  readonly mailsPerAddressMax: number;
  readonly socketsPerAddressMax: number;
  readonly connectionInitTimeoutMs: number;
  /** How long a stopping server reports that at /readyz before it refuses new work. */
  readonly stopDelayMs: number;
  /** How long a socket may leave every message unread. */
  readonly slowReaderMsMax: number;
  /** A process whose clock differs by more is not ready. 0 disables this check. */
  readonly clockSkewMsMax: number;
  /** Changes of a seat map within this time after its last message are merged into the next one. */
  readonly mapTickMs: number;
  /** With `shared`, one message is built for all subscribers with the same operation; with `plain`, one for each. */
  readonly broadcast: (typeof BROADCASTS)[number];
  /** How long a request may take to arrive, and its answer may stay unread. */
  readonly requestTimeoutMs: number;
  /** If undefined, only private addresses may read /metrics. */
  readonly metricsToken: string | undefined;
  /** Undefined if mails are written to the log. */
  readonly smtpUrl: string | undefined;
  /** The sender of mails; empty without smtpUrl. */
  readonly mailFrom: string;
  /** The origin of links in mails. Undefined for the address at which the server listens. */
  readonly publicUrl: string | undefined;
  /** Enables the playground and introspection. */
  readonly playground: boolean;
  /** Whether errors about misspelt names suggest existing ones. It helps developers, and attackers in production. */
  readonly suggestNames: boolean;
  /** Origins besides the server's own. */
  readonly allowedOrigins: readonly string[];
  /** From where the page may load pictures of events. */
  readonly pictureOrigins: readonly string[];
  /** Whether X-Forwarded-For is used, or from which addresses. */
  readonly trustProxy: boolean | readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** All problems of the environment at once, each with its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      `The settings have ${problems.length === 1 ? 'an error' : `${problems.length} errors`}:\n- ${problems.join('\n- ')}`,
    );
  }
}

const integer = (min: number, max: number, byDefault: number) => {
  const rule = `must be a whole number from ${min} to ${max}, e.g. ${byDefault}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule)
    .default(byDefault);
};

const seconds = (min: number, max: number, byDefault: number) =>
  integer(min, max, byDefault).transform((value) => value * 1000);

const cron = (byDefault: string) =>
  z
    .string()
    .refine((pattern) => {
      try {
        return new Cron(pattern, { paused: true }).nextRun() !== null;
      } catch {
        return false;
      }
    }, `must be a cron pattern with seconds, e.g. "${byDefault}"`)
    .default(byDefault);

const origins = z
  .string()
  .default('')
  .transform(splitList)
  .refine(
    (list) => list.every(isOrigin),
    'must be a list of origins with commas between them, e.g. "https://tickets.example"',
  );

/** Sources of a content security policy. By default any host: organizers keep their pictures wherever they like. */
const pictureOrigins = z
  .string()
  .default('https:')
  .transform((value) => (value === 'none' ? [] : splitList(value)))
  .refine(
    (list) => list.every((each) => each === 'https:' || (isOrigin(each) && each.startsWith('https:'))),
    'must be none, or a list of https origins with commas between them, e.g. "https://pictures.example"',
  );

const trustProxy = z
  .string()
  .default('off')
  .transform((value) => (value === 'on' ? true : value === 'off' ? false : splitList(value)))
  .refine(
    (trusted) => typeof trusted === 'boolean' || (trusted.length > 0 && trusted.every(isAddressRange)),
    'must be on, off, or a list of proxies with commas between them, e.g. "loopback, 10.0.0.0/8"',
  );

const METRICS_TOKEN_RULE =
  'must be 16 characters or more without blanks, e.g. the output of "openssl rand -hex 16"';

const WEEK_SECONDS = 7 * 24 * 60 * 60;

const environment = z.object({
  PORT: integer(0, 65_535, 4000),
  HOST: z.string().min(1).default('0.0.0.0'),
  MONGODB_URI: z
    .string()
    .regex(
      /^mongodb(\+srv)?:\/\/./,
      'must be a MongoDB connection string, e.g. "mongodb://db1,db2,db3/?replicaSet=rs0"',
    )
    .optional(),
  MONGOD_BINARY: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  TOKEN_SECRET: z.string().min(1).optional(),
  TICKET_SECRET: z
    .string()
    .min(32, 'must be 32 characters or more, e.g. the output of "openssl rand -base64 32"')
    .optional(),
  TICKET_SECRET_FORMER: z.string().min(1).optional(),
  TOKEN_TTL_SECONDS: seconds(1, 52 * WEEK_SECONDS, 12 * 60 * 60),
  LOCK_TTL_SECONDS: seconds(1, WEEK_SECONDS, 300),
  LOCK_MAX_LIFE_SECONDS: seconds(1, WEEK_SECONDS, 900),
  PENDING_BOOKING_TTL_SECONDS: seconds(1, WEEK_SECONDS, 1800),
  LOCK_SWEEP_CRON: cron('*/5 * * * * *'),
  BOOKING_SWEEP_CRON: cron('0 * * * * *'),
  GUEST_MERGE_CRON: cron('*/5 * * * * *'),
  FOLLOW_UP_CRON: cron('*/5 * * * * *'),
  OUTBOX_CRON: cron('*/5 * * * * *'),
  PAYMENT_CHECK_CRON: cron('*/30 * * * * *'),
  SEATS_PER_VIEWER_MAX: integer(1, 1000, 10),
  PAYMENT_PROVIDER: z
    .enum(PAYMENT_PROVIDERS, `must be one of ${PAYMENT_PROVIDERS.join(', ')}`)
    .default('simulated'),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret or restricted key, e.g. "sk_live_…"')
    .optional(),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_\w+$/, 'must be a publishable key, e.g. "pk_live_…"')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\S+$/, 'must be the signing secret of the webhook, e.g. "whsec_…"')
    .optional(),
  STRIPE_API_URL: z
    .string()
    .refine(
      (url) => /^https?:\/\/[^/]+\/?$/.test(url) && URL.canParse(url),
      'must be the address of a server, e.g. "http://127.0.0.1:12111"',
    )
    .optional(),
  RATE_LIMIT_PER_MINUTE: integer(0, 1_000_000, 600),
  ANONYMOUS_READS_PER_ADDRESS_MAX: integer(1, 100_000_000, 12_000),
  CALLS_PER_ADDRESS_MAX: integer(1, 100_000_000, 60_000),
  SIGN_UPS_PER_ADDRESS_MAX: integer(1, 1_000_000, 3_000),
  GUESTS_PER_ADDRESS_MAX: integer(1, 1_000_000, 10_000),
  EVENTS_PER_VIEWER_MAX: integer(1, 1_000_000, 100),
  EVENTS_PER_ADDRESS_MAX: integer(1, 1_000_000, 1_000),
  SEAT_LOCKS_PER_VIEWER_MAX: integer(1, 1_000_000, 300),
  SEAT_LOCKS_PER_ADDRESS_MAX: integer(1, 1_000_000, 5_000),
  DECLINED_PAYMENTS_PER_VIEWER_MAX: integer(1, 1_000_000, 20),
  DECLINED_PAYMENTS_PER_ADDRESS_MAX: integer(1, 1_000_000, 300),
  SCANS_PER_VIEWER_MAX: integer(1, 1_000_000, 12_000),
  TICKET_IMAGES_PER_ADDRESS_MAX: integer(1, 1_000_000, 3_000),
  MAILS_PER_ADDRESS_MAX: integer(1, 1_000_000, 50),
  SOCKETS_PER_ADDRESS_MAX: integer(1, 1_000_000, 20_000),
  CONNECTION_INIT_TIMEOUT_MS: integer(1, 600_000, 3000),
  STOP_DELAY_SECONDS: seconds(0, 60, 0),
  SLOW_READER_SECONDS_MAX: seconds(1, 600, 15),
  CLOCK_SKEW_SECONDS_MAX: seconds(0, 3_600, 30),
  MAP_TICK_MS: integer(1, 10_000, 30),
  BROADCAST: z.enum(BROADCASTS, `must be one of ${BROADCASTS.join(', ')}`).default('shared'),
  REQUEST_TIMEOUT_MS: integer(1, 600_000, 30_000),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, METRICS_TOKEN_RULE)
    .optional(),
  SMTP_URL: z
    .string()
    .refine(isSmtpUrl, 'must be the URL of a mail server, e.g. "smtps://user:password@mail.example"')
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>"\p{Cc}]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u,
      'must be an address, with or without a name, e.g. "Tickets <tickets@tickets.example>"',
    )
    .default(''),
  PUBLIC_URL: z.string().refine(isWebOrigin, 'must be an origin, e.g. "https://tickets.example"').optional(),
  PLAYGROUND: z.enum(['on', 'off'], 'must be on or off').default('on'),
  ALLOWED_ORIGINS: origins,
  PICTURE_ORIGINS: pictureOrigins,
  TRUST_PROXY: trustProxy,
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

type SetVariables = Readonly<Record<string, string>>;

/**
 * Conflicts between two settings. They are checked even if other settings are wrong, so that all problems are reported
 * at once.
 */
function conflictsBetween(set: SetVariables): string[] {
  const problems: string[] = [];
  if (set.MONGODB_URI !== undefined && set.TOKEN_SECRET === undefined) {
    problems.push(
      'TOKEN_SECRET is required with MONGODB_URI: every server process must sign with the same secret, e.g. the output of "openssl rand -base64 32"',
    );
  }
  if (set.MONGODB_URI !== undefined && set.PAYMENT_PROVIDER === undefined) {
    problems.push(
      'PAYMENT_PROVIDER is required with MONGODB_URI: "stripe" takes money; "simulated" takes none, and everybody gets tickets for nothing; with "none" nobody can pay',
    );
  }
  if (set.SMTP_URL !== undefined && set.MAIL_FROM === undefined) {
    problems.push(
      'MAIL_FROM is required with SMTP_URL: mails need a sender, e.g. "Tickets <tickets@tickets.example>"',
    );
  }
  if (set.SMTP_URL !== undefined && set.PUBLIC_URL === undefined) {
    problems.push(
      'PUBLIC_URL is required with SMTP_URL: mails have links to the pages, e.g. "https://tickets.example"',
    );
  }
  problems.push(...problemsWithStripe(set));
  const { LOCK_TTL_SECONDS, LOCK_MAX_LIFE_SECONDS } = environment.shape;
  const ttl = LOCK_TTL_SECONDS.safeParse(set.LOCK_TTL_SECONDS);
  const maxLife = LOCK_MAX_LIFE_SECONDS.safeParse(set.LOCK_MAX_LIFE_SECONDS);
  if (ttl.success && maxLife.success && maxLife.data < ttl.data) {
    problems.push(
      `LOCK_MAX_LIFE_SECONDS must be at least LOCK_TTL_SECONDS: a lock cannot end before its first time is up; they are ${maxLife.data / 1000} and ${ttl.data / 1000}`,
    );
  }
  return problems;
}

const STRIPE_NAMES = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET'] as const;

/** All three keys are needed, also to refund earlier payments where another provider takes new ones. */
function problemsWithStripe(set: SetVariables): string[] {
  const missing = STRIPE_NAMES.filter((name) => set[name] === undefined);
  const isWanted = set.PAYMENT_PROVIDER === 'stripe' || missing.length < STRIPE_NAMES.length;
  if (!isWanted) return [];
  const problems = missing.map((name) => `${name} is required to take payments by Stripe`);
  const modeOf = (key = '') => /_(test|live)_/.exec(key)?.[1];
  const [ours, pages] = [modeOf(set.STRIPE_SECRET_KEY), modeOf(set.STRIPE_PUBLISHABLE_KEY)];
  if (ours !== undefined && pages !== undefined && ours !== pages) {
    problems.push('STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY must both be for tests, or both be live');
  }
  return problems;
}

/**
 * Parses the environment. An empty variable counts as unset.
 *
 * @throws ConfigError with all problems
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given: SetVariables = Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
  // The name that this variable had in earlier releases.
  const { LOOKS_PER_ADDRESS_MAX: formerName } = given;
  const set: SetVariables = {
    ...(formerName !== undefined && { ANONYMOUS_READS_PER_ADDRESS_MAX: formerName }),
    ...given,
  };
  const result = environment.safeParse(set);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problemOf(issue, set)),
    ...conflictsBetween(set),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const settings = result.data;
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    mongodbUri: settings.MONGODB_URI,
    mongodBinary: settings.MONGOD_BINARY,
    dataDir: settings.DATA_DIR,
    tokenSecret: settings.TOKEN_SECRET,
    ticketSecret: settings.TICKET_SECRET,
    formerTicketSecret: settings.TICKET_SECRET_FORMER,
    tokenTtlMs: settings.TOKEN_TTL_SECONDS,
    lockTtlMs: settings.LOCK_TTL_SECONDS,
    lockMaxLifeMs: settings.LOCK_MAX_LIFE_SECONDS,
    pendingBookingTtlMs: settings.PENDING_BOOKING_TTL_SECONDS,
    lockExpiryCron: settings.LOCK_SWEEP_CRON,
    bookingExpiryCron: settings.BOOKING_SWEEP_CRON,
    guestMergeCron: settings.GUEST_MERGE_CRON,
    followUpCron: settings.FOLLOW_UP_CRON,
    outboxCron: settings.OUTBOX_CRON,
    paymentCheckCron: settings.PAYMENT_CHECK_CRON,
    seatsPerViewerMax: settings.SEATS_PER_VIEWER_MAX,
    paymentProvider: settings.PAYMENT_PROVIDER,
    stripeSecretKey: settings.STRIPE_SECRET_KEY,
    stripePublishableKey: settings.STRIPE_PUBLISHABLE_KEY,
    stripeWebhookSecret: settings.STRIPE_WEBHOOK_SECRET,
    stripeApiUrl: settings.STRIPE_API_URL,
    rateLimitPerMinute: settings.RATE_LIMIT_PER_MINUTE,
    anonymousReadsPerAddressMax:
      // RATE_LIMIT_PER_MINUTE alone limits all calls of an address, anonymous reads included.
      set.RATE_LIMIT_PER_MINUTE !== undefined && set.ANONYMOUS_READS_PER_ADDRESS_MAX === undefined
        ? undefined
        : settings.ANONYMOUS_READS_PER_ADDRESS_MAX,
    callsPerAddressMax: settings.CALLS_PER_ADDRESS_MAX,
    eventsPerViewerMax: settings.EVENTS_PER_VIEWER_MAX,
    eventsPerAddressMax: settings.EVENTS_PER_ADDRESS_MAX,
    signUpsPerAddressMax: settings.SIGN_UPS_PER_ADDRESS_MAX,
    guestsPerAddressMax: settings.GUESTS_PER_ADDRESS_MAX,
    seatLocksPerViewerMax: settings.SEAT_LOCKS_PER_VIEWER_MAX,
    seatLocksPerAddressMax: settings.SEAT_LOCKS_PER_ADDRESS_MAX,
    declinedPaymentsPerViewerMax: settings.DECLINED_PAYMENTS_PER_VIEWER_MAX,
    declinedPaymentsPerAddressMax: settings.DECLINED_PAYMENTS_PER_ADDRESS_MAX,
    scansPerViewerMax: settings.SCANS_PER_VIEWER_MAX,
    ticketImagesPerAddressMax: settings.TICKET_IMAGES_PER_ADDRESS_MAX,
    mailsPerAddressMax: settings.MAILS_PER_ADDRESS_MAX,
    socketsPerAddressMax: settings.SOCKETS_PER_ADDRESS_MAX,
    connectionInitTimeoutMs: settings.CONNECTION_INIT_TIMEOUT_MS,
    stopDelayMs: settings.STOP_DELAY_SECONDS,
    slowReaderMsMax: settings.SLOW_READER_SECONDS_MAX,
    clockSkewMsMax: settings.CLOCK_SKEW_SECONDS_MAX,
    mapTickMs: settings.MAP_TICK_MS,
    broadcast: settings.BROADCAST,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    metricsToken: settings.METRICS_TOKEN,
    smtpUrl: settings.SMTP_URL,
    mailFrom: settings.MAIL_FROM,
    publicUrl: settings.PUBLIC_URL,
    playground: settings.PLAYGROUND === 'on',
    suggestNames: settings.PLAYGROUND === 'on' && set.NODE_ENV !== 'production',
    allowedOrigins: settings.ALLOWED_ORIGINS,
    pictureOrigins: settings.PICTURE_ORIGINS,
    trustProxy: settings.TRUST_PROXY,
    logLevel: settings.LOG_LEVEL,
  });
}

/** Values that are not repeated in messages. A connection string can contain a password. */
const SECRET: ReadonlySet<string> = new Set([
  'TOKEN_SECRET',
  'TICKET_SECRET',
  'TICKET_SECRET_FORMER',
  'MONGODB_URI',
  'METRICS_TOKEN',
  'SMTP_URL',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
]);

function problemOf(
  { path, message }: { path: readonly PropertyKey[]; message: string },
  set: SetVariables,
): string {
  const name = path.join('.');
  const value = set[name] === undefined || SECRET.has(name) ? '' : `; it is ${JSON.stringify(set[name])}`;
  return `${name} ${message}${value}`;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isWebOrigin(text: string): boolean {
  return isOrigin(text) && /^https?:/.test(text);
}

function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\//.test(text) || !URL.canParse(text)) return false;
  return new URL(text).hostname !== '';
}

/** Whether it is an IP address, a range (`10.0.0.0/8`), or one of the names for the usual private ranges. */
function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
