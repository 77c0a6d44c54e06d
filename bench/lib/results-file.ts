import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isMet } from './goals.js';
import { OptionError } from './options.js';
import type { Report } from './scenario.js';

/** How a report was made. */
export interface Circumstances {
  readonly at: string;
  readonly mongod: string;
  readonly rounds: number;
  readonly phaseMs: number;
}

interface Result extends Circumstances {
  readonly rows: readonly object[];
  readonly goals: readonly object[];
}

/**
 * The directories for the results. Creates the first one.
 *
 * @param published the directory that docs/benchmarks.md names, from the project's root
 * @throws OptionError
 */
export async function resultDirectories(out: string, published?: string): Promise<string[]> {
  await mkdir(out, { recursive: true });
  if (published === undefined) return [out];
  await access(published).catch(() => {
    throw new OptionError(`--publish writes into ${published}/: start it in the project's root.`);
  });
  return [out, published];
}

/** Writes a scenario's report into JSON files. Results of other scenarios in these files stay. */
export async function writeResult(
  directories: readonly string[],
  name: string,
  scenario: string,
  { about, rows, goals }: Report,
  { at, mongod, rounds, phaseMs }: Circumstances,
): Promise<void> {
  const machine = { node: process.version, mongod, cpus: os.cpus().length };
  const judged = goals.map((goal) => ({ ...goal, met: isMet(goal) ?? null }));
  for (const directory of directories) {
    const file = path.join(directory, name);
    const results = await readResults(file);
    results[scenario] = { at, ...machine, rounds, phaseMs, about, rows, goals: judged } as Result;
    await writeFile(file, jsonOf(results));
    process.stdout.write(`${file}\n`);
  }
}

async function readResults(file: string): Promise<Record<string, Result>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text) as Record<string, Result>;
}

/** One line for each row and each goal, so that a difference shows which figures have changed. */
export function jsonOf(results: Readonly<Record<string, Result>>): string {
  const json = (value: unknown) => JSON.stringify(value, shortened);
  const list = (items: readonly object[]) =>
    `[\n${items.map((item) => `      ${json(item)}`).join(',\n')}\n    ]`;
  const scenarios = Object.entries(results).map(([scenario, { rows, goals, ...others }]) => {
    const fields = Object.entries(others).map(([key, value]) => `    ${json(key)}: ${json(value)}`);
    fields.push(`    "rows": ${list(rows)}`, `    "goals": ${list(goals)}`);
    return `  ${json(scenario)}: {\n${fields.join(',\n')}\n  }`;
  });
  return `{\n${scenarios.join(',\n')}\n}\n`;
}

const DIGITS = 4;

const shortened = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
