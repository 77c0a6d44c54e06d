import { setTimeout as wait } from 'node:timers/promises';

/** Starts calls at a steady pace, however long each takes, and returns once all have ended. */
export async function atPace<Done>(
  perSecond: number,
  count: number,
  start: (index: number) => Promise<Done>,
): Promise<Done[]> {
  const startMs = performance.now();
  const started: Promise<Done>[] = [];
  for (let index = 0; index < count; index++) {
    const waitMs = startMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await wait(waitMs);
    const done = start(index);
    // Awaited below with all the others.
    done.catch(() => undefined);
    started.push(done);
  }
  return Promise.all(started);
}
