import { readFile, writeFile } from 'node:fs/promises';
import { isMet } from './goals.js';
import type { Report } from './scenario.js';

/** How a report was made. */
export interface Circumstances {
  readonly at: string;
  readonly node: string;
  readonly mongod: string;
  readonly cpus: number;
  readonly rounds: number;
  readonly phaseMs: number;
}

/**
 * Writes a scenario's report into a JSON file, beside what the file has of other scenarios: each may be run by itself,
 * on another day, and says so.
 */
export async function writeResult(
  file: string,
  scenario: string,
  { about, rows, goals }: Report,
  circumstances: Circumstances,
): Promise<void> {
  const results = {
    ...(await readResults(file)),
    [scenario]: {
      ...circumstances,
      about,
      rows,
      goals: goals.map((goal) => ({ ...goal, met: isMet(goal) ?? null })),
    },
  };
  await writeFile(file, `${JSON.stringify(results, shortened, 2)}\n`);
}

async function readResults(file: string): Promise<object> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  return JSON.parse(text) as object;
}

const DIGITS = 4;

const shortened = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
