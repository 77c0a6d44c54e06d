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
/**
 * Those that replace a module before it is loaded (`vi.mock`), and so cannot share what other files have imported; and one
 * that counts all timers of its process, where the connections of other files may still have some.
 */
const ISOLATED_TESTS = [
  'packages/seat-map/src/core/streams-not-loaded.test.ts',
  'src/account/passwords.test.ts',
  'src/store/batches/batch-transaction.test.ts',
  'src/store/batches/command-batches.test.ts',
  'src/store/database-clock.test.ts',
  'src/test/attacks/guessing.test.ts',
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
          exclude: [...API_TESTS_OUTSIDE_SRC_TEST, ...ISOLATED_TESTS],
        },
      },
      {
        extends: true,
        test: {
          name: 'api',
          include: ['src/{test,store,embedded}/**/*.test.ts', ...API_TESTS_OUTSIDE_SRC_TEST],
          exclude: [...BROWSER_TESTS, ...UNIT_TESTS_IN_SRC_TEST, ...ISOLATED_TESTS],
          globalSetup: ['src/test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ISOLATED_TESTS,
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
