import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LOCK_SEAT } from '../support/operations.js';
import { TestApp } from '../support/test-app.js';

/** The client package as its users get it: packed, and installed into empty folders. Its README's examples run there. */

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Brotli, of what a page loads at once that uses nothing but the core. */
const CORE_BYTES_MAX = 8 * 1_024;
/** What the package's users install beside it. */
const PEERS = [
  'graphql',
  'graphql-ws',
  'react',
  'react-dom',
  'scheduler',
  '@types/react',
  'd3-selection',
  'd3-zoom',
];

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await TestApp.start();
  folder = await mkdtemp(path.join(tmpdir(), 'seat-map-'));
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: path.join(ROOT, 'packages/seat-map'),
  });
  const modules = path.join(folder, 'node_modules');
  await mkdir(path.join(modules, 'seat-map'), { recursive: true });
  // As npm installs a package that has no scripts to run. Its peers are those of this repository.
  const tarball = path.join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['-xzf', tarball, '-C', path.join(modules, 'seat-map'), '--strip-components=1']);
  for (const peer of PEERS) {
    await mkdir(path.dirname(path.join(modules, peer)), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules', peer), path.join(modules, peer));
  }
  const readme = await readFile(path.join(modules, 'seat-map/README.md'), 'utf8');
  for (const [, name = '', code = ''] of readme.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)) {
    await writeFile(path.join(folder, name), code);
  }
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const newEvent = async () => {
  const price = { amount: 4_500, currency: 'USD' };
  return app.event(await app.user(), { sections: [{ name: 'Stalls', rows: 2, seatsPerRow: 10, price }] });
};

test('a program watches a map', async () => {
  const eventId = await newEvent();
  const watcher = spawn(process.execPath, ['watch.mjs', `${app.url}/graphql`, eventId], { cwd: folder });
  onTestFinished(() => void watcher.kill());
  const lines: unknown[] = [];
  createInterface({ input: watcher.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  await expect.poll(() => lines.at(-1)).toEqual({ isLive: true, version: 0, free: 20 });
  await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 3 } }, await app.user());
  await expect.poll(() => lines.at(-1)).toEqual({ isLive: true, version: 1, free: 19 });
});

test('a program holds the best seats as a guest, and books them', async () => {
  const eventId = await newEvent();
  const { stdout } = await run(process.execPath, ['book.mjs', `${app.url}/graphql`, eventId], {
    cwd: folder,
  });
  expect(stdout).toMatch(/^booked [A-Z0-9]{3}-[A-Z0-9]{3}\n$/);
  expect(await app.database.bookings.countDocuments({ eventId })).toBe(2);
});

test('it is built for production, whatever NODE_ENV was: otherwise it fails in browsers', async () => {
  for (const file of ['element.js', 'react.js']) {
    const code = await readFile(path.join(folder, 'node_modules/seat-map/dist', file), 'utf8');
    expect(code).not.toMatch(/process\.env|jsx-dev-runtime/);
  }
});

test('frameworks with server components leave the hooks and components to the browser', async () => {
  const code = await readFile(path.join(folder, 'node_modules/seat-map/dist/react.js'), 'utf8');
  expect(code).toMatch(/^["']use client["'];/);
});

test('a server renders a page with the map, and imports the element, which only browsers show', async () => {
  const source = `
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import { createSeatMapClient } from 'seat-map';
    import { SeatMap, SeatMapProvider } from 'seat-map/react';
    import 'seat-map/element';
    const client = createSeatMapClient();
    const map = createElement(SeatMap, { event: 'e1', endpoint: '/graphql' });
    const shared = createElement(SeatMapProvider, { client }, createElement(SeatMap, { event: 'e1' }));
    console.log(renderToString(createElement('main', null, map, shared)));
  `;
  await writeFile(path.join(folder, 'render.mjs'), source);
  const { stdout } = await run(process.execPath, ['render.mjs'], { cwd: folder });
  expect(stdout.match(/Loading the seats/g)?.length).toBe(2);
});

test('an empty React app type-checks and builds with it, and the core alone is small', async () => {
  const source = [
    "import { createRoot } from 'react-dom/client';",
    "import { App } from './app.js';",
    'createRoot(document.body).render(<App eventId="e1" />);',
  ];
  await writeFile(path.join(folder, 'main.tsx'), source.join('\n'));
  await writeFile(path.join(folder, 'core.ts'), "export * from 'seat-map';\n");
  const entries = ['check-out', 'documents', 'element', 'event', 'map'];
  const imports = entries.map((entry) => `export * from 'seat-map/${entry}';`);
  await writeFile(path.join(folder, 'entries.ts'), imports.join('\n'));
  await writeFile(path.join(folder, 'index.html'), '<script type="module" src="./main.tsx"></script>');
  const compilerOptions = {
    ...{ strict: true, noEmit: true, jsx: 'react-jsx', module: 'nodenext', moduleResolution: 'nodenext' },
    ...{ target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  };
  const tsconfig = { compilerOptions, include: ['app.tsx', 'core.ts', 'entries.ts'] };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  await run(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], { cwd: folder });

  const options = { root: folder, configFile: false as const, logLevel: 'silent' as const };
  await build({ ...options, build: { outDir: 'dist-app' } });
  expect(await readdir(path.join(folder, 'dist-app'))).toContain('index.html');
  const lib = { entry: 'core.ts', formats: ['es' as const], fileName: 'core' };
  const rolldownOptions = { external: ['graphql-ws'], output: { minify: true } };
  await build({ ...options, build: { outDir: 'dist-core', lib, rolldownOptions } });
  let bytes = 0;
  for (const file of await readdir(path.join(folder, 'dist-core'))) {
    // The fallback is loaded only where sockets are blocked.
    if (file.startsWith('event-stream')) continue;
    bytes += brotliCompressSync(await readFile(path.join(folder, 'dist-core', file))).length;
  }
  console.info(`The core of seat-map has ${bytes} bytes, compressed by brotli.`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(CORE_BYTES_MAX);
});
