/** A wake-up that has been asked for; `cancel` is harmless once it rang. */
export interface Alarm {
  cancel(): void;
}

/** The only source of time. Everything that depends on time is given one; tests give one that they move. */
export interface Clock {
  now(): Date;
  /** Calls `ring` once, as soon as `now()` is at or after `instant`, never synchronously. */
  at(instant: Date, ring: () => void): Alarm;
}

/** setTimeout turns longer delays into 1 ms, so that a far instant is approached in steps. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  at(instant, ring) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const leftMs = instant.getTime() - Date.now();
      if (leftMs <= 0) ring();
      else arm(leftMs);
    };
    const arm = (leftMs: number) => {
      timer = setTimeout(wait, Math.min(leftMs, TIMER_MS_MAX));
      timer.unref();
    };
    arm(Math.max(0, instant.getTime() - Date.now()));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** For durations alone: milliseconds since the process began, which no clock change moves. */
export const monotonicMs = (): number => performance.now();
