import { setTimeout as sleep } from 'node:timers/promises';
import { STEPS } from './booking-steps.js';
import { type LoadJob, type LoadRequest, type LoadResult, UNANSWERED, type Work } from './load-job.js';
import { type Caller, overHttp, overWebSocket, Refused, type Transport } from './transports.js';
import { serveRequests } from './worker.js';

/** Creates the load in a process of its own, so that the client's CPU time is not measured. */

/**
 * How long the client waits for answers after the last new call. Longer than the 120 s for which a MongoDB driver retries
 * a transaction, so that calls in permanent conflict are answered and counted with their time.
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

  /** Start times of the calls without an answer. */
  const inProgress = new Map<Caller, number>();
  let ended = false;
  const startMs = performance.now();
  const runCaller = async (caller: Caller, index: number) => {
    for (const work of workOfCaller[index] ?? []) {
      const callMs = performance.now();
      if (ended || callMs - startMs > job.durationMs) return;
      inProgress.set(caller, callMs);
      let error: unknown;
      try {
        await STEPS[job.step]((query, variables) => caller.call(query, variables, work.user), work);
      } catch (thrown) {
        error = thrown;
      }
      // The time limit has passed; this call was already counted as unanswered.
      if (ended) return;
      inProgress.delete(caller);
      latenciesMs.push(performance.now() - callMs);
      if (error === undefined) done.push(work);
      else refused(error);
    }
  };
  const answerLimit = new AbortController();
  await Promise.race([
    Promise.all(callers.map(runCaller)),
    sleep(job.durationMs + ANSWER_MS_MAX, undefined, { signal: answerLimit.signal }).catch(() => undefined),
  ]);
  answerLimit.abort();
  ended = true;
  const endMs = performance.now();
  for (const callMs of inProgress.values()) {
    latenciesMs.push(endMs - callMs);
    refused(new Refused(UNANSWERED));
  }
  return { latenciesMs, elapsedMs: endMs - startMs, refusals, refusalsWithSuggestions, done };
}
