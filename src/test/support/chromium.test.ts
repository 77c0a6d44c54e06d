import path from 'node:path';
import { expect, test } from 'vitest';
import { findChromium, missingChromiumNotice } from './chromium.js';

const PATH = ['/usr/local/bin', '/usr/bin'].join(path.delimiter);
const only =
  (...files: string[]) =>
  (file: string) =>
    files.includes(file);

test('Chromium is the one that CHROMIUM_BINARY names, or else the first on the PATH', () => {
  const installed = only('/opt/chrome', '/usr/bin/google-chrome', '/usr/bin/chromium');
  expect(findChromium({ CHROMIUM_BINARY: '/opt/chrome', PATH }, installed)).toBe('/opt/chrome');
  expect(findChromium({ PATH }, installed)).toBe('/usr/bin/chromium');
  expect(findChromium({ CHROMIUM_BINARY: '', PATH }, installed)).toBe('/usr/bin/chromium');
});

test('a CHROMIUM_BINARY that is not a program is an error, and not a reason to skip', () => {
  const wrong = { CHROMIUM_BINARY: '/opt/gone', PATH };
  expect(() => missingChromiumNotice(wrong, only('/usr/bin/chromium'))).toThrow('/opt/gone');
});

test('without Chromium the run says so and how to get one, and in CI it fails', () => {
  const skipped = missingChromiumNotice({ PATH }, only());
  expect(skipped).toMatch(/browser tests are skipped.*apt-get install chromium.*CHROMIUM_BINARY/);
  expect(() => missingChromiumNotice({ PATH, CI: 'true' }, only())).toThrow(
    /must not skip the browser tests.*apt-get install chromium/,
  );
  expect(missingChromiumNotice({ PATH, CI: 'true' }, only('/usr/bin/chromium'))).toBeUndefined();
});
