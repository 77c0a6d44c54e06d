import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * Rules that tell a reader where a thing must be: which folder may import which, which folder alone uses an outside
 * package, and what only one place may do. Tests, the page and the script that runs before anything is built are
 * excluded.
 */

const SRC = fileURLToPath(new URL('../..', import.meta.url));

interface Source {
  /** From src/, e.g. `booking/lock.ts`. */
  readonly file: string;
  /** The folder in src/, or the file itself if it is directly in src/. */
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/^(test|web)\//.test(file))
  .map((file) => {
    const text = withoutComments(readFileSync(path.join(SRC, file), 'utf8'));
    return { file, folder: folderOf(file), text, imports: importsOf(text) };
  });

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : file;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function importsOf(text: string): string[] {
  const statement =
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(statement)].map(([, from, bare]) => (from ?? bare) as string);
}

const isOurs = (specifier: string) => specifier.startsWith('.');
const isNodes = (specifier: string) =>
  specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0] as string);

/** `@scope/name` or `name` of an import from inside the package. */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const importedFiles = ({ file, imports }: Pick<Source, 'file' | 'imports'>): string[] =>
  imports
    .filter(isOurs)
    .map((specifier) => path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'));

function importedFolders(source: Source): string[] {
  return importedFiles(source)
    .map(folderOf)
    .filter((imported) => imported !== source.folder);
}

/** The subfolder of a file in server/; undefined for all other files. */
const serverRoomOf = (file: string): string | undefined => /^server\/([^/]+)\//.exec(file)?.[1];

/** Nodes that are part of a cycle. */
function inCycles(arrows: ReadonlyMap<string, Iterable<string>>): string[] {
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of arrows.get(from) ?? []) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  return [...arrows.keys()].filter((node) => reach(node).has(node));
}

/** The folders that each folder may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  catalog: ['core'],
  account: ['core'],
  booking: ['catalog', 'core'],
  payments: ['booking', 'catalog', 'core'],
  tickets: ['booking'],
  feed: ['booking', 'catalog', 'core'],
  jobs: ['booking', 'core'],
  store: ['booking', 'catalog', 'account', 'feed', 'core'],
  embedded: ['core'],
  mail: ['tickets', 'booking', 'catalog', 'account', 'core'],
  graphql: ['tickets', 'feed', 'booking', 'catalog', 'account', 'core'],
  server: ['graphql', 'tickets', 'feed', 'booking', 'catalog', 'account', 'core'],
  'config.ts': [],
  'app.ts': [
    'config.ts',
    'server',
    'graphql',
    'store',
    'jobs',
    'mail',
    'payments',
    'tickets',
    'feed',
    'booking',
    'catalog',
    'account',
    'core',
  ],
  'main.ts': ['app.ts', 'config.ts', 'embedded', 'core'],
};

/** The subfolders of server/ that each of its subfolders may import, types included. Files directly in server/ may import all. */
const SERVER_ROOMS: Readonly<Record<string, readonly string[]>> = {
  http: ['websocket', 'connections', 'broadcast', 'limits'],
  websocket: ['connections', 'broadcast', 'limits'],
  connections: ['broadcast', 'limits'],
  broadcast: ['limits'],
  limits: [],
};

/** The files of the broadcast that other folders may import. http/ chooses the implementation. */
const BROADCAST_INTERFACE = ['server/broadcast/broadcast.ts'];
const BROADCAST_IMPLEMENTATIONS = ['server/broadcast/broadcaster.ts', 'server/broadcast/plain-broadcast.ts'];

/** The folders that may import each outside package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@node-rs/argon2': ['account'],
  jose: ['account', 'tickets'],
  uqr: ['tickets'],
  validator: ['account'],
  papaparse: ['catalog', 'server'],
  '@typegoose/typegoose': ['store'],
  mongoose: ['store', 'embedded'],
  'mongodb-memory-server-core': ['embedded'],
  'proper-lockfile': ['embedded'],
  'type-graphql': ['graphql'],
  'graphql-query-complexity': ['server'],
  'graphql-scalars': ['graphql'],
  // The schema is built in one folder and executed by the other.
  graphql: ['graphql', 'server'],
  '@apollo/server': ['server'],
  '@fastify/cors': ['server'],
  '@fastify/helmet': ['server'],
  '@fastify/proxy-addr': ['server'],
  '@fastify/static': ['server'],
  cookie: ['server'],
  fastify: ['server'],
  'graphql-ws': ['server'],
  'prom-client': ['server'],
  stripe: ['payments'],
  nodemailer: ['mail'],
  ws: ['server'],
  // Jobs run by it, and a setting's pattern is checked where it is read.
  croner: ['jobs', 'config.ts'],
  zod: ['config.ts'],
  // The type of a log, and the one log.
  pino: ['core', 'main.ts'],
  // Loaded before any decorated class, by both entries.
  'reflect-metadata': ['app.ts', 'graphql'],
  // Libraries without state or input and output.
  dataloader: ['graphql', 'store'],
  'lru-cache': ['account', 'server', 'store', 'tickets'],
  nanoid: ['core', 'embedded'],
};

/** Installed because another package needs them, and never imported here. */
const PEERS = ['class-validator'];

const filesWith = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

describe('imports', () => {
  test('are found: one file’s known imports are in the list', () => {
    const app = sources.find(({ file }) => file === 'app.ts') as Source;
    expect(app.imports).toContain('reflect-metadata');
    expect(app.imports).toContain('./account/accounts.js');
    expect(importsOf(`import a, {\n  type b,\n} from 'x';\nexport * from "y";\nawait import('z');`)).toEqual([
      'x',
      'y',
      'z',
    ]);
    expect(sources.length).toBeGreaterThan(60);
  });

  test('every folder is known here', () => {
    expect([...new Set(sources.map(({ folder }) => folder))].sort()).toEqual(Object.keys(ARROWS).sort());
  });

  test.each(Object.entries(ARROWS))('%s imports only %j of this product', (folder, allowed) => {
    const wrong = sources
      .filter((source) => source.folder === folder)
      .flatMap((source) => importedFolders(source).map((imported) => ({ file: source.file, imported })))
      .filter(({ imported }) => !allowed.includes(imported));
    expect(wrong).toEqual([]);
  });

  test('there is no import cycle between folders', () => {
    const arrows = new Map(Object.keys(ARROWS).map((folder) => [folder, new Set<string>()]));
    for (const source of sources)
      for (const to of importedFolders(source)) arrows.get(source.folder)?.add(to);
    expect(inCycles(arrows)).toEqual([]);
  });

  test('there is no import cycle between files, types included', () => {
    expect(inCycles(new Map(sources.map((source) => [source.file, importedFiles(source)])))).toEqual([]);
  });

  test('each subfolder of server/ is listed, and imports only the permitted ones', () => {
    const rooms = sources.map(({ file }) => serverRoomOf(file)).filter((room) => room !== undefined);
    expect([...new Set(rooms)].sort()).toEqual(Object.keys(SERVER_ROOMS).sort());
    const wrong = sources.flatMap((source) => {
      const room = serverRoomOf(source.file);
      if (room === undefined) return [];
      return importedFiles(source)
        .filter(
          (imported) => ![undefined, room, ...(SERVER_ROOMS[room] ?? [])].includes(serverRoomOf(imported)),
        )
        .map((imported) => ({ file: source.file, imported }));
    });
    expect(wrong).toEqual([]);
  });

  test('other folders import only the interface of server/broadcast', () => {
    const known = (file: string) =>
      serverRoomOf(file) === 'http'
        ? [...BROADCAST_INTERFACE, ...BROADCAST_IMPLEMENTATIONS]
        : BROADCAST_INTERFACE;
    const wrong = sources
      .filter(({ file }) => serverRoomOf(file) !== 'broadcast')
      .flatMap((source) =>
        importedFiles(source)
          .filter(
            (imported) => serverRoomOf(imported) === 'broadcast' && !known(source.file).includes(imported),
          )
          .map((imported) => ({ file: source.file, imported })),
      );
    expect(wrong).toEqual([]);
  });

  test('only main imports the composition root, and only these two read the settings', () => {
    const importing = (folder: string) =>
      sources.filter((source) => importedFolders(source).includes(folder)).map(({ file }) => file);
    expect(importing('app.ts')).toEqual(['main.ts']);
    expect(importing('config.ts').sort()).toEqual(['app.ts', 'main.ts']);
    expect(importing('main.ts')).toEqual([]);
  });

  test('each outside package is used in its folders only', () => {
    const places: Record<string, Set<string>> = {};
    for (const { folder, imports } of sources) {
      for (const specifier of imports) {
        if (isOurs(specifier) || isNodes(specifier)) continue;
        places[packageOf(specifier)] = (places[packageOf(specifier)] ?? new Set()).add(folder);
      }
    }
    const found = Object.entries(places).map(([name, folders]) => [name, [...folders].sort()]);
    const wanted = Object.entries(PACKAGES).map(([name, folders]) => [name, [...folders].sort()]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
  });

  test('the server’s dependencies are the packages it imports, and their peers', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(SRC, '..', 'package.json'), 'utf8'));
    const ofServer = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.join() !== 'embedded');
    expect(Object.keys(dependencies).sort()).toEqual([...ofServer, ...PEERS].sort());
  });

  test('the embedded MongoDB is loaded only on demand: its packages are for development alone', () => {
    const { devDependencies } = JSON.parse(readFileSync(path.join(SRC, '..', 'package.json'), 'utf8'));
    const itsPackages = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.join() === 'embedded');
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(itsPackages));
    const statically = /^(?:import|export)\s(?!type\b)[^'"`;]*['"][^'"]*\/embedded\//m;
    expect(filesWith(statically)).toEqual([]);
  });

  test('only server/ uses HTTP', () => {
    const knowing = sources.filter(({ imports }) =>
      imports.some((name) => /^node:(https?|http2)$/.test(name)),
    );
    expect(new Set(knowing.map(({ folder }) => folder))).toEqual(new Set(['server']));
  });
});

describe('only one place', () => {
  test('reads the environment: main, and the search for a mongod on this machine', () => {
    expect(filesWith(/\bprocess\s*\.\s*env\b/).sort()).toEqual([
      'embedded/mongod-binary.ts',
      'embedded/run-program.ts',
      'main.ts',
    ]);
  });

  test('reads the clock', () => {
    expect(filesWith(/\bDate\.now\(|\bnew Date\(\s*\)/)).toEqual(['core/clock.ts']);
  });

  /** The text of a script that runs in a process of its own, isolated from a package. */
  const SCRIPT = 'embedded/mongod-binary.ts';

  test('ends the process', () => {
    expect(filesWith(/\bprocess\.(exit|abort)\(|\bprocess\.exitCode\b/).sort()).toEqual([SCRIPT, 'main.ts']);
  });

  test('writes to the terminal: everything else is logged', () => {
    expect(filesWith(/\bconsole\.|\bprocess\.std(out|err)\b/).sort()).toEqual([SCRIPT, 'main.ts']);
  });
});

describe('tests', () => {
  const ROOT = path.join(SRC, '..');
  const testsWith = (pattern: RegExp) =>
    ['bench', 'packages', 'src']
      .flatMap((folder) =>
        readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
          path.posix.join(folder, file.split(path.sep).join('/')),
        ),
      )
      .filter((file) => file.endsWith('.test.ts') && !file.includes('/node_modules/'))
      .filter((file) => pattern.test(withoutComments(readFileSync(path.join(ROOT, file), 'utf8'))));

  test('wait for a state by expect.poll, whose limit is in vitest.config.ts, and never for a fixed time', () => {
    expect(testsWith(/\bvi\.wait(For|Until)\(|\.waitForTimeout\(/)).toEqual([]);
  });

  test('that replace modules, or wait until their process has no timers, run in the project that isolates them', () => {
    const config = readFileSync(path.join(ROOT, 'vitest.config.ts'), 'utf8');
    const isolated = /const ISOLATED_TESTS = \[([^\]]*)\]/.exec(config)?.[1]?.match(/[\w/.-]+\.test\.ts/g);
    expect(testsWith(/^vi\.(mock|doMock)\(|\bvi\.getTimerCount\(\) > 0/m).sort()).toEqual(isolated);
  });
});

describe('names', () => {
  test('of files are lower case with hyphens, and none is a catch-all', () => {
    const names = sources.map(({ file }) => path.posix.basename(file));
    expect(
      names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(model|resolver|type))?\.ts$/.test(name)),
    ).toEqual([]);
    expect(
      names.filter((name) => /^(utils?|helpers?|common|lib|misc|managers?|services?)\b/.test(name)),
    ).toEqual([]);
  });
});
