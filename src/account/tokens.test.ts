import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../test/support/manual-clock.js';
import { Tokens } from './tokens.js';

const LONG_AGO = new Date(0);
const TTL_MS = 60_000;

function make(start = new Date('2026-11-22T10:00:00.000Z')) {
  const clock = new ManualClock(start);
  return { clock, tokens: new Tokens('a secret of the tests, thirty-two bytes', TTL_MS, clock) };
}

describe('a token', () => {
  test('contains its user, and when it was issued and expires, to the millisecond', async () => {
    const { clock, tokens } = make(new Date('2026-11-22T10:00:00.123Z'));
    const { token, expiresAt } = await tokens.issue('ann', LONG_AGO);
    expect(expiresAt).toEqual(new Date('2026-11-22T10:01:00.123Z'));
    expect(await tokens.verify(token)).toEqual({ userId: 'ann', issuedAt: clock.now(), expiresAt });
  });

  test('contains nothing else: it is signed and not encrypted', async () => {
    const { tokens } = make();
    const { token } = await tokens.issue('ann', LONG_AGO);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256' });
    expect(Object.keys(decodeJwt(token)).sort()).toEqual(['exp', 'iat', 'iss', 'sub']);
  });

  test.each([0, 1, 499, 500, 999])('issued %i ms into a second is valid until its exact end', async (ms) => {
    const { clock, tokens } = make(new Date(Date.UTC(2026, 10, 22, 10, 0, 0, ms)));
    const { token } = await tokens.issue('ann', LONG_AGO);
    clock.advance(TTL_MS - 1);
    expect(await tokens.verify(token)).toMatchObject({ userId: 'ann' });
    clock.advance(1);
    expect(await tokens.verify(token)).toBeNull();
  });

  test('issued at the instant of a log-out is valid', async () => {
    const { clock, tokens } = make();
    const logOut = new Date(clock.now().getTime() + 1);
    const { token, expiresAt } = await tokens.issue('ann', logOut);
    expect(await tokens.verify(token)).toEqual({ userId: 'ann', issuedAt: logOut, expiresAt });
  });

  test('of a server with the same secret is valid, and of one with another secret is not', async () => {
    const { clock, tokens } = make();
    const { token } = await tokens.issue('ann', LONG_AGO);
    const same = new Tokens('a secret of the tests, thirty-two bytes', 1, clock);
    const other = new Tokens('a secret of the tests, thirty-two bytez', TTL_MS, clock);
    expect(await same.verify(token)).toMatchObject({ userId: 'ann' });
    expect(await other.verify(token)).toBeNull();
  });

  test('is null, and no error, whatever the text', async () => {
    const { tokens } = make();
    const { token } = await tokens.issue('ann', LONG_AGO);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const texts = [
      '',
      '.',
      '..',
      '...',
      'a.b.c',
      'x'.repeat(100_000),
      `${header}..${signature}`,
      `${header}.${payload}.`,
    ];
    const changed = [
      `${token}A`,
      token.slice(1),
      ` ${token}`,
      token.replace(/\./g, ','),
      `${signature}.${payload}.${header}`,
    ];
    for (const text of [...texts, ...changed]) expect(await tokens.verify(text)).toBeNull();
  });
});
