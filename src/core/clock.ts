/** A scheduled callback; `cancel` does nothing once it was called. */
export interface Alarm {
  cancel(): void;
}

/** The only source of time. Everything that depends on time receives one; tests pass one that they move. */
export interface Clock {
  now(): Date;
  /** Calls `callback` once, as soon as `now()` is at or after `instant`, never synchronously. */
  at(instant: Date, callback: () => void): Alarm;
}

/** setTimeout turns longer delays into 1 ms, so a far instant needs several timers. */
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

  /** Call it when the clock was set, because timers do not notice that. */
  rescheduleAll(): void {
    for (const wait of this.#pending) wait();
  }
}

const systemAlarms = new Alarms(Date.now);

/** The process's own clock, which may be wrong. It decides nothing that other processes store or read. */
export const systemClock: Clock = {
  now: () => new Date(),
  at: (instant, callback) => systemAlarms.at(instant, callback),
};

/** For durations only: milliseconds since the process started. Setting the clock does not change it. */
export const monotonicMs = (): number => performance.now();
