import { Cron } from 'croner';
import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything that an operator can set. Durations are milliseconds here, whatever the variable's unit. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Undefined for the embedded default. */
  readonly mongodbUri: string | undefined;
  readonly mongodBinary: string | undefined;
  readonly dataDir: string;
  /** Undefined where it is to be generated and kept in dataDir. */
  readonly tokenSecret: string | undefined;
  readonly tokenTtlMs: number;
  readonly lockTtlMs: number;
  readonly lockMaxLifeMs: number;
  readonly pendingBookingTtlMs: number;
  readonly lockSweepCron: string;
  readonly bookingSweepCron: string;
  readonly seatsPerViewerMax: number;
  /** 0 turns every rate limit off. */
  readonly rateLimitPerMinute: number;
  readonly socketsPerAddressMax: number;
  readonly connectionInitTimeoutMs: number;
  /** Origins beside the server's own. */
  readonly allowedOrigins: readonly string[];
  /** Whether, or from which addresses, X-Forwarded-For is believed. */
  readonly trustProxy: boolean | readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** Every fault of the environment at once, each with its variable, so that one look is enough. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(
      `The settings have ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n- ${faults.join('\n- ')}`,
    );
  }
}

const whole = (min: number, max: number, byDefault: number) => {
  const rule = `is a whole number from ${min} to ${max}, e.g. ${byDefault}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule)
    .default(byDefault);
};

const seconds = (min: number, max: number, byDefault: number) =>
  whole(min, max, byDefault).transform((value) => value * 1000);

const cron = (byDefault: string) =>
  z
    .string()
    .refine((pattern) => {
      try {
        return new Cron(pattern, { paused: true }).nextRun() !== null;
      } catch {
        return false;
      }
    }, `is a cron pattern with seconds, e.g. "${byDefault}"`)
    .default(byDefault);

const origins = z
  .string()
  .default('')
  .transform(splitList)
  .refine(
    (list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'is a list of origins with commas between them, e.g. "https://tickets.example"',
  );

const trustProxy = z
  .string()
  .default('off')
  .transform((value) => (value === 'on' ? true : value === 'off' ? false : splitList(value)));

const WEEK_SECONDS = 7 * 24 * 60 * 60;

const environment = z
  .object({
    PORT: whole(0, 65_535, 4000),
    HOST: z.string().min(1).default('0.0.0.0'),
    MONGODB_URI: z
      .string()
      .regex(
        /^mongodb(\+srv)?:\/\/./,
        'is a MongoDB connection string, e.g. "mongodb://db1,db2,db3/?replicaSet=rs0"',
      )
      .optional(),
    MONGOD_BINARY: z.string().min(1).optional(),
    DATA_DIR: z.string().min(1).default('.data'),
    TOKEN_SECRET: z.string().min(1).optional(),
    TOKEN_TTL_SECONDS: seconds(1, 52 * WEEK_SECONDS, 12 * 60 * 60),
    LOCK_TTL_SECONDS: seconds(1, WEEK_SECONDS, 300),
    LOCK_MAX_LIFE_SECONDS: seconds(1, WEEK_SECONDS, 900),
    PENDING_BOOKING_TTL_SECONDS: seconds(1, WEEK_SECONDS, 1800),
    LOCK_SWEEP_CRON: cron('*/5 * * * * *'),
    BOOKING_SWEEP_CRON: cron('0 * * * * *'),
    SEATS_PER_VIEWER_MAX: whole(1, 100, 10),
    RATE_LIMIT_PER_MINUTE: whole(0, 1_000_000, 600),
    SOCKETS_PER_ADDRESS_MAX: whole(1, 1_000_000, 20_000),
    CONNECTION_INIT_TIMEOUT_MS: whole(1, 600_000, 3000),
    ALLOWED_ORIGINS: origins,
    TRUST_PROXY: trustProxy,
    LOG_LEVEL: z.enum(LOG_LEVELS, `is one of ${LOG_LEVELS.join(', ')}`).default('info'),
  })
  .superRefine((settings, check) => {
    if (settings.MONGODB_URI !== undefined && settings.TOKEN_SECRET === undefined) {
      const message = 'is required with MONGODB_URI: every server process must sign with the same secret';
      check.addIssue({ code: 'custom', path: ['TOKEN_SECRET'], message });
    }
    if (settings.LOCK_MAX_LIFE_SECONDS < settings.LOCK_TTL_SECONDS) {
      const ttl = settings.LOCK_TTL_SECONDS / 1000;
      const message = `is at least LOCK_TTL_SECONDS (${ttl}): a lock cannot end before its first time is up`;
      check.addIssue({ code: 'custom', path: ['LOCK_MAX_LIFE_SECONDS'], message });
    }
  });

/**
 * Reads and checks the environment, once. An empty variable counts as unset.
 *
 * @throws ConfigError with every fault
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = environment.safeParse(set);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.map((issue) => {
        const name = issue.path.join('.');
        const secret = name === 'TOKEN_SECRET' || name === 'MONGODB_URI';
        const value = set[name] === undefined || secret ? '' : ` (it is ${JSON.stringify(set[name])})`;
        return `${name} ${issue.message}${value}`;
      }),
    );
  }
  const settings = result.data;
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    mongodbUri: settings.MONGODB_URI,
    mongodBinary: settings.MONGOD_BINARY,
    dataDir: settings.DATA_DIR,
    tokenSecret: settings.TOKEN_SECRET,
    tokenTtlMs: settings.TOKEN_TTL_SECONDS,
    lockTtlMs: settings.LOCK_TTL_SECONDS,
    lockMaxLifeMs: settings.LOCK_MAX_LIFE_SECONDS,
    pendingBookingTtlMs: settings.PENDING_BOOKING_TTL_SECONDS,
    lockSweepCron: settings.LOCK_SWEEP_CRON,
    bookingSweepCron: settings.BOOKING_SWEEP_CRON,
    seatsPerViewerMax: settings.SEATS_PER_VIEWER_MAX,
    rateLimitPerMinute: settings.RATE_LIMIT_PER_MINUTE,
    socketsPerAddressMax: settings.SOCKETS_PER_ADDRESS_MAX,
    connectionInitTimeoutMs: settings.CONNECTION_INIT_TIMEOUT_MS,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    trustProxy: settings.TRUST_PROXY,
    logLevel: settings.LOG_LEVEL,
  });
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
