import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

/** Higher than any process id. */
const NO_PID = 2 ** 30;

const FAKE_NPM = 'tools/npm-cli.cjs';
/** Lets setup find npm as it does where npm has not started it. */
const REAL_NPM = { npm_execpath: '' };

const setupFile = fileURLToPath(new URL('./setup.mjs', import.meta.url));
const { checkNode, withLock } = await import(setupFile);

/** A checkout of a tiny project, with the real compiler and a page builder that writes one line. */
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'setup-'));
  await put('package.json', {
    name: 'tiny',
    type: 'module',
    devDependencies: { typescript: 'file:tools/typescript', vite: 'file:tools/vite' },
  });
  await put('package-lock.json', {
    name: 'tiny',
    lockfileVersion: 3,
    packages: {
      '': { name: 'tiny', devDependencies: { typescript: 'file:tools/typescript', vite: 'file:tools/vite' } },
      'node_modules/typescript': { resolved: 'tools/typescript', link: true },
      'node_modules/vite': { resolved: 'tools/vite', link: true },
      'tools/typescript': { name: 'typescript', version: '1.0.0', dev: true },
      'tools/vite': { name: 'vite', version: '1.0.0', dev: true },
    },
  });
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  );
  await put('tools/typescript/package.json', { name: 'typescript', version: '1.0.0' });
  await put(
    'tools/typescript/bin/tsc',
    `if (process.env.HANG_PORT) require('node:net').connect(process.env.HANG_PORT, '127.0.0.1');
    else require('node:child_process').spawn(process.execPath, [${JSON.stringify(compiler)}, ...process.argv.slice(2)], {
      stdio: 'inherit',
    }).once('exit', (code) => { process.exitCode = code; });`,
  );
  // Installs what the lock file says without npm, which takes a second to start.
  await put(
    FAKE_NPM,
    `const { mkdirSync, rmSync, symlinkSync } = require('node:fs');
    rmSync('node_modules', { recursive: true, force: true });
    mkdirSync('node_modules');
    for (const name of ['typescript', 'vite']) symlinkSync('../tools/' + name, 'node_modules/' + name, 'junction');`,
  );
  await put('tools/vite/package.json', { name: 'vite', version: '1.0.0' });
  await put(
    'tools/vite/bin/vite.js',
    `const out = process.argv[process.argv.indexOf('--outDir') + 1];
    require('node:fs').mkdirSync(out, { recursive: true });
    require('node:fs').writeFileSync(out + '/index.html', 'page');`,
  );
  await put('tsconfig.json', {
    compilerOptions: { module: 'nodenext', target: 'es2023', types: [], strict: true, noEmit: true },
  });
  await put('src/tsconfig.build.json', {
    extends: '../tsconfig.json',
    compilerOptions: { noEmit: false, rootDir: '.', outDir: '../dist', sourceMap: true },
    include: ['.'],
    exclude: ['web', 'test', '**/*.test.ts'],
  });
  await put('src/main.ts', 'export const main: number = 1;\n');
  await put('src/store/other.ts', 'export const other: number = 2;\n');
  await put('src/web/vite.config.ts', 'export default {};\n');
  await copyFile(setupFile, join(root, 'src', 'setup.mjs'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('a checkout', () => {
  test('is installed and built once, with a line for each step; then only what depends on a change is built', async () => {
    const first = await ended(run(REAL_NPM));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^Installing packages … \d+\.\d s\nBuilding the server … \d+\.\d s\nBuilding the page … \d+\.\d s\n$/,
    );
    expect(await compiled()).toEqual(['main.js', 'store/other.js']);
    expect(await readFile(join(root, 'dist/web/index.html'), 'utf8')).toBe('page');
    // The source maps have the right sources, although the build is made in another folder.
    const map = JSON.parse(await readFile(join(root, 'dist/store/other.js.map'), 'utf8'));
    await access(join(root, 'dist/store', map.sources[0]));

    await put('src/main.test.ts', 'tests are not built');
    expect(await ended(run())).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await ended(run('--rebuild'))).stdout).toMatch(
      /^Building the server .*\nBuilding the page .*\n$/,
    );

    await put('src/main.ts', 'export const main: number = 3;\n');
    expect((await ended(run())).stdout).toMatch(/^Building the server … \d+\.\d s\n$/);
    expect(await readFile(join(root, 'dist/main.js'), 'utf8')).toContain('3');
    expect(await readFile(join(root, 'dist/web/index.html'), 'utf8')).toBe('page');

    await put('src/web/page.tsx', '');
    expect((await ended(run())).stdout).toMatch(/^Building the page … \d+\.\d s\n$/);
    expect(await compiled()).toEqual(['main.js', 'store/other.js']);
  });

  test('a deleted source is removed from the build; with an error in a source the compiler’s message is printed, and the last good build stays', async () => {
    await ended(run());
    await rm(join(root, 'src/store'), { recursive: true });
    await ended(run());
    expect(await compiled()).toEqual(['main.js']);

    await put('src/main.ts', 'export const main: number = "text";\n');
    const { code, stderr } = await ended(run());
    expect(code).toBe(1);
    expect(stderr).toMatch(/src\/main\.ts.*TS2322/);
    expect(await readFile(join(root, 'dist/main.js'), 'utf8')).toContain('1');
    expect((await ended(run())).code).toBe(1);
    expect(await readdir(root)).not.toContain('dist.next');
  });

  test('packages that do not match the lock file: npm’s message is printed', async () => {
    await put('package.json', { name: 'tiny', dependencies: { other: 'file:tools/other' } });
    const { code, stderr } = await ended(run(REAL_NPM));
    expect(code).toBe(1);
    expect(stderr).toMatch(/npm error/);
  });
});

describe('two processes at once', () => {
  test('do the work once', async () => {
    const [one, two] = await Promise.all([ended(run()), ended(run())]);
    expect([one.code, two.code]).toEqual([0, 0]);
    const both = one.stdout + two.stdout;
    expect(both.match(/Installing packages …/g)).toHaveLength(1);
    expect(both.match(/Building the server …/g)).toHaveLength(1);
    expect(await compiled()).toEqual(['main.js', 'store/other.js']);
    expect(await readdir(join(root, '.cache'))).toEqual([]);
  });

  test('the second prints which process it waits for, and does nothing until then', async () => {
    const child = await withLock(root, ignore, async () => {
      const waiting = run();
      const [output] = await once(waiting.stdout as NonNullable<ChildProcess['stdout']>, 'data');
      expect(String(output)).toBe(
        `Waiting for process ${process.pid}, which sets up this checkout as well\n`,
      );
      expect(await readdir(root)).not.toContain('dist');
      return { waiting, result: ended(waiting) };
    });
    expect((await child.result).code).toBe(0);
    expect(await compiled()).toEqual(['main.js', 'store/other.js']);
  });

  test.each([
    ['is dead', { pid: NO_PID, started: null, id: 'dead' }],
    ['is dead and whose number another one has', { pid: process.pid, started: 'long ago', id: 'dead' }],
  ])('the lock of a process that %s is taken over, by one of many', async (_why, owner) => {
    await put('.cache/setup.lock/owner.json', owner);
    let inside = 0;
    let done = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await readdir(root);
      inside--;
      done++;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(root, ignore, work)));
    expect(done).toBe(8);
    expect(await readdir(join(root, '.cache'))).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('a signal ends the compiler and frees the lock', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const compiler = once(server, 'connection') as Promise<[Socket]>;
    const { port } = server.address() as { port: number };
    const child = run({ HANG_PORT: String(port) });
    const result = ended(child);
    const [connection] = await compiler;
    const compilerEnded = once(connection.resume(), 'close');

    child.kill('SIGTERM');

    expect(await result).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    await compilerEnded;
    expect(await readdir(join(root, '.cache'))).toEqual([]);
    expect((await ended(run())).code).toBe(0);
    expect((await readdir(root)).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  });
});

test.each([
  ['20.19.0', true],
  ['20.20.2', true],
  ['20.18.3', false],
  ['21.7.3', false],
  ['22.11.0', false],
  ['22.12.0', true],
  ['24.21.0', true],
  ['18.20.0', false],
])('Node.js %s: enough is %s', (version, enough) => {
  if (enough) checkNode(version);
  else
    expect(() => checkNode(version)).toThrow(
      `Node.js 20.19 or 22.12 or later is needed, and this is ${version}.`,
    );
});

function ignore(): void {}

async function put(path: string, content: string | object): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function run(...options: (string | Record<string, string>)[]): ChildProcess {
  const args = options.filter((option) => typeof option === 'string');
  const env = Object.assign({}, ...options.filter((option) => typeof option === 'object'));
  return spawn(process.execPath, [join(root, 'src', 'setup.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, npm_execpath: join(root, FAKE_NPM), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Ended {
  code: number | null;
  signal?: string;
  stdout: string;
  stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('its output is not piped');
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const [out, err, [code, signal]] = await Promise.all([text(stdout), text(stderr), closed]);
  return { code, ...(signal === null ? {} : { signal }), stdout: out, stderr: err };
}

/** The files of the built server. */
async function compiled(): Promise<string[]> {
  const files = await readdir(join(root, 'dist'), { recursive: true });
  return files.filter((file) => file.endsWith('.js') && !file.startsWith('web')).sort();
}
