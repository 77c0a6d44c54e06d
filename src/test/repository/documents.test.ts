import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { USAGE as CHAOS_LIVE } from '../../../bench/chaos/live-map/options.js';
import { USAGE as CHAOS } from '../../../bench/chaos/options.js';
import { USAGE as BENCH_LIVE } from '../../../bench/live-map/options.js';
import { USAGE as RUSH } from '../../../bench/rush/options.js';
import { USAGE as BENCH } from '../../../bench/write-path/options.js';
import { ERROR_CODES } from '../../core/errors.js';
import { documented } from '../../graphql/schema-documents.js';
import { DOCUMENTS, documentText, ROOT } from '../support/documents.js';

/** Everything that the documents name exists: files, anchors, commands, options, codes, settings. */

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const exists = (file: string) => existsSync(path.join(ROOT, file));
const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, found]) => found as string);

const withoutCode = (markdown: string) =>
  markdown.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** An anchor, made from a heading by GitHub's rules. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (file: string) =>
  all(documentText(file).replaceAll(/^( *)```[\s\S]*?^\1```$/gm, ''), /^#+ (.+)$/gm).map(anchorOf);

/** @returns the problem of a link into this project, if any */
function faultOfLink(file: string, link: string): string | undefined {
  if (/^https?:/.test(link)) return undefined;
  const [target = '', anchor] = link.split('#');
  const linked = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
  if (!exists(linked)) return `${link} does not exist`;
  if (anchor === undefined || anchorsOf(linked).includes(anchor)) return undefined;
  return `${link}: there is no such heading`;
}

const inEach = (wrong: (text: string, file: string) => readonly (string | undefined)[]) =>
  DOCUMENTS.flatMap((file) =>
    wrong(documentText(file), file)
      .filter((each) => each !== undefined)
      .map((each) => `${file}: ${each}`),
  );

test('every link and picture leads to a file and a heading that exist', () => {
  const wrong = inEach((text, file) => {
    const links = [...all(withoutCode(text), /\]\(([^)\s]+)\)/g), ...all(text, /<img src="([^"]+)"/g)];
    return links.map((link) => faultOfLink(file, link));
  });
  expect(wrong).toEqual([]);
});

test('every file that is named exists', () => {
  const named = /(?<![\w/.-])((?:src|bench|docs|\.ci)\/[\w./-]*\w\/?)/g;
  expect(inEach((text) => all(text, named).filter((name) => !exists(name)))).toEqual([]);
});

test('every command that is shown exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const wrong = inEach((text) => [
    ...all(text, /\bnpm run ([a-z][a-z:]*)/g).filter((name) => !(name in scripts)),
    ...all(text, /\bnpx vitest run ([\w./ -]+)/g)
      .flatMap((names) => names.split(' '))
      .filter((name) => /^\w/.test(name) && !exists(name)),
  ]);
  expect(wrong).toEqual([]);
});

/** The commands with options, each with its `--help` text. */
const USAGES: Readonly<Record<string, string>> = {
  bench: BENCH,
  'bench:live': BENCH_LIVE,
  rush: RUSH,
  chaos: CHAOS,
  'chaos:live': CHAOS_LIVE,
};

test.each(Object.entries(USAGES))(
  'the section about `npm run %s` has each of its options, and no other',
  (command, usage) => {
    const sections = DOCUMENTS.flatMap((file) => documentText(file).split(/^(?=## )/m));
    const about = sections.filter((section) => section.includes(`\n    npm run ${command}\n`));
    expect(about).toHaveLength(1);
    const options = (text: string) => [...new Set(all(text, /(?<![\w-])(--[a-z]+)/g))].sort();
    expect([...options(about[0] as string), '--help'].sort()).toEqual(expect.arrayContaining(options(usage)));
    expect(options(usage)).toEqual(expect.arrayContaining(options(about[0] as string)));
  },
);

test('each command with options is one that its `--help` knows', () => {
  const shown = DOCUMENTS.flatMap((file) => [
    ...documentText(file).matchAll(/\bnpm run (?:--silent )?([a-z:]+) -- ([^`\n]+)/g),
  ]);
  expect(shown.length).toBeGreaterThan(8);
  for (const [line, command = '', args = ''] of shown) {
    const usage = USAGES[command] ?? '';
    for (const option of all(args, /(--[a-z]+)/g)) expect(usage, line).toContain(option);
    const [names = ''] = all(args, /--(?:scenario|fault) ([a-z][\w,-]*)/g);
    for (const name of names.split(',')) expect(usage, line).toContain(name);
  }
});

test('what is generated from the schema is current: `npm run schema` writes it', () => {
  const schema = buildSchema(read('schema.graphql'));
  const generated = DOCUMENTS.filter((file) => documentText(file).includes('<!-- schema: '));
  expect(generated).toEqual(['llms.txt', 'docs/api.md']);
  for (const file of generated) expect(documentText(file)).toBe(documented(documentText(file), schema));
});

test('the API guide has every error code, and no other', () => {
  const table = documentText('docs/api.md').match(/\n\| code \| meaning \| details[\s\S]*?\n\n/)?.[0] ?? '';
  expect(all(table, /^\| `([A-Z_]+)`/gm).sort()).toEqual([...ERROR_CODES].sort());
});

test('the configuration has every setting, and no other', () => {
  const settings = all(read('src/config.ts'), /^ {2}([A-Z][A-Z_]+): /gm).sort();
  expect(settings.length).toBeGreaterThan(25);
  const rows = all(documentText('docs/configuration.md'), /^\| (`[A-Z][^|]+) \|/gm);
  expect(rows.flatMap((row) => all(row, /`([A-Z_]+)`/g)).sort()).toEqual(settings);
});

test('the glossary has at most 40 terms, and each is in the file that it names', () => {
  const rows = documentText('docs/glossary.md')
    .split('\n')
    .filter((line) => /^\| (?!term|---)/.test(line));
  expect(rows.length).toBeLessThanOrEqual(40);
  const wrong = rows.filter((row) => {
    const [, name = '', file = ''] = /\| `(\w+)` in `([\w./-]+)` \|$/.exec(row) ?? [];
    return name === '' || !new RegExp(`\\b${name}\\b`).test(read(file));
  });
  expect(wrong).toEqual([]);
});

test('each decision is in the index and answers the four questions', () => {
  const decisions = DOCUMENTS.filter((file) => /decisions\/\d{4}-/.test(file)).sort();
  const index = all(documentText('docs/decisions/README.md'), /\]\((\d{4}-[\w-]+\.md)\)/g);
  expect(index).toEqual(decisions.map((file) => path.posix.basename(file)));
  for (const file of decisions)
    expect(all(documentText(file), /^## (.+)$/gm), file).toEqual([
      'Context',
      'Decision',
      'Consequences',
      'What would change our minds',
    ]);
});
