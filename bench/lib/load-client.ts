import { setTimeout as sleep } from 'node:timers/promises';
import { STEPS } from './booking-steps.js';
import { type LoadJob, type LoadRequest, type LoadResult, UNANSWERED, type Work } from './load-job.js';
import { type Caller, overHttp, overWebSocket, Refused, type Transport } from './transports.js';
import { serveRequests } from './worker.js';

/** The load, in a process of its own so that its work is in nobody's figures. */

/**
 * How long answers are waited for once no new work is taken. Longer than the 120 s for which a MongoDB driver repeats a
 * transaction, so that what collides all the time is answered in the end and counted with the time that it took.
 */
const ANSWER_MS_MAX = 150_000;

let job: LoadJob | undefined;
let transport: Transport | undefined;

serveRequests<LoadRequest, LoadResult | null>(async (request) => {
  if (typeof request === 'object') {
    job = request.open;
    transport =
      job.transport === 'http'
        ? await overHttp(job.urls, job.tokens)
        : await overWebSocket(job.urls, job.tokens);
    return null;
  }
  if (job === undefined || transport === undefined) throw new Error('There is no job.');
  if (request === 'run') return run(transport, job);
  await transport.close();
  transport = undefined;
  return null;
});

async function run({ callers }: Transport, job: LoadJob): Promise<LoadResult> {
  const workOfCaller = callers.map((): Work[] => []);
  for (const work of job.work) workOfCaller[work.caller]?.push(work);

  const latenciesMs: number[] = [];
  const refusals: Record<string, number> = {};
  const done: Work[] = [];
  let refusalsWithSuggestions = 0;
  const refused = (error: unknown) => {
    const code = error instanceof Refused ? error.code : String(error);
    refusals[code] = (refusals[code] ?? 0) + 1;
    if (error instanceof Refused && error.suggestedSeats.length > 0) refusalsWithSuggestions += 1;
  };

  /** When the call of a caller began that has no answer yet. */
  const underWay = new Map<Caller, number>();
  let over = false;
  const startMs = performance.now();
  const fan = async (caller: Caller, index: number) => {
    for (const work of workOfCaller[index] ?? []) {
      const beginMs = performance.now();
      if (over || beginMs - startMs > job.durationMs) return;
      underWay.set(caller, beginMs);
      let error: unknown;
      try {
        await STEPS[job.step]((query, variables) => caller.call(query, variables, work.user), work);
      } catch (thrown) {
        error = thrown;
      }
      // Whoever comes so late has been counted.
      if (over) return;
      underWay.delete(caller);
      latenciesMs.push(performance.now() - beginMs);
      if (error === undefined) done.push(work);
      else refused(error);
    }
  };
  const tooLate = new AbortController();
  await Promise.race([
    Promise.all(callers.map(fan)),
    sleep(job.durationMs + ANSWER_MS_MAX, undefined, { signal: tooLate.signal }).catch(() => undefined),
  ]);
  tooLate.abort();
  over = true;
  const endMs = performance.now();
  for (const beginMs of underWay.values()) {
    latenciesMs.push(endMs - beginMs);
    refused(new Refused(UNANSWERED));
  }
  return { latenciesMs, elapsedMs: endMs - startMs, refusals, refusalsWithSuggestions, done };
}
