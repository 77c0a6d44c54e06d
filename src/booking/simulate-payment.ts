import { newPaymentId } from '../core/ids.js';
import { billOf, checkNamedSum } from './bill.js';
import type { SimulatePayment } from './commands.js';
import type { Draft } from './draft.js';
import { isReplay, requestKey } from './idempotent-request.js';
import { putNewPayment, replayedPayment, requireUnpaid } from './new-payment.js';
import { CARD_ANSWERS, type CardStatus, type Payment, SIMULATED } from './payment.js';
import { requireAllActive, requireNotStarted } from './refusals.js';
import { eventOfLocks } from './route.js';

export interface CardPayment {
  readonly lockIds: readonly string[];
  /** Default: the sum of the seats' prices. */
  readonly amount?: number | null | undefined;
  /** Default: the event's. */
  readonly currency?: string | null | undefined;
  readonly cardStatus: CardStatus;
  readonly requestId?: string | null | undefined;
}

/** @throws BAD_USER_INPUT */
export function simulatePaymentCommand(userId: string, input: CardPayment, now: Date): SimulatePayment {
  const { lockIds, amount = null, currency = null, cardStatus } = input;
  const eventId = eventOfLocks(lockIds);
  checkNamedSum({ amount, currency });
  return {
    kind: 'simulatePayment',
    eventId,
    userId,
    lockIds,
    amount,
    currency,
    cardStatus,
    newPaymentId: newPaymentId(eventId, now),
    // The input as it was sent: a repeated call that names the sum which the first one left out has other input.
    request:
      input.requestId == null
        ? null
        : requestKey(userId, 'simulatePayment', input.requestId, [lockIds, amount, currency, cardStatus]),
  };
}

/**
 * Pays for locks with a simulated card. If the card is refused, the answer is a FAILED payment and no error.
 *
 * @throws IDEMPOTENCY_CONFLICT, LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, LOCK_ALREADY_PAID, EVENT_CLOSED,
 *   AMOUNT_MISMATCH, BAD_USER_INPUT; PAYMENT_NOT_FOUND for a repeated call whose payment has been deleted
 */
export function simulatePayment(draft: Draft, command: SimulatePayment, now: Date): Payment {
  const { event } = draft;
  const { request, userId } = command;
  const earlier = request === null ? undefined : draft.request(request.id);
  if (request !== null && isReplay(earlier, request)) return replayedPayment(draft, earlier);

  const locks = requireAllActive(command.lockIds, draft.lock, userId, now, 'lockIds');
  requireUnpaid(locks);
  requireNotStarted(event, now, 'paid');

  const payment = putNewPayment(
    draft,
    {
      id: command.newPaymentId,
      userId,
      bill: billOf(event, locks, command),
      provider: SIMULATED,
      answer: CARD_ANSWERS[command.cardStatus],
      contactEmail: null,
    },
    now,
  );
  if (payment.status !== 'failed') {
    for (const lock of locks) draft.putLock({ ...lock, paymentId: payment.id });
  }
  if (request !== null) draft.putRequest({ resultIds: [payment.id], createdAt: now, ...request });
  return payment;
}
