import { CONFIRM, DO_NOTHING, LOCK, PAY } from './operations.js';
import { type Caller, overHttp, overWebSocket, Refused, type Transport } from './transports.js';

/**
 * The load, in a process of its own so that its work is in nobody's figures. It is sent one job at a time and answers
 * with what it measured.
 */
export interface LoadJob {
  readonly url: string;
  readonly transport: 'http' | 'websocket';
  /** For each caller, the tokens of the users that it acts for; over WebSocket one. */
  readonly tokens: readonly (readonly string[])[];
  readonly phase: Phase;
  /** Callers stop taking new work after this. */
  readonly durationMs: number;
  /** Seats from the first to the last, taken in turn; and what earlier phases made of them. */
  readonly work: readonly Work[];
}

export type Phase = 'lock' | 'pay' | 'confirm' | 'journey' | 'nothing';

/** One seat of one event on its way to a booking, always in the hands of the same caller. */
export interface Work {
  readonly eventId: string;
  readonly seatNumber: number;
  readonly caller: number;
  /** Which of the caller's users wants it. */
  readonly user: number;
  lockId?: string;
  paymentId?: string;
}

export interface LoadResult {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** The work that got through the phase. */
  readonly done: readonly Work[];
}

process.on('message', async (job: LoadJob) => {
  process.send?.(await run(job));
});

async function run(job: LoadJob): Promise<LoadResult> {
  const transport: Transport =
    job.transport === 'http' ? overHttp(job.url, job.tokens) : await overWebSocket(job.url, job.tokens);
  const workOfCaller = job.tokens.map((): Work[] => []);
  for (const work of job.work) workOfCaller[work.caller]?.push(work);

  const latenciesMs: number[] = [];
  const refusals: Record<string, number> = {};
  const done: Work[] = [];
  const startMs = performance.now();
  const fan = async (caller: Caller, index: number) => {
    for (const work of workOfCaller[index] ?? []) {
      const beginMs = performance.now();
      if (beginMs - startMs > job.durationMs) return;
      try {
        await STEPS[job.phase]((query, variables) => caller.call(query, variables, work.user), work);
        done.push(work);
      } catch (error) {
        const code = error instanceof Refused ? error.code : String(error);
        refusals[code] = (refusals[code] ?? 0) + 1;
      }
      latenciesMs.push(performance.now() - beginMs);
    }
  };
  await Promise.all(transport.callers.map(fan));
  const elapsedMs = performance.now() - startMs;
  await transport.close();
  return { latenciesMs, elapsedMs, refusals, done };
}

type Call = (query: string, variables: object) => Promise<Record<string, unknown>>;

const STEPS: Record<Phase, (call: Call, work: Work) => Promise<void>> = {
  lock: async (call, work) => {
    const { eventId, seatNumber } = work;
    const data = await call(LOCK, { input: { eventId, seatNumber } });
    work.lockId = (data.lockSeat as { id: string }).id;
  },
  pay: async (call, work) => {
    const input = { lockIds: [work.lockId], amount: 15_000, currency: 'USD', cardStatus: 'SUCCESS' };
    const data = await call(PAY, { input });
    work.paymentId = (data.simulatePayment as { paymentId: string }).paymentId;
  },
  confirm: async (call, work) => {
    const { lockId, paymentId, eventId, seatNumber } = work;
    await call(CONFIRM, { input: { lockId, paymentId, requestId: `${eventId} ${seatNumber}` } });
  },
  journey: async (call, work) => {
    await STEPS.lock(call, work);
    await STEPS.pay(call, work);
    await STEPS.confirm(call, work);
  },
  nothing: async (call, { seatNumber }) => {
    await call(DO_NOTHING, { seatNumber });
  },
};
