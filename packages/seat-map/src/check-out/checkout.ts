import type { SeatMapClient } from '../core/client.js';
import { newRequestId } from '../core/request-id.js';
import { WAIT_MS_MAX } from '../core/retry.js';
import type { SeatHold } from '../core/seat-hold.js';
import { Store } from '../core/store.js';
import { awaitsBuyer, type CheckoutCalls, checkOut, type Outcome, settled } from './attempt.js';
import { checkoutCalls } from './checkout-calls.js';
import { type Attempt, type Journal, journalIn } from './journal.js';
import { timeToPay } from './time-to-pay.js';

/** What the buyer has chosen. */
export type Order = Omit<Attempt, 'userId' | 'eventId' | 'requestId'>;

export type CheckoutState =
  /** `unpaidPaymentId`: the payment of a check-out that was closed before the buyer paid at the provider. */
  | { readonly kind: 'ready'; readonly unpaidPaymentId?: string }
  | { readonly kind: 'working'; readonly attempt: Attempt }
  | { readonly kind: 'done'; readonly attempt: Attempt; readonly outcome: Outcome };

const READY: CheckoutState = { kind: 'ready' };

/** An unanswered attempt is repeated automatically this often, after pauses that double. */
const REPEATS_MAX = 5;
const FIRST_REPEAT_AFTER_MS = 5_000;

/** The check-out of what `hold` holds. */
export const createCheckout = (client: SeatMapClient, hold: SeatHold): Checkout =>
  client.shared(`check-out ${hold.eventId}`, () => new Checkout(client, hold));

/**
 * Paying for held seats of one event, and booking them. An attempt that a reload, a lost connection or the end of a session
 * has interrupted is repeated by itself, with its request id.
 */
export class Checkout extends Store<CheckoutState> {
  readonly #calls: CheckoutCalls;
  readonly #journal: Journal;
  #state: CheckoutState = READY;
  #shown: CheckoutState = READY;
  #inProgress: Attempt | undefined;
  #unpaid: { readonly attempt: Attempt; readonly paymentId: string } | undefined;
  #repeats = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: readonly (() => void)[] = [];

  constructor(
    private readonly client: SeatMapClient,
    private readonly hold: SeatHold,
  ) {
    super();
    this.#calls = checkoutCalls(client.call);
    this.#journal = journalIn(client.storage);
  }

  /** The check-out of the present viewer. A pending payment ends when the viewer's bookings show its end. */
  readonly getSnapshot = (): CheckoutState => this.#shown;

  /** Pays for the order and books it. Ignored without a user, and while another order of the user is being paid for. */
  pay(order: Order): void {
    const userId = this.client.viewerId;
    if (userId == null) return;
    this.#repeats = 0;
    void this.#run({ userId, eventId: this.hold.eventId, ...order, requestId: newRequestId() }, true);
  }

  /** Sends an unanswered attempt again, or opens one again that was closed before the buyer paid. */
  again(): void {
    const attempt = this.#unanswered()?.attempt ?? this.#unpaid?.attempt;
    if (attempt !== undefined) void this.#run(attempt);
  }

  /** Closes a check-out. One that the buyer has still to pay for can be opened again, also after a reload. */
  reset(): void {
    const state = this.#shown;
    if (state.kind === 'done') {
      const { attempt, outcome } = state;
      if (outcome.kind === 'booked') this.#journal.remove(attempt);
      if (outcome.kind === 'pending' && awaitsBuyer(outcome))
        this.#unpaid = { attempt, paymentId: outcome.payment.id };
    }
    this.#set(READY);
  }

  protected open(): void {
    const map = this.client.seatMap(this.hold.eventId);
    // The map shows when the connection is back.
    let wasLive = map.getSnapshot().isLive;
    this.#stopListening = [
      this.client.onViewer(() => this.#viewerChanged()),
      this.hold.subscribe(() => this.#show()),
      map.subscribe(() => {
        const { isLive } = map.getSnapshot();
        if (isLive && !wasLive) this.#online();
        wasLive = isLive;
      }),
    ];
    this.#viewerChanged();
  }

  protected close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stopListening) stop();
  }

  /** Continues what was interrupted, if its user is the present one. */
  #viewerChanged(): void {
    const userId = this.client.viewerId;
    const interrupted = userId == null ? null : this.#journal.read(userId, this.hold.eventId);
    if (interrupted !== null) void this.#run(interrupted);
    else this.#repeatLater();
    this.#show();
  }

  /** An unanswered attempt is sent at once. */
  #online(): void {
    const unanswered = this.#unanswered();
    if (unanswered === undefined || unanswered.retryAfterMs > 0) return;
    this.#repeats = 0;
    void this.#run(unanswered.attempt);
  }

  async #run(attempt: Attempt, isNew = false): Promise<void> {
    // Ignores a second click.
    if (this.#inProgress?.userId === attempt.userId) return;
    this.#inProgress = attempt;
    this.#unpaid = undefined;
    this.#set({ kind: 'working', attempt });
    const outcome: Outcome =
      isNew && (await this.#isTooLate(attempt))
        ? { kind: 'too late' }
        : await checkOut(attempt, this.#calls, this.#journal, { onWait: this.client.retryOptions().onWait });
    // Another user has signed in meanwhile and is paying.
    if (this.#inProgress !== attempt) return;
    this.#inProgress = undefined;
    this.#set({ kind: 'done', attempt, outcome });
    this.#repeatLater();
  }

  /** Whether it is too late to start this payment. Locks that end soon are extended first. */
  async #isTooLate({ seatNumbers }: Attempt): Promise<boolean> {
    // By the device's own time it could seem so at any time. The server refuses locks that have ended.
    if (!this.client.clock.hasReceived) return false;
    const paidFor = this.hold
      .getSnapshot()
      .reservations.locks.filter(
        ({ seatNumber, status }) => status === 'ACTIVE' && seatNumbers.includes(seatNumber),
      );
    const extend = (lockId: string) => this.hold.extendLock(lockId);
    return (await timeToPay(paidFor, this.client.clock.nowMs(), extend)).isTooLate;
  }

  #unanswered(): { readonly attempt: Attempt; readonly retryAfterMs: number } | undefined {
    const state = this.#state;
    if (state.kind !== 'done' || state.outcome.kind !== 'unanswered') return undefined;
    // Only in its own user's session.
    if (state.attempt.userId !== this.client.viewerId) return undefined;
    return { attempt: state.attempt, retryAfterMs: state.outcome.retryAfterMs };
  }

  /** The connection may have been there all the time, so an unanswered attempt is repeated after growing pauses. */
  #repeatLater(): void {
    clearTimeout(this.#timer);
    const unanswered = this.#unanswered();
    if (unanswered === undefined) return;
    const { attempt, retryAfterMs } = unanswered;
    if (!this.isOpen || this.#repeats >= REPEATS_MAX || retryAfterMs > WAIT_MS_MAX) return;
    this.#timer = setTimeout(
      () => {
        this.#repeats += 1;
        void this.#run(attempt);
      },
      Math.max(FIRST_REPEAT_AFTER_MS * 2 ** this.#repeats, retryAfterMs),
    );
  }

  #set(state: CheckoutState): void {
    this.#state = state;
    this.#show();
  }

  #show(): void {
    const before = this.#shown;
    this.#shown = this.#present();
    if (JSON.stringify(before) !== JSON.stringify(this.#shown)) this.notify();
    else this.#shown = before;
  }

  #present(): CheckoutState {
    const state = this.#state;
    const { viewerId } = this.client;
    // Another user has signed in meanwhile, who must not see or continue it.
    const isOthers = ({ userId }: Attempt) => viewerId != null && userId !== viewerId;
    if (state.kind === 'ready' || isOthers(state.attempt)) {
      if (this.#unpaid === undefined || this.#unpaid.attempt.userId !== viewerId) return READY;
      return { kind: 'ready', unpaidPaymentId: this.#unpaid.paymentId };
    }
    if (state.kind === 'working') return state;
    return { ...state, outcome: settled(state.outcome, this.hold.getSnapshot().reservations.bookings) };
  }
}
