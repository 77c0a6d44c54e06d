import { hash, verify } from '@node-rs/argon2';
import { badUserInput, DomainError } from '../core/errors.js';
import { opaqueString } from './opaque-string.js';

export const PASSWORD_CODE_POINTS_MIN = 8;
export const PASSWORD_CODE_POINTS_MAX = 256;

/** Hashes computed at a time. Each needs 19 MiB and one of Node's four threads, which also serve files and DNS. */
const HASHES_AT_ONCE_MAX = 2;
/** Log-ins and sign-ups that wait for their hash. Half of them are done within about six seconds. */
const HASHES_WAITING_MAX = 600;
const RETRY_AFTER_MS = 5_000;

let hashing = 0;
const waiting: (() => void)[] = [];

/** @throws TOO_BUSY at once if too many wait */
async function withHashSlot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (hashing < HASHES_AT_ONCE_MAX) hashing += 1;
  else {
    if (waiting.length >= HASHES_WAITING_MAX) {
      const retryAfterMs = RETRY_AFTER_MS;
      throw new DomainError('TOO_BUSY', 'Too many log-ins at once; nothing was done. Try again shortly.', {
        retryAfterMs,
      });
    }
    // The call that finishes passes its slot on, so `hashing` stays.
    await new Promise<void>((start) => waiting.push(start));
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

/** Verified if there is no such user, so that the answer takes the same time. The hash of a random password, made once. */
let dummyHash: Promise<string> | undefined;

/** The forms in which a typed password is compared. */
export interface TypedPassword {
  /** In the OpaqueString profile; null if the profile does not allow it. */
  readonly form: string | null;
  /** As typed. Earlier releases hashed passwords so. */
  readonly raw: string;
}

export const typedPassword = (raw: string): TypedPassword => ({ form: opaqueString(raw), raw });

/** @throws BAD_USER_INPUT if an account may not have this password */
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
 * The number of hashes depends only on the typed password, not on the account or on whether it exists, so that the answer's
 * time reveals nothing. It is two if the typed password differs from its profile form, else one.
 *
 * @returns the form that matches the hash, or null
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
