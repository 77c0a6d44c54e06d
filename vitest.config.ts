import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Loaded by Vite and by Node under two names, graphql would be there twice and refuse its own schema.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['src/test/global-setup.ts'],
    setupFiles: ['src/test/setup.ts'],
    // Real servers on a real database share two cores: more files at once only wait for each other.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is looked for again and again comes when the machine has time for it.
    expect: { poll: { timeout: 15_000 } },
  },
});
