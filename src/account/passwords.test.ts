import * as argon2 from '@node-rs/argon2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findMatchingForm, hashPassword, typedPassword } from './passwords.js';

const matching = (raw: string, passwordHash: string | undefined) =>
  findMatchingForm(typedPassword(raw), passwordHash);

vi.mock('@node-rs/argon2', { spy: true });
beforeEach(() => {
  vi.clearAllMocks();
});
afterEach(() => {
  vi.clearAllMocks();
});

test('a password is stored as an argon2id hash with its own salt, at the cost that OWASP recommends', async () => {
  const hashes = await Promise.all([hashPassword('a long password'), hashPassword('a long password')]);
  for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('only the right password matches', async () => {
  const hash = await hashPassword('pässwörd 🎟');
  expect(await matching('pässwörd 🎟', hash)).toBe('pässwörd 🎟');
  for (const wrong of ['', 'pässwörd', 'PÄSSWÖRD 🎟', 'pässwörd 🎟 ', 'password 🎟']) {
    expect(await matching(wrong, hash)).toBeNull();
  }
});

test.each([
  ['an ordinary one', 'a wrong one', 1],
  ['one that its profile form differs from', 'e\u0301n passant, d\u00e9cid\u00e9', 2],
  ['one that the profile does not take', 'a\twrong one', 1],
  ['an empty one', '', 1],
  ['one that is too long', 'x'.repeat(257), 1],
])('a wrong password costs the same for every account, and for none: %s', async (_, wrong, cost) => {
  const ofToday = await hashPassword('a long password');
  const ofEarlier = await argon2.hash('raw\u00a0text');
  await matching('anything', undefined);
  for (const passwordHash of [ofToday, ofEarlier, undefined]) {
    vi.clearAllMocks();
    expect(await matching(wrong, passwordHash)).toBeNull();
    const costOf = (call: readonly unknown[]) => String(call[0]).split('$').slice(0, 4).join('$');
    const costs = vi.mocked(argon2.verify).mock.calls.map(costOf);
    expect(costs).toEqual(Array(cost).fill(costOf([ofToday])));
    expect(vi.mocked(argon2.hash)).not.toHaveBeenCalled();
  }
});
