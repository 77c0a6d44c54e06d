import { expect, test } from 'vitest';
import { actorText, kindText } from './history-text.js';

test('what happened to a seat is said in words, also what this page does not know', () => {
  expect(kindText('EXPIRED')).toBe('Its time ran out, so the seat was free again');
  expect(kindText('MOVED_AWAY')).toBe('Moved away');
  expect(actorText('JOB')).toBe('by the server, as time had passed');
});
