import { afterAll, beforeAll } from 'vitest';
import { captureLog, type LogLine } from './captured-log.js';
import { TestApp, type TestUser } from './test-app.js';

/** A server whose log can be read, and one user of it. Both exist while the file's tests run. */
export class LoggedApp {
  readonly #captured = captureLog();
  app!: TestApp;
  user!: TestUser;

  get lines(): readonly LogLine[] {
    return this.#captured.lines;
  }

  async start(): Promise<void> {
    this.app = await TestApp.start({ log: this.#captured.log });
    this.user = await this.app.user();
  }
}

/** Starts a server before the file's tests and closes it after them. */
export function useLoggedApp(): LoggedApp {
  const server = new LoggedApp();
  beforeAll(() => server.start());
  afterAll(() => server.app.close());
  return server;
}
