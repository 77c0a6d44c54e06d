import { describe, expect, test } from 'vitest';
import { ResumeDetector } from './resume-detector.js';

/** A page whose clocks and visibility the test moves, and how often it woke. */
function page() {
  const at = { monotonicMs: 1_000, wallMs: 5_000, isHidden: false, woken: 0 };
  const wake = new ResumeDetector(
    () => at.monotonicMs,
    () => at.wallMs,
    () => at.isHidden,
  );
  wake.onWake(() => {
    at.woken += 1;
  });
  const pass = (monotonicMs: number, wallMs = monotonicMs) => {
    at.monotonicMs += monotonicMs;
    at.wallMs += wallMs;
    wake.check();
  };
  return { at, wake, pass };
}

describe('a page wakes', () => {
  test.each<[what: string, monotonicMs: number, wallMs: number, woken: number]>([
    ['never while it runs', 500, 500, 0],
    ['not where a timer is late', 2_900, 2_900, 0],
    ['after a sleep in which both clocks went on', 30_000, 30_000, 1],
    ['after a sleep in which one of them stood still', 500, 30_500, 1],
    ['after a short one of that kind', 500, 2_000, 1],
    ['where the clock was set ahead', 500, 600_500, 1],
    ['where it was set back', 500, -600_000, 1],
  ])('%s', (_, monotonicMs, wallMs, woken) => {
    const { at, pass } = page();
    pass(500);
    pass(monotonicMs, wallMs);
    pass(500);
    expect(at.woken).toBe(woken);
  });

  test('once, when it is shown again, however often it was late in the background', () => {
    const { at, pass } = page();
    at.isHidden = true;
    pass(60_000);
    pass(60_000);
    expect(at.woken).toBe(0);
    at.isHidden = false;
    pass(10);
    pass(500);
    expect(at.woken).toBe(1);
  });

  test('when the browser says so, whatever the clocks say', () => {
    const { at, wake } = page();
    wake.check(true);
    expect(at.woken).toBe(1);
  });

  test('and no longer calls a listener that has gone', () => {
    const { wake, at } = page();
    let calls = 0;
    const stop = wake.onWake(() => {
      calls += 1;
    });
    wake.check(true);
    stop();
    wake.check(true);
    expect([calls, at.woken]).toEqual([1, 2]);
  });
});
