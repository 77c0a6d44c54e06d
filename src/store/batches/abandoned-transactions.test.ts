import { expect, test } from 'vitest';
import { abandonedAfterMs } from './abandoned-transactions.js';

test.each([
  [5, 2_000],
  [200, 2_000],
  [201, 2_010],
  [499, 4_990],
  [500, 5_000],
  [9_000, 5_000],
])(
  'where a batch takes %i ms, a transaction is left alone until it has been idle for %i ms',
  (lastMs, idleMs) => {
    expect(abandonedAfterMs(lastMs)).toBe(idleMs);
  },
);
