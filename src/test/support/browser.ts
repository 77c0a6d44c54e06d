import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.js';

/** The built pages, as `npm test` makes them before the tests. */
export const WEB_ROOT = fileURLToPath(new URL('../../../dist/web/', import.meta.url));

const found = findChromium(process.env);

/** Where it is false, `chromium-setup.ts` has said so before the first test. */
export const hasBrowser = found !== undefined;

/** Headless, and silent on the network but for what a test asks of it. */
export function launchBrowser(): Promise<Browser> {
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
 * Waits until all that fades or moves has reached its end: a colour measured before that is neither the old nor the new
 * one. A spinner has no end, and is not waited for.
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
