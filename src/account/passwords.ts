import { hash, verify } from '@node-rs/argon2';
import { badUserInput, DomainError } from '../core/errors.js';
import { opaqueString } from './opaque-string.js';

export const PASSWORD_CODE_POINTS_MIN = 8;
export const PASSWORD_CODE_POINTS_MAX = 256;

/** Hashes that are made at a time, each with 19 MiB and a thread of the four that Node has for files and names as well. */
const HASHES_AT_ONCE_MAX = 2;
/** Log-ins and sign-ups that wait for their hash; half of them are through within some six seconds. */
const HASHES_WAITING_MAX = 600;
const RETRY_AFTER_MS = 5_000;

let hashing = 0;
const waiting: (() => void)[] = [];

/** Whoever comes when too many wait is told so at once, and costs nothing. @throws TOO_BUSY */
async function withHashSlot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (hashing < HASHES_AT_ONCE_MAX) hashing += 1;
  else {
    if (waiting.length >= HASHES_WAITING_MAX) {
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
export const hashPassword = (password: string): Promise<string> => withHashSlot(() => hash(password));

/** Checked where there is no such user, so that the answer's time does not tell. Made once, of nobody's password. */
let dummyHash: Promise<string> | undefined;

/** What a typed password is compared as. */
export interface TypedPassword {
  /** By the OpaqueString profile; null where the profile does not take it. */
  readonly form: string | null;
  /** As it came. Passwords of earlier releases were hashed so. */
  readonly raw: string;
}

export const typedPassword = (raw: string): TypedPassword => ({ form: opaqueString(raw), raw });

/** @throws BAD_USER_INPUT where it is no password that an account may have */
export function newPassword(raw: string): string {
  const form = opaqueString(raw);
  const [min, max] = [PASSWORD_CODE_POINTS_MIN, PASSWORD_CODE_POINTS_MAX];
  const length = codePoints(form ?? raw);
  if (length < min || length > max) {
    throw badUserInput('password', `A password has ${min} to ${max} characters.`, { min, max });
  }
  if (form === null) {
    throw badUserInput(
      'password',
      'A password has letters, digits, punctuation, symbols and spaces, and no control or invisible characters.',
    );
  }
  return form;
}

/**
 * How many hashes it takes depends on what was typed alone, not on the account or on whether there is one: the time of
 * an answer tells nothing of the account. Two only for a password that its profile form differs from.
 *
 * @returns the form that the hash was made of, or null
 */
export async function findMatchingForm(
  { form, raw }: TypedPassword,
  passwordHash: string | undefined,
): Promise<string | null> {
  if (codePoints(form ?? raw) > PASSWORD_CODE_POINTS_MAX)
    return findMatchingForm({ form: '', raw: '' }, undefined);
  return withHashSlot(async () => {
    if (form !== null && (await verifyHash(form, passwordHash))) return form;
    if (form !== raw && (await verifyHash(raw, passwordHash))) return raw;
    return null;
  });
}

const codePoints = (text: string): number => [...text].length;

async function verifyHash(password: string, passwordHash: string | undefined): Promise<boolean> {
  if (passwordHash !== undefined) return verify(passwordHash, password);
  dummyHash ??= hash(crypto.randomUUID());
  try {
    await verify(await dummyHash, password);
  } catch (error) {
    dummyHash = undefined;
    throw error;
  }
  return false;
}
