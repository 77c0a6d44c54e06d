import { describe, expect, test } from 'vitest';
import { ServerClock } from './server-clock.js';

describe("the server's clock", () => {
  test("does not care what the device's own says once the server has spoken", () => {
    let monotonicMs = 1_000;
    const clock = new ServerClock(
      () => monotonicMs,
      () => 42,
    );
    expect(clock.nowMs()).toBe(42);
    clock.heard('2026-11-22T10:00:00.000Z');
    monotonicMs += 2_500;
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-11-22T10:00:02.500Z');
  });

  test('a message that was long under way does not put it back', () => {
    let monotonicMs = 0;
    const clock = new ServerClock(() => monotonicMs);
    clock.heard('2026-11-22T10:00:00.000Z');
    monotonicMs = 5_000;
    clock.heard('2026-11-22T10:00:03.000Z');
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-11-22T10:00:05.000Z');
  });

  test('a device that slept, and whose own clock stood still with it, is caught up with', () => {
    let monotonicMs = 0;
    const clock = new ServerClock(() => monotonicMs);
    clock.heard('2026-11-22T10:00:00.000Z');
    monotonicMs = 1_000;
    clock.heard('2026-11-22T11:00:00.000Z');
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-11-22T11:00:00.000Z');
  });
});
