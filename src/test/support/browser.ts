import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import type { Config } from '../../config.js';
import { findChromium } from './chromium.js';
import { type Visit, Visitor } from './seat-map-page.js';
import { TestApp, type TestAppOptions, WEB_ROOT } from './test-app.js';

const found = findChromium(process.env);

/** A server with the built pages, and a browser. Both exist while the tests of `describeOnPage` run. */
export class Site {
  app!: TestApp;
  browser!: Browser;

  /** A browser profile of its own on a server: this site's, unless another one is given. */
  open(visit: Visit = {}, app = this.app): Promise<Visitor> {
    return Visitor.open(app, this.browser, visit);
  }

  /** A server with the built pages for one test alone, which may move its clock. It is closed after the test. */
  async ownServer(config: Partial<Config> = {}): Promise<TestApp> {
    const app = await TestApp.start({ webRoot: WEB_ROOT, config });
    onTestFinished(() => app.close());
    return app;
  }
}

/**
 * A `describe` whose tests use the built pages in a browser. Without Chromium they are skipped; `chromium-setup.ts`
 * reports that before the first test.
 */
export function describeOnPage(title: string, options: TestAppOptions, tests: (site: Site) => void): void {
  describe.skipIf(found === undefined)(title, () => {
    const site = new Site();
    beforeAll(async () => {
      site.app = await TestApp.start({ webRoot: WEB_ROOT, ...options });
      site.browser = await launchBrowser();
    });
    afterAll(async () => {
      await site.browser.close();
      await site.app.close();
    });
    tests(site);
  });
}

/** Headless, without network traffic of the browser's own. */
function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: found ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Waits until every finite animation has ended. During a transition a measured colour is neither the old nor the new
 * one. Endless animations, such as a spinner, are ignored.
 */
export async function animationsEnd(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const isEnding = ({ playState, effect }) =>
      playState === 'running' && effect.getComputedTiming().endTime !== Infinity;
    for (;;) {
      const ending = document.getAnimations().filter(isEnding);
      if (ending.length === 0) return;
      await Promise.allSettled(ending.map(({ finished }) => finished));
    }
  })()`);
}
