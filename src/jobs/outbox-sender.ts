import type { ClaimedMessage, OutboxStore } from '../booking/outbox.js';
import { CLAIM_MS } from '../booking/outbox.js';
import { mustBeSent, type OutboxMessage } from '../booking/outbox-messages.js';
import { type Clock, monotonicMs } from '../core/clock.js';
import { RefusedForGood, WaitsForEarlier } from '../core/delivery.js';
import type { Log } from '../core/log.js';

/** Messages that one process sends at a time. */
const SENT_AT_ONCE_MAX = 16;
/** Messages that wait in this process for their turn. The job sends those beyond. */
const QUEUED_MAX = 2_000;
/** A queued message is sent only while this much of its claim is left for the call. */
const SEND_MS_MAX = CLAIM_MS / 2;
/** Rounds of messages that the job claims at a time. */
const ROUNDS_CLAIMED_MAX = 2;
/** After this time a run of the job claims no more. The next run continues. */
const RUN_MS_MAX = 10_000;
/**
 * The waits after failed attempts grow from 5 s to an hour, 11 hours in all. Stripe forgets an idempotency key after 24
 * hours, so that is the longest that a message may be repeated by its key alone.
 */
const FIRST_WAIT_MS = 5_000;
const WAIT_MS_MAX = 60 * 60 * 1_000;
export const ATTEMPTS_MAX = 20;
/** How soon a message is tried again that must wait for an earlier one. */
const WAIT_FOR_EARLIER_MS = 2_000;

/**
 * Sends messages of one kind. It throws if the message must be sent again.
 *
 * @param isRepeated whether an earlier attempt may have had its effect
 */
export type Send<Message extends OutboxMessage> = (message: Message, isRepeated: boolean) => Promise<void>;
/** Who sends each kind of message. Other kinds are left alone. */
export type Senders = {
  readonly [Kind in OutboxMessage['kind']]?: Send<Extract<OutboxMessage, { kind: Kind }>>;
};

export type SendOutcome = 'sent' | 'waits' | 'postponed' | 'given_up';

export interface OutboxObserver {
  attempted(kind: OutboxMessage['kind'], outcome: SendOutcome): void;
}

/** Sends the messages of the outbox: those of this process's own batches at once, and all that are left by the job. */
export class OutboxSender {
  readonly #queue: {
    readonly claimed: ClaimedMessage;
    readonly queuedMs: number;
    readonly ended: () => void;
  }[] = [];
  #sending = 0;
  #sentIds: string[] = [];
  #recording: Promise<void> | undefined;
  #closed = false;
  readonly #kinds: readonly OutboxMessage['kind'][];
  readonly #inProgress = new Set<Promise<void>>();

  constructor(
    private readonly outbox: OutboxStore,
    private readonly senders: Senders,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly observer?: OutboxObserver,
    private readonly sentAtOnceMax = SENT_AT_ONCE_MAX,
  ) {
    this.#kinds = Object.keys(senders) as OutboxMessage['kind'][];
  }

  /** Sends messages that were just committed, if they are of its kinds. The caller does not wait. */
  send(claimed: readonly ClaimedMessage[]): void {
    for (const each of claimed) if (this.#kinds.includes(each.message.kind)) void this.#enqueue(each);
  }

  /** Sends what is due, for RUN_MS_MAX. @returns how many messages were tried */
  async sendDue(): Promise<number> {
    const startMs = monotonicMs();
    const limit = this.sentAtOnceMax * ROUNDS_CLAIMED_MAX;
    for (let tried = 0; ; ) {
      const claimed = this.#closed ? [] : await this.outbox.claimDue(this.#kinds, limit);
      await Promise.all(claimed.map((each) => this.#enqueue(each)));
      tried += claimed.length;
      if (claimed.length < limit || monotonicMs() - startMs > RUN_MS_MAX) return tried;
    }
  }

  /** Starts no more calls, and returns once those in progress have ended. The next process sends what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { ended } of this.#queue.splice(0)) ended();
    await Promise.all(this.#inProgress);
  }

  /** @returns once it was tried; at once if there is no room for it */
  #enqueue(claimed: ClaimedMessage): Promise<void> {
    if (this.#closed || this.#queue.length >= QUEUED_MAX) return Promise.resolve();
    return new Promise((ended) => {
      this.#queue.push({ claimed, queuedMs: monotonicMs(), ended });
      this.#next();
    });
  }

  #next(): void {
    while (this.#sending < this.sentAtOnceMax) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const { claimed, queuedMs, ended } = next;
      if (monotonicMs() - queuedMs > CLAIM_MS - SEND_MS_MAX) {
        ended();
        continue;
      }
      this.#sending += 1;
      const sent = this.#try(claimed).finally(() => {
        this.#sending -= 1;
        this.#inProgress.delete(sent);
        ended();
        this.#next();
      });
      this.#inProgress.add(sent);
    }
  }

  /** Never throws. If the outcome cannot be stored, the claim ends and the message is sent again. */
  async #try(claimed: ClaimedMessage): Promise<void> {
    const { message } = claimed;
    try {
      const outcome = await this.#attempt(claimed);
      this.observer?.attempted(message.kind, outcome);
    } catch (error) {
      this.log.warn({ err: error, messageId: message.id }, 'The outcome of a message was not stored');
    }
  }

  async #attempt(claimed: ClaimedMessage): Promise<SendOutcome> {
    const { message, claims } = claimed;
    try {
      const send = this.senders[message.kind] as Send<OutboxMessage>;
      await send(message, claims > 1);
    } catch (error) {
      return await this.#afterFailure(claimed, error);
    }
    this.#sentIds.push(message.id);
    await this.#recordSent();
    return 'sent';
  }

  async #afterFailure(claimed: ClaimedMessage, error: unknown): Promise<SendOutcome> {
    const { message, failures } = claimed;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof WaitsForEarlier) {
      await this.outbox.postpone(claimed, this.#in(WAIT_FOR_EARLIER_MS), failures, reason);
      return 'waits';
    }
    const attempts = failures + 1;
    const facts = { err: error, messageId: message.id, kind: message.kind, attempts };
    if (error instanceof RefusedForGood || attempts >= ATTEMPTS_MAX) {
      if (mustBeSent(message)) this.log.error(facts, 'A message was given up: somebody has to look at it');
      else this.log.warn(facts, 'A mail was given up');
      await this.outbox.giveUp(claimed, reason);
      return 'given_up';
    }
    this.log.warn(facts, 'A message was not sent; it is sent again');
    await this.outbox.postpone(claimed, this.#in(waitMs(attempts)), attempts, reason);
    return 'postponed';
  }

  /** One statement for all messages that were sent in this turn of the event loop. */
  #recordSent(): Promise<void> {
    this.#recording ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#recording = undefined;
      return this.outbox.done(this.#sentIds.splice(0));
    });
    return this.#recording;
  }

  #in = (ms: number): Date => new Date(this.clock.now().getTime() + ms);
}

export const waitMs = (attempts: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), WAIT_MS_MAX);
