import { defineConfig } from 'vitest/config';

const BROWSER_TESTS = ['src/test/**/*.browser.test.ts'];
/** Those outside `src/test`, `src/store` and `src/embedded` that need the database, or start other programs. */
const API_TESTS_OUTSIDE_SRC_TEST = [
  'src/account/accounts.test.ts',
  'src/catalog/create-event.test.ts',
  'src/server/http/http-server.test.ts',
  'src/server/http/session-cookie.test.ts',
  'src/setup.test.ts',
];
/** Those in `src/test` that need neither. */
const UNIT_TESTS_IN_SRC_TEST = [
  'src/test/repository/structure.test.ts',
  'src/test/support/chromium.test.ts',
  'src/test/repository/documents.test.ts',
];
/** Those that replace a module before it is loaded (`vi.mock`), and so cannot share what other files have imported. */
const ISOLATED_TESTS = [
  'src/account/passwords.test.ts',
  'src/store/batches/batch-transaction.test.ts',
  'src/store/database-clock.test.ts',
  'src/test/attacks/guessing.test.ts',
];
/** CI's second run, on another version of Node, leaves these out to stay short. The command line cannot: projects have their own. */
const LEFT_OUT =
  process.env.TEST_SHORT === undefined
    ? []
    : [
        // Suites in Python, attacks, npm and the compiler, what waits for other processes, what computes for long.
        'src/test/{attacks,suites}/**',
        'src/test/api/{concurrent-commands,two-clocks,database-unavailable,jobs}.test.ts',
        'src/embedded/embedded-mongod.test.ts',
        'src/setup.test.ts',
        'src/booking/{decide,choose-seats}.property.test.ts',
        'src/booking/full-house.test.ts',
        // Rules of the product over the same transports as the other tests, which do not depend on Node.
        'src/test/api/{access,bad-input,check-out,guest-merges,idempotency,one-owner-per-seat,organizer}.test.ts',
        'src/test/api/{payment-provider,text-inputs,tickets,time}.test.ts',
        'src/store/indexes.test.ts',
        'src/test/repository/{schema-changes,shown-operations}.test.ts',
        'src/store/migrations/**',
        'src/web/**',
        'packages/**',
      ];

export default defineConfig({
  resolve: {
    // Loaded by Vite and by Node under two names, graphql would be there twice and refuse its own schema.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
    tsconfigPaths: true,
  },
  test: {
    // Many tests wait for servers, timers and disks: three files at once keep two cores busy, and more wait for each other.
    maxWorkers: 3,
    setupFiles: ['src/test/support/setup.ts'],
    // The files of a process share what they import: to load it anew for each would take longer than most tests.
    isolate: false,
    // Limits for what hangs, not a measure of speed: a machine with eight times the work it can do stays within them.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Tests wait by `expect.poll` alone: `vi.waitFor` has its own limit of one second.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/*.test.ts',
            'src/!(test|store|embedded)/**/*.test.ts',
            'bench/**/*.test.ts',
            'packages/**/*.test.{ts,tsx}',
            ...UNIT_TESTS_IN_SRC_TEST,
          ],
          exclude: [...API_TESTS_OUTSIDE_SRC_TEST, ...ISOLATED_TESTS, ...LEFT_OUT],
        },
      },
      {
        extends: true,
        test: {
          name: 'api',
          include: ['src/{test,store,embedded}/**/*.test.ts', ...API_TESTS_OUTSIDE_SRC_TEST],
          exclude: [...BROWSER_TESTS, ...UNIT_TESTS_IN_SRC_TEST, ...ISOLATED_TESTS, ...LEFT_OUT],
          globalSetup: ['src/test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ISOLATED_TESTS,
          exclude: LEFT_OUT,
          isolate: true,
          globalSetup: ['src/test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER_TESTS,
          globalSetup: ['src/test/support/chromium-setup.ts', 'src/test/support/global-setup.ts'],
        },
      },
    ],
  },
});
