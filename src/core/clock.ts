/** A wake-up that has been asked for; `cancel` is harmless once it rang. */
export interface Alarm {
  cancel(): void;
}

/** The only source of time. Everything that depends on time is given one; tests give one that they move. */
export interface Clock {
  now(): Date;
  /** Calls `callback` once, as soon as `now()` is at or after `instant`, never synchronously. */
  at(instant: Date, callback: () => void): Alarm;
}

/** setTimeout turns longer delays into 1 ms, so that a far instant is approached in steps. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The alarms of one clock. */
export class Alarms {
  readonly #pending = new Set<() => void>();

  constructor(private readonly nowMs: () => number) {}

  at(instant: Date, callback: () => void): Alarm {
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(timer);
      const leftMs = Math.max(0, instant.getTime() - this.nowMs());
      timer = setTimeout(check, Math.min(leftMs, TIMER_MS_MAX));
      timer.unref();
    };
    const check = () => {
      if (this.nowMs() < instant.getTime()) return wait();
      this.#pending.delete(wait);
      callback();
    };
    this.#pending.add(wait);
    wait();
    return {
      cancel: () => {
        clearTimeout(timer);
        this.#pending.delete(wait);
      },
    };
  }

  /** To be called when the clock was set: timers do not notice that. */
  rescheduleAll(): void {
    for (const wait of this.#pending) wait();
  }
}

const systemAlarms = new Alarms(Date.now);

/** The process's own clock, which may be wrong. Nothing that other processes store or read goes by it. */
export const systemClock: Clock = {
  now: () => new Date(),
  at: (instant, callback) => systemAlarms.at(instant, callback),
};

/** For durations alone: milliseconds since the process began, which no clock change moves. */
export const monotonicMs = (): number => performance.now();
