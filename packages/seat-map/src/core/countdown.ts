/** With less time left than this, the countdown warns. */
export const ENDING_MS = 60_000;

export interface Countdown {
  /** Whole seconds, rounded up, so that 0 means expired. */
  readonly secondsLeft: number;
  readonly phase: 'running' | 'ending' | 'over';
  /** "4:59" */
  readonly text: string;
}

/** @param endsAtMs, @param nowMs by the server's clock, since the epoch */
export function countdown(endsAtMs: number, nowMs: number): Countdown {
  const leftMs = Math.max(0, endsAtMs - nowMs);
  const secondsLeft = Math.ceil(leftMs / 1_000);
  const text = `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}`;
  return { secondsLeft, text, phase: leftMs === 0 ? 'over' : leftMs <= ENDING_MS ? 'ending' : 'running' };
}
