import { expect, test } from 'vitest';
import { unfailing } from './unfailing.js';

class Counter {
  #seen: string[] = [];
  readonly name = 'counter';

  saw(what: string): void {
    if (what === 'broken') throw new Error('full');
    this.#seen.push(what);
  }

  list(): readonly string[] {
    return this.#seen;
  }
}

test('an observer that throws does no harm: the fault is reported, and the next call is made', () => {
  const counter = new Counter();
  const faults: unknown[] = [];
  const observer = unfailing(counter, (fault, method) => faults.push([method, String(fault)]));
  observer.saw('first');
  observer.saw('broken');
  observer.saw('last');
  expect(counter.list()).toEqual(['first', 'last']);
  expect(observer.name).toBe('counter');
  expect(faults).toEqual([['saw', 'Error: full']]);
});

test('a report that throws does no harm either', () => {
  const observer = unfailing(new Counter(), () => {
    throw new Error('the log is full, too');
  });
  expect(() => observer.saw('broken')).not.toThrow();
});

test('methods of a plain object are guarded, too, and an absent one stays absent', () => {
  const plain: { saw(): void; other?(): void } = {
    saw() {
      throw new Error('broken');
    },
  };
  const observer = unfailing(plain);
  expect(() => observer.saw()).not.toThrow();
  expect(observer.other).toBeUndefined();
});
