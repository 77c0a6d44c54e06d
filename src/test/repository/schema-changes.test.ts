import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

/** `.ci/schema-changes.mjs` on temporary repositories. */

const SCRIPT = fileURLToPath(new URL('../../../.ci/schema-changes.mjs', import.meta.url));
const BEFORE = `type Query { seat(id: ID!): Seat! free: Int! }
type Seat { number: Int! status: Status! }
enum Status { FREE TAKEN }`;
const NULLABLE = BEFORE.replace('Seat! free', 'Seat free');
const HEADING = '# Changelog\n\n';

/** A repository whose first commit has the schema. */
class Repository {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'schema-changes-'));

  constructor(changelog = HEADING) {
    const folder = this.#folder;
    onTestFinished(() => rmSync(folder, { recursive: true }));
    this.#git('init', '--quiet');
    this.land(BEFORE, changelog);
  }

  write(schema: string, changelog: string): void {
    writeFileSync(path.join(this.#folder, 'schema.graphql'), schema);
    writeFileSync(path.join(this.#folder, 'CHANGELOG.md'), changelog);
  }

  land(schema: string, changelog: string): void {
    this.write(schema, changelog);
    this.#git('add', '.');
    this.#git('commit', '--quiet', '--message', 'a change');
  }

  check(): { status: number | null; output: string } {
    const options = { cwd: this.#folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], options);
    return { status, output: stdout + stderr };
  }

  #git(...args: string[]): void {
    const identity = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.com'];
    execFileSync('git', [...identity, ...args], { cwd: this.#folder });
  }
}

test('a new type and a new field need no line', () => {
  const repository = new Repository();
  const schema = `${BEFORE.replace('number: Int!', 'number: Int! row: Row')}\ntype Row { label: String! }`;
  repository.land(schema, HEADING);
  expect(repository.check()).toMatchObject({ status: 0 });
});

test.each([
  ['a field that is nullable now', NULLABLE, '`Query.seat`'],
  ['the same, by its type', NULLABLE, '`Query`'],
  ['an enum value that is gone', BEFORE.replace(' TAKEN', ''), '`Status`'],
  ['a new argument that is required', BEFORE.replace('id: ID!', 'id: ID! row: Int!'), '`Query.seat`'],
  ['types that are gone', 'type Query { free: Int! }', '`Query.seat`, `Seat` and `Status`'],
])('%s needs a line that names it', (_, schema, names) => {
  const repository = new Repository();
  repository.land(
    schema,
    `${HEADING}- Of \`Query\`, \`Seat\` and \`Status\` nothing that is listed as breaking.\n`,
  );
  expect(repository.check()).toMatchObject({ status: 1, output: expect.stringContaining('**Breaking:**') });
  // The line is in a later commit, and wrapped.
  repository.land(schema, `${HEADING}- Another.\n- **Breaking:** this is another\n  now: ${names}.\n`);
  expect(repository.check()).toMatchObject({ status: 0 });
});

test('a line that existed before the change does not count', () => {
  const old = `${HEADING}- **Breaking:** \`Query.seat\` is called so now.\n`;
  const repository = new Repository(old);
  repository.land(NULLABLE, old);
  expect(repository.check()).toMatchObject({ status: 1, output: expect.stringContaining('Query.seat') });
  repository.write(NULLABLE, `${old}- **Breaking:** \`Query.seat\` may be null.\n`);
  expect(repository.check()).toMatchObject({ status: 0 });
});

test('a breaking change some commits ago is found, and an uncommitted one too', () => {
  const repository = new Repository();
  repository.land(NULLABLE, HEADING);
  repository.land(`${NULLABLE}\ntype Row { seats: Int }`, HEADING);
  expect(repository.check().output).toContain('Query.seat changed type');
  repository.write('type Query { free: Int! }', `${HEADING}- **Breaking:** \`Query.seat\` is gone.\n`);
  expect(repository.check().output).toMatch(/the files as they are now: Seat was removed/);
});
