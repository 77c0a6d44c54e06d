import { hash, verify } from '@node-rs/argon2';

/** The library's defaults are argon2id with 19 MiB, two passes, one lane: the OWASP recommendation. */
export const hashPassword = (password: string): Promise<string> => hash(password);

/** Checked where there is no such user, so that the answer's time does not tell. Made once, of nobody's password. */
let nobodysHash: Promise<string> | undefined;

export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
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
