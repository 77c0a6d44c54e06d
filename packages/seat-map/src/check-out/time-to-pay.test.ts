import { CombinedGraphQLErrors } from '@apollo/client';
import { describe, expect, test } from 'vitest';
import { PAY_LATEST_MS, PAY_MARGIN_MS, timeToPay } from './time-to-pay.js';

type Lock = Parameters<typeof timeToPay>[0][number];

const NOW_MS = Date.parse('2026-11-22T10:00:00Z');
const lock = (id: string, leftMs: number) =>
  ({ id, expiresAt: new Date(NOW_MS + leftMs).toISOString() }) as Lock;
const refused = (code: string) =>
  new CombinedGraphQLErrors({ errors: [{ message: 'No.', extensions: { code, details: {} } }] });

describe('before a payment', () => {
  test('only locks that end soon are extended', async () => {
    const requested: string[] = [];
    const extend = async (id: string) => {
      requested.push(id);
      return lock(id, 300_000);
    };
    const locks = [lock('soon', PAY_MARGIN_MS - 1), lock('later', PAY_MARGIN_MS)];
    expect(await timeToPay(locks, NOW_MS, extend)).toEqual({
      extended: [lock('soon', 300_000)],
      isTooLate: false,
    });
    expect(requested).toEqual(['soon']);
  });

  test.each([
    [
      'whose lock cannot be extended and ends at once',
      PAY_LATEST_MS - 1,
      refused('LOCK_EXTENSION_LIMIT'),
      true,
    ],
    [
      'whose lock cannot be extended and has some seconds left',
      PAY_LATEST_MS,
      refused('LOCK_EXTENSION_LIMIT'),
      false,
    ],
    ['whose lock has ended, so that the server will refuse it', 1, refused('LOCK_EXPIRED'), false],
    ['whose extension is not answered', 1, new Error('offline'), false],
  ])('a payment %s: is it too late?', async (_, leftMs, error, isTooLate) => {
    const extend = () => Promise.reject(error);
    expect(await timeToPay([lock('a', leftMs)], NOW_MS, extend)).toEqual({ extended: [], isTooLate });
  });
});
