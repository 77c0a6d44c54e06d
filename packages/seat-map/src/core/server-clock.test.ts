import { describe, expect, test } from 'vitest';
import { ANSWER_AFTER_RESUME_MS_MAX, ServerClock } from './server-clock.js';

/** A device whose clocks the test moves, both together or one alone. */
function device() {
  const at = { monotonicMs: 1_000, wallMs: 42 };
  const clock = new ServerClock(
    () => at.monotonicMs,
    () => at.wallMs,
  );
  const pass = (ms: number) => {
    at.monotonicMs += ms;
    at.wallMs += ms;
  };
  const setByHand = (ms: number) => {
    at.wallMs += ms;
  };
  /** `performance.now()` stops meanwhile. */
  const sleep = setByHand;
  return { clock, pass, setByHand, sleep, reads: () => new Date(clock.nowMs()).toISOString().slice(11, 23) };
}

const at = (time: string) => `2026-11-22T${time}Z`;

describe("the server's clock", () => {
  test("does not depend on the device's clock after the first message", () => {
    const { clock, pass, reads } = device();
    expect([clock.hasReceived, clock.nowMs()]).toEqual([false, 42]);
    clock.receive(at('10:00:00.000'));
    pass(2_500);
    expect([clock.hasReceived, reads()]).toEqual([true, '10:00:02.500']);
  });

  test('does not change when the device’s clock is set', () => {
    const { clock, pass, setByHand, reads } = device();
    clock.receive(at('10:00:00.000'));
    setByHand(600_000);
    expect(reads()).toBe('10:00:00.000');
    clock.doubt();
    clock.receive(at('10:00:01.000'));
    pass(60_000);
    expect(reads()).toBe('10:01:01.000');
    setByHand(-3_600_000);
    clock.doubt();
    pass(ANSWER_AFTER_RESUME_MS_MAX);
    expect(reads()).toBe('10:01:02.000');
  });

  test('a message that took a little longer does not set it back', () => {
    const { clock, pass, reads } = device();
    clock.receive(at('10:00:00.000'));
    pass(5_000);
    clock.receive(at('10:00:03.000'));
    expect(reads()).toBe('10:00:05.000');
  });

  test('a time that is ten minutes ahead is corrected by the next message', () => {
    const { clock, pass, reads } = device();
    clock.receive(at('10:10:00.000'));
    pass(1_000);
    clock.receive(at('10:00:01.000'));
    expect(reads()).toBe('10:00:01.000');
  });

  test('follows a server whose clock was set back by a second, within a minute', () => {
    const { clock, pass, reads } = device();
    clock.receive(at('10:00:01.000'));
    for (let second = 1; second <= 61; second++) {
      pass(1_000);
      clock.receive(new Date(Date.parse(at('10:00:00.000')) + second * 1_000).toISOString());
    }
    expect(reads()).toBe('10:01:01.000');
  });

  test('after a sleep the first message sets the time, even back', () => {
    const { clock, sleep, reads } = device();
    clock.receive(at('10:00:00.000'));
    sleep(3_600_000);
    clock.doubt();
    clock.receive(at('11:00:00.000'));
    expect(reads()).toBe('11:00:00.000');
    clock.doubt();
    clock.receive(at('10:59:59.000'));
    expect(reads()).toBe('10:59:59.000');
  });

  test('after a sleep without an answer the later of the device’s clocks is used', () => {
    const { clock, pass, sleep, reads } = device();
    clock.receive(at('10:00:00.000'));
    sleep(30_000);
    clock.doubt();
    pass(ANSWER_AFTER_RESUME_MS_MAX - 1);
    expect(reads()).toBe('10:00:00.999');
    pass(1);
    expect(reads()).toBe('10:00:31.000');
  });

  test('an invalid time is ignored', () => {
    const { clock } = device();
    clock.receive('soon');
    expect(clock.hasReceived).toBe(false);
  });
});
