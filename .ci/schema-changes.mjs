// Every breaking change of schema.graphql must be named in CHANGELOG.md.
//
// Goes over the whole history of schema.graphql, each version beside the one before it, and the files as they are now
// last. So it needs no server, tag or branch to compare with: a clone with full history is enough. A change is named by
// a bullet of CHANGELOG.md that begins with **Breaking:**, has `Type.field` or `Type` in code quotes, and did not stand
// there at the version before.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges } from 'graphql';

const SCHEMA = 'schema.graphql';
const CHANGELOG = 'CHANGELOG.md';
const NOW = 'the files as they are now';

const git = (...args) =>
  execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] });

if (git('rev-parse', '--is-shallow-repository').trim() === 'true') {
  console.error(`The history of ${SCHEMA} is not here. Fetch it: git fetch --unshallow`);
  process.exit(1);
}

const commits = git('log', '--reverse', '--format=%H', '--', SCHEMA).split('\n').filter(Boolean);
const bullets = breakingBullets(readFileSync(CHANGELOG, 'utf8'));
const missing = [];
let before;
for (const commit of [...commits, NOW]) {
  const text = commit === NOW ? readFileSync(SCHEMA, 'utf8') : git('show', `${commit}:${SCHEMA}`);
  const schema = buildSchema(text);
  const changes = before === undefined ? [] : findBreakingChanges(before.schema, schema);
  if (changes.length > 0) {
    const old = new Set(breakingBullets(changelogAt(before.commit)));
    const added = bullets.filter((bullet) => !old.has(bullet)).join('\n');
    for (const { description } of changes) {
      // Said of ID, Int and the like when nothing has that type any more.
      if (description.startsWith('Standard scalar')) continue;
      const names = coordinatesIn(description, [before.schema, schema]);
      if (!names.some((name) => added.includes(`\`${name}\``))) missing.push({ commit, description, names });
    }
  }
  before = { commit, schema };
}

for (const { commit, description, names } of missing) {
  console.error(`${commit}: ${description}`);
  console.error(`  No new bullet "- **Breaking:** …" of ${CHANGELOG} names ${names.join(' or ')}.`);
}
if (missing.length > 0) process.exit(1);
console.log(`${CHANGELOG} names every breaking change in ${commits.length} versions of ${SCHEMA}.`);

/** Each in one line, with whatever lines it goes on for. */
function breakingBullets(changelog) {
  return changelog
    .split(/\n(?=- |#)|\n\s*\n/)
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part.startsWith('- **Breaking:**'));
}

function changelogAt(commit) {
  try {
    return git('show', `${commit}:${CHANGELOG}`);
  } catch {
    return '';
  }
}

/** What graphql-js says was changed: a field and its type, or the types where there is no field in it. */
function coordinatesIn(description, schemas) {
  const isType = (name) => schemas.some((schema) => schema.getType(name) !== undefined);
  const names = [...description.matchAll(/\b([A-Za-z_]\w*)(?:\.\w+)?/g)].filter(([, type]) => isType(type));
  const ofField = names.find(([name, type]) => name !== type);
  return ofField ? [...ofField] : [...new Set(names.map(([name]) => name))];
}
