import { describe, expect, test } from 'vitest';
import { type Config, ConfigError, parseConfig } from './config.js';

/** Every setting: its default, its valid values, and its invalid values with their error. */

const DEFAULTS: Config = {
  host: '0.0.0.0',
  port: 4000,
  mongodbUri: undefined,
  mongodBinary: undefined,
  dataDir: '.data',
  tokenSecret: undefined,
  ticketSecret: undefined,
  formerTicketSecret: undefined,
  tokenTtlMs: 12 * 60 * 60 * 1000,
  lockTtlMs: 300_000,
  lockMaxLifeMs: 900_000,
  pendingBookingTtlMs: 1_800_000,
  lockExpiryCron: '*/5 * * * * *',
  bookingExpiryCron: '0 * * * * *',
  followUpCron: '*/5 * * * * *',
  outboxCron: '*/5 * * * * *',
  paymentCheckCron: '*/30 * * * * *',
  guestMergeCron: '*/5 * * * * *',
  seatsPerViewerMax: 10,
  paymentProvider: 'simulated',
  stripeSecretKey: undefined,
  stripePublishableKey: undefined,
  stripeWebhookSecret: undefined,
  stripeApiUrl: undefined,
  rateLimitPerMinute: 600,
  anonymousReadsPerAddressMax: 12_000,
  callsPerAddressMax: 60_000,
  signUpsPerAddressMax: 3_000,
  guestsPerAddressMax: 10_000,
  eventsPerViewerMax: 100,
  eventsPerAddressMax: 1_000,
  seatLocksPerViewerMax: 300,
  seatLocksPerAddressMax: 5_000,
  declinedPaymentsPerViewerMax: 20,
  declinedPaymentsPerAddressMax: 300,
  scansPerViewerMax: 12_000,
  ticketImagesPerAddressMax: 3_000,
  mailsPerAddressMax: 50,
  socketsPerAddressMax: 20_000,
  connectionInitTimeoutMs: 3_000,
  stopDelayMs: 0,
  slowReaderMsMax: 15_000,
  clockSkewMsMax: 30_000,
  mapTickMs: 30,
  broadcast: 'shared',
  requestTimeoutMs: 30_000,
  metricsToken: undefined,
  smtpUrl: undefined,
  mailFrom: '',
  publicUrl: undefined,
  playground: true,
  suggestNames: true,
  allowedOrigins: [],
  pictureOrigins: ['https:'],
  trustProxy: false,
  logLevel: 'info',
};

interface Setting {
  /** Valid values, each with the resulting configuration. */
  readonly right: readonly (readonly [value: string, becomes: Partial<Config>])[];
  readonly wrong: readonly string[];
  /** The example in the error. */
  readonly example?: string;
}

const wholeNumber = (
  min: number,
  max: number,
  becomes: (value: number) => Partial<Config>,
  example: number,
): Setting => ({
  right: [min, max].map((value) => [String(value), becomes(value)] as const),
  wrong: [String(min - 1), String(max + 1), '1.5', '1e3', 'ten', ' 10', '0x10', '９', '9'.repeat(20)],
  example: String(example),
});
const seconds = (max: number, name: keyof Config, example: number, rest: Partial<Config> = {}) =>
  wholeNumber(1, max, (value) => ({ ...rest, [name]: value * 1000 }), example);

const WEEK = 604_800;
const CRON: Omit<Setting, 'right' | 'example'> = {
  wrong: ['every second', '* * *', '61 * * * * *', '0 0 0 31 2 *'],
};

const STRIPE = {
  STRIPE_SECRET_KEY: 'sk_test_a1',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_a1',
  STRIPE_WEBHOOK_SECRET: 'whsec_a1',
};
const STRIPE_BECOMES = {
  stripeSecretKey: 'sk_test_a1',
  stripePublishableKey: 'pk_test_a1',
  stripeWebhookSecret: 'whsec_a1',
};

const SETTINGS: Readonly<Record<string, Setting>> = {
  PORT: wholeNumber(0, 65_535, (port) => ({ port }), 4000),
  HOST: { right: [['127.0.0.1', { host: '127.0.0.1' }]], wrong: [] },
  MONGODB_URI: {
    right: ['mongodb://a,b,c/?replicaSet=rs0', 'mongodb+srv://cluster.example/db'].map((mongodbUri) => [
      mongodbUri,
      { mongodbUri },
    ]),
    wrong: ['localhost:27017', 'http://a', 'mongodb://', 'mongodb:a'],
    example: 'mongodb://db1,db2,db3/?replicaSet=rs0',
  },
  MONGOD_BINARY: { right: [['/usr/bin/mongod', { mongodBinary: '/usr/bin/mongod' }]], wrong: [] },
  DATA_DIR: { right: [['/var/data', { dataDir: '/var/data' }]], wrong: [] },
  TOKEN_SECRET: { right: [['a secret', { tokenSecret: 'a secret' }]], wrong: [] },
  TICKET_SECRET: {
    right: [['s'.repeat(32), { ticketSecret: 's'.repeat(32) }]],
    wrong: ['s'.repeat(31)],
    example: 'openssl rand -base64 32',
  },
  TICKET_SECRET_FORMER: { right: [['a secret', { formerTicketSecret: 'a secret' }]], wrong: [] },
  TOKEN_TTL_SECONDS: seconds(52 * WEEK, 'tokenTtlMs', 43_200),
  // A lock's longest life is no shorter than its first time; it is set along with it, below.
  LOCK_TTL_SECONDS: {
    ...seconds(WEEK, 'lockTtlMs', 300),
    right: [
      ['1', { lockTtlMs: 1_000 }],
      ['900', { lockTtlMs: 900_000 }],
    ],
  },
  LOCK_MAX_LIFE_SECONDS: {
    ...seconds(WEEK, 'lockMaxLifeMs', 900),
    right: [
      ['300', { lockMaxLifeMs: 300_000 }],
      [String(WEEK), { lockMaxLifeMs: WEEK * 1000 }],
    ],
  },
  PENDING_BOOKING_TTL_SECONDS: seconds(WEEK, 'pendingBookingTtlMs', 1800),
  LOCK_SWEEP_CRON: {
    ...CRON,
    right: [['*/2 * * * * *', { lockExpiryCron: '*/2 * * * * *' }]],
    example: '*/5 * * * * *',
  },
  BOOKING_SWEEP_CRON: {
    ...CRON,
    right: [['30 * * * * *', { bookingExpiryCron: '30 * * * * *' }]],
    example: '0 * * * * *',
  },
  FOLLOW_UP_CRON: {
    ...CRON,
    right: [['30 * * * * *', { followUpCron: '30 * * * * *' }]],
    example: '*/5 * * * * *',
  },
  OUTBOX_CRON: {
    ...CRON,
    right: [['30 * * * * *', { outboxCron: '30 * * * * *' }]],
    example: '*/5 * * * * *',
  },
  GUEST_MERGE_CRON: {
    ...CRON,
    right: [['30 * * * * *', { guestMergeCron: '30 * * * * *' }]],
    example: '*/5 * * * * *',
  },
  SEATS_PER_VIEWER_MAX: wholeNumber(1, 1_000, (seatsPerViewerMax) => ({ seatsPerViewerMax }), 10),
  RATE_LIMIT_PER_MINUTE: wholeNumber(
    0,
    1_000_000,
    (rateLimitPerMinute) => ({ rateLimitPerMinute, anonymousReadsPerAddressMax: undefined }),
    600,
  ),
  CALLS_PER_ADDRESS_MAX: wholeNumber(
    1,
    100_000_000,
    (callsPerAddressMax) => ({ callsPerAddressMax }),
    60_000,
  ),
  ANONYMOUS_READS_PER_ADDRESS_MAX: wholeNumber(
    1,
    100_000_000,
    (anonymousReadsPerAddressMax) => ({ anonymousReadsPerAddressMax }),
    12_000,
  ),
  EVENTS_PER_VIEWER_MAX: wholeNumber(1, 1_000_000, (eventsPerViewerMax) => ({ eventsPerViewerMax }), 100),
  EVENTS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (eventsPerAddressMax) => ({ eventsPerAddressMax }),
    1_000,
  ),
  SIGN_UPS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (signUpsPerAddressMax) => ({ signUpsPerAddressMax }),
    3_000,
  ),
  GUESTS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (guestsPerAddressMax) => ({ guestsPerAddressMax }),
    10_000,
  ),
  SEAT_LOCKS_PER_VIEWER_MAX: wholeNumber(
    1,
    1_000_000,
    (seatLocksPerViewerMax) => ({ seatLocksPerViewerMax }),
    300,
  ),
  SEAT_LOCKS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (seatLocksPerAddressMax) => ({ seatLocksPerAddressMax }),
    5_000,
  ),
  DECLINED_PAYMENTS_PER_VIEWER_MAX: wholeNumber(
    1,
    1_000_000,
    (declinedPaymentsPerViewerMax) => ({ declinedPaymentsPerViewerMax }),
    20,
  ),
  DECLINED_PAYMENTS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (declinedPaymentsPerAddressMax) => ({ declinedPaymentsPerAddressMax }),
    300,
  ),
  SCANS_PER_VIEWER_MAX: wholeNumber(1, 1_000_000, (scansPerViewerMax) => ({ scansPerViewerMax }), 12_000),
  TICKET_IMAGES_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (ticketImagesPerAddressMax) => ({ ticketImagesPerAddressMax }),
    3_000,
  ),
  MAILS_PER_ADDRESS_MAX: wholeNumber(1, 1_000_000, (mailsPerAddressMax) => ({ mailsPerAddressMax }), 50),
  SOCKETS_PER_ADDRESS_MAX: wholeNumber(
    1,
    1_000_000,
    (socketsPerAddressMax) => ({ socketsPerAddressMax }),
    20_000,
  ),
  CONNECTION_INIT_TIMEOUT_MS: wholeNumber(
    1,
    600_000,
    (connectionInitTimeoutMs) => ({ connectionInitTimeoutMs }),
    3000,
  ),
  STOP_DELAY_SECONDS: wholeNumber(0, 60, (value) => ({ stopDelayMs: value * 1000 }), 0),
  CLOCK_SKEW_SECONDS_MAX: wholeNumber(0, 3_600, (value) => ({ clockSkewMsMax: value * 1000 }), 30),
  SLOW_READER_SECONDS_MAX: seconds(600, 'slowReaderMsMax', 15),
  MAP_TICK_MS: wholeNumber(1, 10_000, (mapTickMs) => ({ mapTickMs }), 30),
  BROADCAST: {
    right: [
      ['shared', { broadcast: 'shared' }],
      ['plain', { broadcast: 'plain' }],
    ],
    wrong: ['Shared', 'off', 'ws'],
    example: 'shared, plain',
  },
  REQUEST_TIMEOUT_MS: wholeNumber(1, 600_000, (requestTimeoutMs) => ({ requestTimeoutMs }), 30_000),
  METRICS_TOKEN: {
    right: [['a-token-of-24-characters', { metricsToken: 'a-token-of-24-characters' }]],
    wrong: ['short', 'a token with blanks in it'],
    example: 'openssl rand -hex 16',
  },
  SMTP_URL: {
    right: ['smtp://localhost:1025', 'smtps://ann:hunter2@mail.example'].map((smtpUrl) => [
      smtpUrl,
      { smtpUrl, mailFrom: 'tickets@a.example', publicUrl: 'https://a.example' },
    ]),
    wrong: ['mail.example', 'https://mail.example', 'smtp://', 'smtp:mail.example'],
    example: 'smtps://user:password@mail.example',
  },
  MAIL_FROM: {
    right: ['tickets@a.example', 'Tickets & more <tickets@a.example>'].map((mailFrom) => [
      mailFrom,
      { mailFrom },
    ]),
    wrong: ['tickets', 'a@b.example, c@d.example', 'Tickets\r\nBcc: a <a@b.example>', '"a" <a@b.example>'],
    example: 'Tickets <tickets@tickets.example>',
  },
  PUBLIC_URL: {
    right: ['https://a.example', 'http://localhost:4000'].map((publicUrl) => [publicUrl, { publicUrl }]),
    wrong: ['a.example', 'https://a.example/', 'https://a.example/path', 'ftp://a.example'],
    example: 'https://tickets.example',
  },
  PLAYGROUND: {
    right: [
      ['on', { playground: true, suggestNames: true }],
      ['off', { playground: false, suggestNames: false }],
    ],
    wrong: ['yes', 'ON'],
    example: 'on or off',
  },
  ALLOWED_ORIGINS: {
    right: [
      ['https://a.example', { allowedOrigins: ['https://a.example'] }],
      [
        ' https://a.example , http://b.example:8080,',
        { allowedOrigins: ['https://a.example', 'http://b.example:8080'] },
      ],
    ],
    wrong: ['a.example', 'https://a.example/', 'https://a.example/path', '*', 'null', 'https://a.example b'],
    example: 'https://tickets.example',
  },
  PICTURE_ORIGINS: {
    right: [
      ['none', { pictureOrigins: [] }],
      ['https:', { pictureOrigins: ['https:'] }],
      [
        'https://a.example, https://b.example',
        { pictureOrigins: ['https://a.example', 'https://b.example'] },
      ],
    ],
    wrong: ['http://a.example', '*', 'a.example', "'unsafe-inline'", 'https://a.example/path'],
    example: 'https://pictures.example',
  },
  TRUST_PROXY: {
    right: [
      ['on', { trustProxy: true }],
      ['off', { trustProxy: false }],
      ['loopback, 10.0.0.0/8,::1', { trustProxy: ['loopback', '10.0.0.0/8', '::1'] }],
      ['fd00::/128', { trustProxy: ['fd00::/128'] }],
    ],
    wrong: ['yes', 'banana', '10.0.0.0/33', '10.0.0.0/0', '10.0.0', 'loopback, banana', '::/129', ','],
    example: 'loopback, 10.0.0.0/8',
  },
  PAYMENT_PROVIDER: {
    right: (['simulated', 'none'] as const).map((paymentProvider) => [paymentProvider, { paymentProvider }]),
    wrong: ['Stripe', 'Simulated'],
    example: 'simulated, stripe, none',
  },
  STRIPE_SECRET_KEY: {
    right: ['sk_test_a1', 'rk_test_a1'].map((key) => [key, { ...STRIPE_BECOMES, stripeSecretKey: key }]),
    wrong: ['pk_test_a1', 'sk_a1', 'secret'],
    example: 'sk_live_',
  },
  STRIPE_PUBLISHABLE_KEY: {
    right: [['pk_test_a2', { ...STRIPE_BECOMES, stripePublishableKey: 'pk_test_a2' }]],
    wrong: ['sk_test_a1', 'pk_a1'],
    example: 'pk_live_',
  },
  STRIPE_WEBHOOK_SECRET: {
    right: [['whsec_a2', { ...STRIPE_BECOMES, stripeWebhookSecret: 'whsec_a2' }]],
    wrong: ['secret', 'whsec_'],
    example: 'whsec_',
  },
  STRIPE_API_URL: {
    right: [['http://127.0.0.1:12111', { stripeApiUrl: 'http://127.0.0.1:12111' }]],
    wrong: ['127.0.0.1:12111', 'http://a/v1', 'ftp://a'],
    example: 'http://127.0.0.1:12111',
  },
  PAYMENT_CHECK_CRON: {
    ...CRON,
    right: [['0 * * * * *', { paymentCheckCron: '0 * * * * *' }]],
    example: '*/30 * * * * *',
  },
  LOG_LEVEL: {
    right: (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map((logLevel) => [
      logLevel,
      { logLevel },
    ]),
    wrong: ['loud', 'INFO'],
    example: 'fatal, error, warn, info, debug, trace, silent',
  },
};

/** Other variables that a setting requires. */
const REQUIRED_WITH: Readonly<Record<string, Record<string, string>>> = {
  MONGODB_URI: { TOKEN_SECRET: 'a secret', PAYMENT_PROVIDER: 'simulated' },
  SMTP_URL: { MAIL_FROM: 'tickets@a.example', PUBLIC_URL: 'https://a.example' },
  STRIPE_SECRET_KEY: STRIPE,
  STRIPE_PUBLISHABLE_KEY: STRIPE,
  STRIPE_WEBHOOK_SECRET: STRIPE,
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain((error as ConfigError).problems.join('\n- '));
    return (error as ConfigError).problems;
  }
}

test('without variables, all settings have their documented defaults', () => {
  expect(parseConfig({})).toEqual(DEFAULTS);
});

test('an empty variable counts as unset, and unknown variables are ignored', () => {
  const empty = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, '']));
  expect(parseConfig({ ...empty, PATH: '/bin', PORTS: 'x' })).toEqual(DEFAULTS);
});

test('the settings cannot be changed afterwards', () => {
  const config = parseConfig({});
  expect(Object.isFrozen(config)).toBe(true);
  expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
});

describe.each(Object.entries(SETTINGS))('%s', (name, { right, wrong, example }) => {
  test.each(right.length > 0 ? right : [])('%j is valid', (value, becomes) => {
    const required = REQUIRED_WITH[name] ?? {};
    const secret = required.TOKEN_SECRET === undefined ? {} : { tokenSecret: required.TOKEN_SECRET };
    expect(parseConfig({ ...required, [name]: value })).toEqual({ ...DEFAULTS, ...secret, ...becomes });
  });

  if (wrong.length > 0) {
    test.each(wrong)('%j is refused with the name and an example', (value) => {
      const problems = problemsOf({ ...REQUIRED_WITH[name], [name]: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^${name} must be `));
      expect(problems[0]).toContain(example);
    });
  }
});

test('the table above has every setting', () => {
  const every = Object.fromEntries(
    Object.keys(SETTINGS).map((name) => [name, SETTINGS[name]?.wrong[0] ?? 'x']),
  );
  const named = problemsOf(every).map((problem) => problem.split(' ')[0]);
  // HOST, MONGOD_BINARY, DATA_DIR, TOKEN_SECRET and TICKET_SECRET_FORMER take any text.
  expect(named.sort()).toEqual(
    Object.keys(SETTINGS)
      .filter((name) => SETTINGS[name]?.wrong.length)
      .sort(),
  );
  // `suggestNames` is not a separate setting.
  expect(Object.keys(DEFAULTS)).toHaveLength(1 + Object.keys(SETTINGS).length);
});

test('all problems are reported at once, including conflicts between two settings', () => {
  const env = { PORT: 'x', LOG_LEVEL: 'loud', MONGODB_URI: 'mongodb://a', LOCK_TTL_SECONDS: '901' };
  const problems = problemsOf(env);
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'PORT',
    'LOG_LEVEL',
    'TOKEN_SECRET',
    'PAYMENT_PROVIDER',
    'LOCK_MAX_LIFE_SECONDS',
  ]);
  expect(() => parseConfig(env)).toThrow(/^The settings have 5 errors:\n- PORT /);
  expect(() => parseConfig({ PORT: 'x' })).toThrow(/^The settings have an error:\n- PORT /);
});

test('with MONGODB_URI a secret has to be given, since every server process signs with the same one', () => {
  expect(problemsOf({ MONGODB_URI: 'mongodb://a', PAYMENT_PROVIDER: 'none' })).toEqual([
    expect.stringMatching(/^TOKEN_SECRET is required with MONGODB_URI/),
  ]);
});

test('with SMTP_URL the sender and the origin of links have to be given', () => {
  expect(problemsOf({ SMTP_URL: 'smtp://localhost' })).toEqual([
    expect.stringMatching(/^MAIL_FROM is required with SMTP_URL/),
    expect.stringMatching(/^PUBLIC_URL is required with SMTP_URL/),
  ]);
});

test('with MONGODB_URI an operator says who takes the money: nobody gives tickets away unknowingly', () => {
  expect(problemsOf({ MONGODB_URI: 'mongodb://a', TOKEN_SECRET: 'a secret' })).toEqual([
    expect.stringMatching(/^PAYMENT_PROVIDER is required with MONGODB_URI/),
  ]);
});

test("a lock's longest life is at least its first time", () => {
  expect(problemsOf({ LOCK_TTL_SECONDS: '10', LOCK_MAX_LIFE_SECONDS: '10' })).toEqual([]);
  expect(problemsOf({ LOCK_TTL_SECONDS: '11', LOCK_MAX_LIFE_SECONDS: '10' })).toEqual([
    expect.stringMatching(/^LOCK_MAX_LIFE_SECONDS must be at least LOCK_TTL_SECONDS.*10 and 11$/),
  ]);
});

test('who sets how often an address may call means what is looked at, too, unless they set both', () => {
  const { anonymousReadsPerAddressMax } = parseConfig({
    RATE_LIMIT_PER_MINUTE: '20',
    ANONYMOUS_READS_PER_ADDRESS_MAX: '300',
  });
  expect(anonymousReadsPerAddressMax).toBe(300);
});

test('LOOKS_PER_ADDRESS_MAX, the former name of ANONYMOUS_READS_PER_ADDRESS_MAX, still works; the new name wins', () => {
  const readsOf = (env: Record<string, string>) => parseConfig(env).anonymousReadsPerAddressMax;
  expect(readsOf({ LOOKS_PER_ADDRESS_MAX: '300' })).toBe(300);
  expect(readsOf({ RATE_LIMIT_PER_MINUTE: '20', LOOKS_PER_ADDRESS_MAX: '300' })).toBe(300);
  expect(readsOf({ LOOKS_PER_ADDRESS_MAX: '300', ANONYMOUS_READS_PER_ADDRESS_MAX: '200' })).toBe(200);
  expect(problemsOf({ LOOKS_PER_ADDRESS_MAX: 'x' })).toEqual([
    expect.stringMatching(/^ANONYMOUS_READS_PER_ADDRESS_MAX must be .*; it is "x"$/),
  ]);
});

test('in production no names are suggested; the playground stays until it is turned off', () => {
  const { playground, suggestNames } = parseConfig({ NODE_ENV: 'production' });
  expect({ playground, suggestNames }).toEqual({ playground: true, suggestNames: false });
});

test('a refusal repeats what was set, but no secret', () => {
  expect(problemsOf({ PORT: 'seven' })[0]).toMatch(/; it is "seven"$/);
  const problems = problemsOf({
    MONGODB_URI: 'mongo://ann:hunter2@a',
    SMTP_URL: 'imap://ann:hunter2@a',
    PORT: 'x',
  });
  expect(problems).toHaveLength(7);
  expect(problems.join()).not.toContain('hunter2');
});

test('payments by Stripe need its three keys, of one mode, and no message repeats a secret', () => {
  expect(parseConfig({ ...STRIPE, PAYMENT_PROVIDER: 'stripe' })).toMatchObject({
    paymentProvider: 'stripe',
    ...STRIPE_BECOMES,
  });
  expect(problemsOf({ PAYMENT_PROVIDER: 'stripe' }).map((problem) => problem.split(' ')[0])).toEqual(
    Object.keys(STRIPE),
  );
  expect(problemsOf({ ...STRIPE, STRIPE_PUBLISHABLE_KEY: 'pk_live_a1' })).toEqual([
    'STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY must both be for tests, or both be live',
  ]);
  const wrong = { ...STRIPE, STRIPE_SECRET_KEY: 'sk-s3cret', STRIPE_WEBHOOK_SECRET: 's3cret' };
  expect(problemsOf(wrong).join()).not.toContain('s3cret');
});
