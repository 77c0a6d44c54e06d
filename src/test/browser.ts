import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

/** The built pages, as `npm test` makes them before the tests. */
export const WEB_ROOT = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** Where Debian, Ubuntu and others put it; CHROMIUM_BINARY says otherwise. */
const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const configured = process.env.CHROMIUM_BINARY;
const found = configured ?? CHROMIUM_PATHS.find((path) => existsSync(path));

if (found === undefined && process.env.CI) {
  throw new Error('Browser tests need Chromium, and CI must not skip them: apt-get install chromium');
}
if (found === undefined) {
  process.stderr.write(
    'Browser tests are skipped: no Chromium was found. Install it (Debian: apt-get install chromium) or set CHROMIUM_BINARY.\n',
  );
}

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
