import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '../core/errors.js';

/** Hashes that are made at a time, each with 19 MiB and a thread of the four that Node has for files and names as well. */
const HASHES_AT_ONCE_MAX = 2;
/** Log-ins and sign-ups that wait for their hash; half of them are through within some six seconds. */
const WAITING_MAX = 600;
const RETRY_AFTER_MS = 5_000;

let hashing = 0;
const waiting: (() => void)[] = [];

/** Whoever comes when too many wait is told so at once, and costs nothing. @throws TOO_BUSY */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (hashing < HASHES_AT_ONCE_MAX) hashing += 1;
  else {
    if (waiting.length >= WAITING_MAX) {
      const retryAfterMs = RETRY_AFTER_MS;
      throw new DomainError('TOO_BUSY', 'Too many are logging in; nothing was done. Try again shortly.', {
        retryAfterMs,
      });
    }
    // The turn is handed on by whoever had it.
    await new Promise<void>((begin) => waiting.push(begin));
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) hashing -= 1;
    else next();
  }
}

/** The library's defaults are argon2id with 19 MiB, two passes, one lane: the OWASP recommendation. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password));

/** Checked where there is no such user, so that the answer's time does not tell. Made once, of nobody's password. */
let nobodysHash: Promise<string> | undefined;

export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  return inTurn(() => isTheirs(password, passwordHash));
}

async function isTheirs(password: string, passwordHash: string | undefined): Promise<boolean> {
  if (passwordHash !== undefined) return verify(passwordHash, password);
  nobodysHash ??= hash(crypto.randomUUID());
  try {
    await verify(await nobodysHash, password);
  } catch (error) {
    nobodysHash = undefined;
    throw error;
  }
  return false;
}
