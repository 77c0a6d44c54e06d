import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { reasonOf, runProgram } from './run-program.js';

/** The oldest mongod that works: `$in` in a partial index, which prevents that a seat is sold twice, needs 6.0. */
export const VERSION_MAJOR_MIN = 6;
/** `mongod --version` answers in a tenth of a second. A program that takes longer is no mongod or cannot run here. */
const VERSION_LIMIT_MS = 10_000;

/**
 * Runs `mongod --version`, which also proves that the program is complete and finds its shared libraries.
 *
 * @returns the version, as "8.2.6"
 * @throws Error that says what is wrong with it
 */
export async function mongodVersion(binary: string): Promise<string> {
  const file = await stat(binary).catch(() => undefined);
  if (file === undefined) throw new Error(`${binary} does not exist`);
  if (!file.isFile()) throw new Error(`${binary} is not a file`);
  await access(binary, constants.X_OK).catch(() => {
    throw new Error(`${binary} is not executable`);
  });
  const output = await runProgram([resolve(binary), '--version'], { limitMs: VERSION_LIMIT_MS }).catch(
    (error: unknown) => {
      throw new Error(`${binary} does not run: ${reasonOf(error)}`, { cause: error });
    },
  );
  const version = /^db version v((\d+)\.\d+\.\d+)/m.exec(output);
  if (version === null) throw new Error(`${binary} does not say which mongod it is`);
  if (Number(version[2]) < VERSION_MAJOR_MIN) {
    throw new Error(`${binary} is ${version[1]}, and ${VERSION_MAJOR_MIN}.0 or later is needed`);
  }
  return version[1] as string;
}
