import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { type Deadline, UnansweredError, withRetries } from './retry.js';
import type { SaleRecord, Step } from './sale-record.js';
import { type Api, type Data, NoAnswer, Refusal } from './server-api.js';

/** Shares of changes that are sent twice at once, or on a connection that breaks, in percent. */
const DOUBLE_CLICKS_PERCENT = 12;
const DROPS_PERCENT = 8;
/** When the connection breaks after sending: before, during or after the execution. */
const DROP_AFTER_MS_MAX = 120;
/** How long reconnecting takes. */
const RECONNECT_MS_MAX = 300;

/** Refusals that are normal in a sale. Any other one is a breach of the contract. */
const REFUSALS_OF_STEP: Readonly<Record<Step, readonly string[]>> = {
  readMap: [],
  lock: ['SEAT_UNAVAILABLE', 'SEAT_LIMIT_REACHED', 'SALE_PAUSED'],
  hold: ['SEAT_UNAVAILABLE', 'SEAT_LIMIT_REACHED', 'SALE_PAUSED'],
  extend: ['LOCK_EXPIRED', 'LOCK_EXTENSION_LIMIT'],
  pay: ['LOCK_EXPIRED'],
  confirm: ['LOCK_EXPIRED'],
  checkOut: ['HOLD_EXPIRED'],
  settle: [],
  release: [],
  cancel: [],
};

/** Compares two answers to one double click. Steps without it are clicked once. */
export type SameAnswer = (one: Data, other: Data) => boolean;

/** One fan's connection to the server, with double clicks, lost connections and retries. */
export class FanClient {
  constructor(
    private readonly api: Api,
    private readonly token: string,
    private readonly deadline: Deadline,
    private readonly random: SeededRandom,
    private readonly record: SaleRecord,
  ) {}

  /** Sends a query. */
  read = (step: Step, operation: string, variables: object): Promise<Data> =>
    this.#timed(step, () => this.#ask(operation, variables));

  /**
   * Sends a change that is safe to repeat: it has a requestId or is idempotent.
   *
   * @throws Refusal with a code that is normal for the step; UnansweredError
   */
  async change(step: Step, operation: string, variables: object, same?: SameAnswer): Promise<Data> {
    if (this.random.chance(DROPS_PERCENT)) {
      const answer = await this.#drop(operation, variables);
      if (answer !== undefined) return answer;
    }
    const click = () => this.#timed(step, () => this.#ask(operation, variables));
    if (same === undefined || !this.random.chance(DOUBLE_CLICKS_PERCENT)) return click();
    this.record.doubleClicks += 1;
    const clicks = await Promise.allSettled([click(), click()]);
    return this.#oneAnswer(step, clicks, same);
  }

  /** Sends a change and cuts the connection. @returns the answer if it came first */
  async #drop(operation: string, variables: object): Promise<Data | undefined> {
    const connection = new AbortController();
    const timer = setTimeout(() => connection.abort(), this.random.below(DROP_AFTER_MS_MAX));
    try {
      return await this.api.ask(operation, variables, this.token, connection.signal);
    } catch (error) {
      if (connection.signal.aborted) this.record.dropped += 1;
      // A refusal is the same when the call is repeated, and is handled there.
      if (!(error instanceof NoAnswer) && !(error instanceof Refusal)) throw error;
      await this.deadline.pause(this.random.below(RECONNECT_MS_MAX));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #oneAnswer(step: Step, clicks: readonly PromiseSettledResult<Data>[], same: SameAnswer): Data {
    const answers = clicks.flatMap((click) => (click.status === 'fulfilled' ? [click.value] : []));
    const [one, other] = answers;
    if (one !== undefined && other !== undefined && !same(one, other)) {
      this.record.breach(`${step}: two answers to one click: ${JSON.stringify([one, other])}`);
    }
    if (one !== undefined) return one;
    const errors = clicks.flatMap((click) => (click.status === 'rejected' ? [click.reason as unknown] : []));
    throw errors.find((error) => error instanceof Refusal) ?? errors[0];
  }

  #ask(operation: string, variables: object): Promise<Data> {
    return withRetries(
      () => this.api.ask(operation, variables, this.token),
      this.deadline,
      this.random,
      this.record.retried,
    );
  }

  async #timed(step: Step, ask: () => Promise<Data>): Promise<Data> {
    const startMs = performance.now();
    try {
      const data = await ask();
      this.record.answered(step, performance.now() - startMs);
      return data;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.record.answered(step, performance.now() - startMs);
      if (!REFUSALS_OF_STEP[step].includes(error.code)) {
        this.record.breach(`${step}: ${error.code}`);
        throw new UnansweredError(`${step}: ${error.code}`);
      }
      this.record.refused(error.code);
      throw error;
    }
  }
}
