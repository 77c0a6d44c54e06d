import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Where third-party code comes from, and in which versions. */

const read = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}
/** Without the product's own packages: the server, and the workspaces with their links. */
const locked = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
).filter(
  ([place, { link, resolved }]) =>
    !/^(packages\/[\w-]+)?$/.test(place) && !(link && /^packages\/[\w-]+$/.test(resolved ?? '')),
);

test('every package is locked by its hash and comes from a registry', () => {
  expect(locked.length).toBeGreaterThan(200);
  expect(locked.filter(([, { link }]) => link === true)).toEqual([]);
  expect(
    locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([place]) => place),
  ).toEqual([]);
  const elsewhere = locked.filter(
    ([, { resolved }]) => resolved !== undefined && !/^https:\/\/[^/]+\//.test(resolved),
  );
  expect(elsewhere.map(([place]) => place)).toEqual([]);
});

test('package.json names exact versions', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
  );
  expect(loose).toEqual([]);
});

test('the image runs on the Node that CI tests', () => {
  const [major] = /^node_of_image=(\d+)\.\d+\.\d+$/m.exec(read('.ci/run'))?.slice(1) ?? [];
  const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(([, version]) => version);
  expect(images).toEqual([major, major, major]);
});

/**
 * For each package that handles client input or has a long history of advisories: the first version without the newest
 * known advisory. Looked up by hand.
 */
const FIXED_IN: Readonly<Record<string, string>> = {
  // CVE-2026-23897
  '@apollo/server': '5.4.0',
  // CVE-2026-15074 and the ones after it
  '@fastify/static': '10.1.3',
  // CVE-2026-12590
  'body-parser': '2.3.0',
  // GHSA-mh99-v99m-4gvg, GHSA-rgw5-rvv9-x895
  'brace-expansion': '5.0.12',
  // Four high ones behind CVE-2026-33806
  fastify: '5.12.2',
  // GHSA-5jgf-p345-68v8 and three more
  'fast-uri': '3.1.7',
  // CVE-2026-47219
  'find-my-way': '9.7.0',
  // GHSA-5p4m-2wfm-xmqj
  'js-yaml': '4.3.1',
  // GHSA-r5fr-rjxr-66jc
  lodash: '4.18.0',
  // CVE-2026-125120
  mongoose: '9.9.2',
  // GHSA-2v37-7h3g-55p8
  nanoid: '3.3.18',
  // CVE-2026-69153, CVE-2026-45623
  postcss: '8.5.23',
  // GHSA-x5fp-wj9c-mxmx, GHSA-4mjr-xmp4-gh2g
  qs: '6.16.0',
  // CVE-2026-22036, CVE-2026-2581
  undici: '7.24.4',
  // CVE-2025-12758
  validator: '13.15.22',
  // CVE-2026-48779, CVE-2026-45736
  ws: '8.21.0',
  // GHSA-48c2-rrv3-qjmp
  yaml: '2.8.3',
};

test.each(Object.entries(FIXED_IN))('%s is %s or later, wherever it is installed', (name, fixedIn) => {
  const installed = locked.filter(([place]) => place.endsWith(`node_modules/${name}`));
  expect(installed.length).toBeGreaterThan(0);
  for (const [place, { version = '' }] of installed)
    expect([place, compare(version, fixedIn) >= 0]).toEqual([place, true]);
});

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

test('the image is built from the lock file, runs without privileges, and has a health check', () => {
  const dockerfile = read('Dockerfile');
  expect(dockerfile).toContain('npm ci --omit=dev --workspaces=false --ignore-scripts');
  expect(dockerfile).not.toMatch(/npm (i|install)\b/);
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(last).toMatch(/^USER node$/m);
  expect(last).toMatch(/^HEALTHCHECK /m);
  expect(dockerfile.replace(/^#.*$/gm, '')).not.toMatch(/SECRET|PASSWORD/i);
  const compose = read('docker-compose.yml');
  // CVE-2026-9740 lets a client without a log-in end an earlier mongod.
  expect(compare(/image: mongo:(8\.0\.\d+)/.exec(compose)?.[1] ?? '', '8.0.24')).toBeGreaterThanOrEqual(0);
  for (const line of ['read_only: true', 'cap_drop: [ALL]', "security_opt: ['no-new-privileges:true']"])
    expect(compose).toContain(line);
  // `/metrics` and `/readyz` are reachable from inside only: the proxy answers 404.
  expect(compose).toMatch(/@inside path \/metrics \/readyz\n\s+respond @inside 404/);
  expect(compose).toContain('health_uri /readyz');
  expect(read('src/setup.mjs')).toMatch(/\bci\b/);
});
