import * as argon2 from '@node-rs/argon2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hashPassword, isPassword } from './passwords.js';

vi.mock('@node-rs/argon2', { spy: true });
beforeEach(() => {
  vi.clearAllMocks();
});
afterEach(() => {
  vi.clearAllMocks();
});

test('a password is kept as an argon2id hash of its own salt, in the cost that OWASP recommends', async () => {
  const hashes = await Promise.all([hashPassword('a long password'), hashPassword('a long password')]);
  for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('the right password is told from every other', async () => {
  const hash = await hashPassword('pässwörd 🎟');
  expect(await isPassword('pässwörd 🎟', hash)).toBe(true);
  for (const wrong of ['', 'pässwörd', 'PÄSSWÖRD 🎟', 'pässwörd 🎟 ', 'password 🎟']) {
    expect(await isPassword(wrong, hash)).toBe(false);
  }
});

test('where there is no such user, as much is done as where there is one', async () => {
  const hash = await hashPassword('a long password');
  await isPassword('anything', undefined);
  vi.clearAllMocks();
  expect(await isPassword('a wrong one', hash)).toBe(false);
  expect(await isPassword('a wrong one', undefined)).toBe(false);
  const costOf = (call: readonly unknown[] | undefined) => String(call?.[0]).split('$').slice(0, 4).join('$');
  const { calls } = vi.mocked(argon2.verify).mock;
  expect(calls).toHaveLength(2);
  expect(costOf(calls[1])).toBe(costOf(calls[0]));
  expect(vi.mocked(argon2.hash)).not.toHaveBeenCalled();
});
