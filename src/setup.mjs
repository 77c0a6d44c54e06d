// Makes a checkout ready: `npm start` and `npm test` run this first. It installs missing packages, builds what has changed,
// and prints nothing if there is nothing to do. It is plain JavaScript with Node's own modules, because it runs before
// anything is installed. So its lock cannot be proper-lockfile's.

import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How often a waiting process checks whether the lock is free. */
const LOCK_POLL_MS = 100;
/** After this long a waiting process prints a message: most waits are shorter. */
const LOCK_MESSAGE_AFTER_MS = 1_000;
/** Breaking a dead process's lock takes a millisecond. A process that takes this long has died while doing it. */
const LOCK_BREAK_LIMIT_MS = 10_000;
/** How long child processes may take to end after a signal, before they are killed. */
const CHILD_END_LIMIT_MS = 5_000;

/** Each stamp lies in the folder that it describes, so that both are deleted together. */
const INSTALL_STAMP = 'node_modules/.setup-stamp';
const BUILD_STAMPS = 'dist/.setup-stamps.json';

/** Running child processes, so that a signal can end them. */
const children = new Set();
/** Set by a signal: from then on nothing continues, and no error is reported. */
let isStopping = false;

/** An error whose message is enough, without a stack. */
export class SetupError extends Error {}

/**
 * @param {{ root: string, rebuild?: boolean, write?: (text: string) => void }} options
 *   `rebuild` builds everything, changed or not.
 */
export async function setUp({ root, rebuild = false, write = (text) => process.stdout.write(text) }) {
  checkNode(process.versions.node);
  await withLock(root, write, async () => {
    await install(root, write);
    await build(root, rebuild, write);
  });
}

/** @param {string} version as in "20.19.0" */
export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  // The same as "engines" in package.json: Vite, which builds the page, needs these versions.
  const isEnough = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!isEnough) throw new SetupError(`Node.js 20.19 or 22.12 or later is needed, and this is ${version}.`);
}

async function install(root, write) {
  const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const wanted = hashOf([
    // Some packages have a native part for each platform. The scripts in package.json change no package.
    JSON.stringify([process.platform, process.arch, dependencies, devDependencies]),
    JSON.stringify([optionalDependencies, overrides]),
    await readFile(join(root, 'package-lock.json')),
  ]);
  if (wanted === (await readOr(join(root, INSTALL_STAMP), ''))) return;

  await step('Installing packages', write, async () => {
    // --include=dev: the build needs them even if NODE_ENV is "production".
    // --loglevel=error: warnings about engines and deprecations of indirect packages do not help here.
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath ?? '';
    if (/npm-cli\.c?js$/.test(npm)) await run(process.execPath, [npm, ...args], root);
    else await run('npm', args, root);
    await mkdir(join(root, 'node_modules'), { recursive: true });
    await writeFile(join(root, INSTALL_STAMP), wanted);
  });
}

/**
 * Builds server and page, each only if its sources have changed. A build is made beside `dist` and then moved to its
 * place, so that no process sees an incomplete one or the output of a deleted file. A server that runs from the old
 * `dist` has already loaded its modules.
 */
async function build(root, rebuild, write) {
  const next = join(root, 'dist.next');
  const previous = join(root, 'dist.previous');
  // This process has the lock, so both are left over from a run that was killed.
  await rm(next, { recursive: true, force: true });
  await rm(previous, { recursive: true, force: true });

  const stamps = JSON.parse(await readOr(join(root, BUILD_STAMPS), '{}'));
  const wanted = { server: await hashOfServer(root), web: await hashOfWeb(root) };
  const serverIsBuilt = !rebuild && stamps.server === wanted.server;
  const webIsBuilt =
    wanted.web === undefined ||
    (!rebuild && stamps.web === wanted.web && (await exists(join(root, 'dist', 'web'))));
  if (serverIsBuilt && webIsBuilt) return;

  await mkdir(next, { recursive: true });
  try {
    // Git ignores it, even if the run is killed.
    await writeFile(join(next, '.gitignore'), '*\n');
    if (serverIsBuilt) await copyExceptWeb(join(root, 'dist'), next);
    else await step('Building the server', write, () => buildServer(root, next));
    if (!webIsBuilt) await step('Building the page', write, () => buildWeb(root, join(next, 'web')));
    else if (wanted.web !== undefined) {
      await cp(join(root, 'dist', 'web'), join(next, 'web'), { recursive: true, preserveTimestamps: true });
    }
    await writeFile(join(next, '.setup-stamps.json'), JSON.stringify(wanted));
    if (await exists(join(root, 'dist'))) await rename(join(root, 'dist'), previous);
    await rename(next, join(root, 'dist'));
  } finally {
    await rm(next, { recursive: true, force: true });
    await rm(previous, { recursive: true, force: true });
  }
}

async function buildServer(root, outDir) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // `outDir` is as deep as `dist`, for the relative paths in the source maps.
  await run(process.execPath, [tsc, '-p', 'src/tsconfig.build.json', '--outDir', outDir], root);
}

async function buildWeb(root, outDir) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = ['build', '--config', 'src/web/vite.config.ts', '--outDir', outDir, '--emptyOutDir'];
  await run(process.execPath, [vite, ...args, '--logLevel', 'warn'], root);
}

async function copyExceptWeb(from, to) {
  const web = join(from, 'web');
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => path !== web,
  });
}

/** Everything that the compiler reads, without what `src/tsconfig.build.json` excludes. */
async function hashOfServer(root) {
  const sources = await filesUnder(join(root, 'src'), (path) => {
    const inSrc = relative(join(root, 'src'), path);
    return inSrc !== 'web' && inSrc !== 'test' && !path.endsWith('.test.ts');
  });
  const settings = ['tsconfig.json', 'package.json', 'package-lock.json'].map((name) => join(root, name));
  return hashOfFiles(root, [...sources, ...settings]);
}

/** The page, what it imports of the server and of the client package, and the files that it links to. */
const WEB_FOLDERS = [
  'src/web',
  'packages/seat-map/src',
  'src/core',
  'src/catalog',
  'src/booking',
  'examples/venues',
];

async function hashOfWeb(root) {
  if (!(await exists(join(root, 'src', 'web', 'vite.config.ts')))) return undefined;
  const sources = [];
  for (const folder of WEB_FOLDERS.map((name) => join(root, name))) {
    if (await exists(folder))
      sources.push(...(await filesUnder(folder, (path) => !/\.test\.tsx?$/.test(path))));
  }
  const builder = join(root, 'src', 'setup.mjs');
  return hashOfFiles(root, [...sources, builder, join(root, 'package-lock.json')]);
}

async function hashOfFiles(root, files) {
  const parts = [];
  for (const file of files.sort()) {
    parts.push(relative(root, file).split(sep).join('/'), await readOr(file, 'absent'));
  }
  return hashOf(parts);
}

function hashOf(parts) {
  const hash = createHash('sha256');
  // Each part with its length, so that different lists of parts never have the same text.
  for (const part of parts) hash.update(`${Buffer.byteLength(part ?? '')}:`).update(part ?? '');
  return hash.digest('hex');
}

async function filesUnder(folder, wanted) {
  const files = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!wanted(path)) continue;
    if (entry.isDirectory()) files.push(...(await filesUnder(path, wanted)));
    else files.push(path);
  }
  return files;
}

/**
 * Runs `work` in one process of a checkout at a time. Other processes wait, and then find everything done.
 *
 * The lock is a folder with a file that names its owner. A process makes the folder under another name and renames it,
 * which fails while the lock exists. So the lock never exists without its owner's name. A second lock, `…breaking`, lets
 * one process at a time remove the lock of a dead owner.
 *
 * @template T
 * @param {string} root
 * @param {(text: string) => void} write
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(root, write, work) {
  const cache = join(root, '.cache');
  const lock = join(cache, 'setup.lock');
  await mkdir(cache, { recursive: true });
  const me = { pid: process.pid, started: startOf(process.pid), id: randomUUID() };
  const mine = join(cache, `setup.lock.${me.id}`);
  await mkdir(mine);
  await writeFile(join(mine, 'owner.json'), JSON.stringify(me));
  const release = async () => {
    await rm(mine, { recursive: true, force: true });
    if ((await ownerOf(lock))?.id === me.id) await removeLock(lock, mine);
  };
  const stopListening = onSignal(release);
  try {
    const startedMs = performance.now();
    let isPrinted = false;
    while (!(await moveTo(mine, lock))) {
      const owner = await ownerOf(lock);
      if (owner !== undefined && !isAlive(owner)) {
        await breakLock(lock, owner);
        continue;
      }
      if (!isPrinted && performance.now() - startedMs > LOCK_MESSAGE_AFTER_MS) {
        isPrinted = true;
        write(`Waiting for process ${owner?.pid ?? '?'}, which sets up this checkout as well\n`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
    return await work();
  } finally {
    stopListening();
    await release();
  }
}

async function moveTo(from, to) {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // The errors of different systems if a non-empty folder of that name exists.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(error.code) && (await exists(to))) return false;
    // It may have been released between the two calls.
    if (['ENOTEMPTY', 'EEXIST'].includes(error.code)) return false;
    throw error;
  }
}

/** Checks the owner again under the lock `…breaking`: another process may have broken this lock and taken it since. */
async function breakLock(lock, deadOwner) {
  const breaking = `${lock}.breaking`;
  try {
    await mkdir(breaking);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const since = await stat(breaking).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > LOCK_BREAK_LIMIT_MS) {
      await rm(breaking, { recursive: true, force: true });
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    return;
  }
  try {
    const aside = `${lock}.${deadOwner.id}`;
    await rm(aside, { recursive: true, force: true });
    if ((await ownerOf(lock))?.id === deadOwner.id) await removeLock(lock, aside);
  } finally {
    await rm(breaking, { recursive: true, force: true });
  }
}

/** Moves the lock aside in one step: deleting its files in place could delete those of the next owner. */
async function removeLock(lock, aside) {
  await rename(lock, aside);
  await rm(aside, { recursive: true, force: true });
}

async function ownerOf(lock) {
  try {
    return JSON.parse(await readFile(join(lock, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Process ids are reused; together with the start time an id is unique. */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const startedNow = startOf(pid);
  return started === null || startedNow === null || started === startedNow;
}

/** When a process started, as its system writes it, or null if the system does not tell. */
function startOf(pid) {
  try {
    // The program's name, in brackets, may contain anything; the 20th field after it is the start time.
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    // Not every system has that folder.
  }
  const { status, stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** On a signal: ends the child processes, calls `cleanUp`, and ends this process by the same signal. */
function onSignal(cleanUp) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const die = async (signal) => {
    isStopping = true;
    // A second signal has no listener and ends this process at once.
    stopListening();
    await Promise.all([...children].map((child) => end(child, signal)));
    await cleanUp();
    process.kill(process.pid, signal);
  };
  const stopListening = () => {
    for (const signal of signals) process.off(signal, die);
  };
  for (const signal of signals) process.on(signal, die);
  return stopListening;
}

function end(child, signal) {
  return new Promise((resolve) => {
    const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), CHILD_END_LIMIT_MS);
    child.once('close', () => {
      clearTimeout(kill);
      resolve();
    });
    signalGroup(child, signal);
  });
}

/** Each child process leads its own group, since npm starts further processes. */
function signalGroup(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has already ended.
  }
}

/** Runs a program. Its output is shown only if it fails. */
function run(program, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      // On Windows npm is a script, which only a shell can start.
      shell: process.platform === 'win32' && program === 'npm',
    });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => {
      children.delete(child);
      reject(new SetupError(`${program} cannot be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      children.delete(child);
      if (isStopping) return;
      if (code === 0) resolve();
      else reject(new SetupError(output.trim() || `${program} ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** Prints one line: the step, and its duration once it is done. */
async function step(name, write, work) {
  const startedMs = performance.now();
  write(`${name} … `);
  try {
    await work();
  } catch (error) {
    write('failed\n');
    throw error;
  }
  write(`${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

async function readOr(file, absent) {
  return readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return absent;
    throw error;
  });
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  try {
    await setUp({ root, rebuild: process.argv.includes('--rebuild') });
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}

const executed = process.argv[1] === undefined ? '' : await realpath(process.argv[1]).catch(() => '');
if (executed === fileURLToPath(import.meta.url)) await main();
