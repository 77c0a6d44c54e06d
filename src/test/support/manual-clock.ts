import type { Alarm, Clock } from '../../core/clock.js';

/** A clock that stands still until a test moves it. Alarms that are due are called in the order of their times. */
export class ManualClock implements Clock {
  #nowMs: number;
  #alarms: { atMs: number; callback: () => void }[] = [];

  constructor(start = new Date('2026-11-22T10:00:00.000Z')) {
    this.#nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  at(instant: Date, callback: () => void): Alarm {
    const alarm = { atMs: instant.getTime(), callback };
    const cancel = () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
    if (alarm.atMs <= this.#nowMs) {
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    this.#alarms.push(alarm);
    return { cancel };
  }

  advance(ms: number): void {
    this.moveTo(new Date(this.#nowMs + ms));
  }

  moveTo(instant: Date): void {
    for (;;) {
      const due = this.#alarms.filter((alarm) => alarm.atMs <= instant.getTime());
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = instant.getTime();
  }
}
