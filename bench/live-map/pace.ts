import { setTimeout as wait } from 'node:timers/promises';

/** Begins something at a steady pace, however long each takes, and returns once all have ended. */
export async function atPace<Done>(
  perSecond: number,
  count: number,
  begin: (index: number) => Promise<Done>,
): Promise<Done[]> {
  const startMs = performance.now();
  const begun: Promise<Done>[] = [];
  for (let index = 0; index < count; index++) {
    const waitMs = startMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await wait(waitMs);
    const done = begin(index);
    // It is waited for below, with all the others.
    done.catch(() => undefined);
    begun.push(done);
  }
  return Promise.all(begun);
}
