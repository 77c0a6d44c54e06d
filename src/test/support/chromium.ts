import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The first one has no window to draw and takes a quarter less time. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];
/** Its place on macOS, where no program of it is on the PATH. */
const MAC_PATH = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

export const HOW_TO_GET_CHROMIUM =
  'Install one (Debian and Ubuntu: apt-get install chromium-headless-shell) or set CHROMIUM_BINARY to its path.';

/**
 * The Chromium or Chrome for the browser tests, or undefined if there is none.
 *
 * @throws if CHROMIUM_BINARY names no program: it was set on purpose
 */
export function findChromium(
  { CHROMIUM_BINARY, PATH = '' }: NodeJS.ProcessEnv,
  isProgram = isExecutable,
): string | undefined {
  if (CHROMIUM_BINARY) {
    if (isProgram(CHROMIUM_BINARY)) return CHROMIUM_BINARY;
    throw new Error(`CHROMIUM_BINARY is no program: ${CHROMIUM_BINARY}`);
  }
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== '');
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...candidates, MAC_PATH].find((candidate) => isProgram(candidate));
}

/**
 * The message before the browser tests if there is no Chromium, else undefined.
 *
 * @throws in CI, which must not skip them
 */
export function missingChromiumNotice(env: NodeJS.ProcessEnv, isProgram = isExecutable): string | undefined {
  if (findChromium(env, isProgram) !== undefined) return undefined;
  if (env.CI)
    throw new Error(`No Chromium was found, and CI must not skip the browser tests. ${HOW_TO_GET_CHROMIUM}`);
  return `The browser tests are skipped: no Chromium was found. ${HOW_TO_GET_CHROMIUM}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
