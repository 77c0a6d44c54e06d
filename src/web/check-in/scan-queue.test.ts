import { CombinedGraphQLErrors } from '@apollo/client';
import { expect, test } from 'vitest';
import { type Answer, codeIn, type Scan, ScanQueue, type Verdict, waitingScansIn } from './scan-queue.js';

const ADMITTED: Answer = { result: 'ADMITTED', checkedInAt: '2026-11-22T21:00:00Z', place: 'Seat 1' };

/** A tab of a scanner, whose storage outlives it. */
function tab(storage: Record<string, unknown>, answer: (scan: Scan) => Answer | Promise<Answer>) {
  const sent: Scan[] = [];
  const late: [string, Verdict][] = [];
  const queue = new ScanQueue(
    waitingScansIn(storage as unknown as Storage, 'olga', 'event'),
    async (scan) => {
      sent.push(scan);
      return answer(scan);
    },
    ({ scanId }, verdict) => late.push([scanId, verdict]),
  );
  return { queue, sent, late };
}

/** As a browser's: its keys are properties. */
function newStorage(): Record<string, unknown> {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods);
}

const scan = (scanId: string): Scan => ({
  scanId,
  code: `code ${scanId}`,
  at: `2026-11-22T21:00:0${scanId}Z`,
});
const noNetwork = (): never => {
  throw new TypeError('Failed to fetch');
};
const refusedWith = (code: string) => (): never => {
  throw new CombinedGraphQLErrors({ data: null, errors: [{ message: code, extensions: { code } }] } as never);
};

test('scans without a network outlive the page, and are sent as they were, oldest first', async () => {
  const storage = newStorage();
  const offline = tab(storage, noNetwork);
  for (const id of ['2', '1', '3']) expect(await offline.queue.check(scan(id))).toEqual({ kind: 'waiting' });
  expect(offline.queue.waiting).toBe(3);

  const online = tab(storage, () => ADMITTED);
  await online.queue.sendWaiting();
  expect(online.sent).toEqual([scan('1'), scan('2'), scan('3')]);
  expect(online.late.map(([id, { kind }]) => [id, kind])).toEqual(
    ['1', '2', '3'].map((id) => [id, 'answered']),
  );
  expect([online.queue.waiting, Object.keys(storage)]).toEqual([0, []]);
});

test('a scan is checked at once while earlier ones wait, and nothing is sent twice at a time', async () => {
  const storage = newStorage();
  await tab(storage, noNetwork).queue.check(scan('1'));
  let answer: (answer: Answer) => void = () => undefined;
  const slow = new Promise<Answer>((resolve) => {
    answer = resolve;
  });
  const { queue, sent } = tab(storage, ({ scanId }) => (scanId === '1' ? slow : ADMITTED));
  const sending = [queue.sendWaiting(), queue.sendWaiting()];
  expect(await queue.check(scan('2'))).toEqual({ kind: 'answered', ...ADMITTED });
  answer(ADMITTED);
  await Promise.all(sending);
  expect(sent.map(({ scanId }) => scanId)).toEqual(['1', '2']);
});

test('a busy server and an ended session keep the scan; a refusal does not', async () => {
  const storage = newStorage();
  for (const code of ['TOO_BUSY', 'RATE_LIMITED', 'UNAUTHENTICATED'])
    expect(await tab(storage, refusedWith(code)).queue.check(scan('1'))).toEqual({ kind: 'waiting' });
  const refused = tab(storage, refusedWith('EVENT_NOT_FOUND'));
  expect(await refused.queue.check(scan('1'))).toMatchObject({ kind: 'refused' });
  expect(refused.queue.waiting).toBe(0);
});

test('a scan that the browser cannot keep is not sent: its answer could be lost', async () => {
  const storage = Object.assign(Object.create(newStorage()), {
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  });
  const { queue, sent } = tab(storage, () => ADMITTED);
  expect(await queue.check(scan('1'))).toMatchObject({ kind: 'refused' });
  expect(sent).toEqual([]);
});

test('a scanner may read a code or the link of a ticket', () => {
  expect(codeIn(' a.b.c\n')).toBe('a.b.c');
  expect(codeIn('https://tickets.example/bookings/book_1/ticket#a.b.c')).toBe('a.b.c');
});
