import { describe, expect, test } from 'vitest';
import { ResumeDetector } from './resume-detector.js';

/** A page whose clocks and visibility the test changes, and how often it resumed. */
function page() {
  const at = { monotonicMs: 1_000, wallMs: 5_000, isHidden: false, resumed: 0 };
  const detector = new ResumeDetector(
    () => at.monotonicMs,
    () => at.wallMs,
    () => at.isHidden,
  );
  detector.onResume(() => {
    at.resumed += 1;
  });
  const pass = (monotonicMs: number, wallMs = monotonicMs) => {
    at.monotonicMs += monotonicMs;
    at.wallMs += wallMs;
    detector.check();
  };
  return { at, detector, pass };
}

describe('a page resumes', () => {
  test.each<[what: string, monotonicMs: number, wallMs: number, resumed: number]>([
    ['never while it runs', 500, 500, 0],
    ['not when a timer is late', 2_900, 2_900, 0],
    ['after a sleep during which both clocks advanced', 30_000, 30_000, 1],
    ['after a sleep during which one clock stopped', 500, 30_500, 1],
    ['after a short sleep of that kind', 500, 2_000, 1],
    ['when the clock was set ahead', 500, 600_500, 1],
    ['when the clock was set back', 500, -600_000, 1],
  ])('%s', (_, monotonicMs, wallMs, resumed) => {
    const { at, pass } = page();
    pass(500);
    pass(monotonicMs, wallMs);
    pass(500);
    expect(at.resumed).toBe(resumed);
  });

  test('once, when it is shown again, even after many late timers in the background', () => {
    const { at, pass } = page();
    at.isHidden = true;
    pass(60_000);
    pass(60_000);
    expect(at.resumed).toBe(0);
    at.isHidden = false;
    pass(10);
    pass(500);
    expect(at.resumed).toBe(1);
  });

  test('when the browser reports it, regardless of the clocks', () => {
    const { at, detector } = page();
    detector.check(true);
    expect(at.resumed).toBe(1);
  });

  test('without calling a removed listener', () => {
    const { detector, at } = page();
    let calls = 0;
    const stop = detector.onResume(() => {
      calls += 1;
    });
    detector.check(true);
    stop();
    detector.check(true);
    expect([calls, at.resumed]).toEqual([1, 2]);
  });
});
