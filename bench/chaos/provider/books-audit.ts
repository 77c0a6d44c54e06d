import type { FakeRefund, Intent } from '../../../src/test/support/fake-stripe.js';

/** What the two sides know about the money of one event. */
export interface Books {
  readonly payments: readonly {
    readonly paymentId: string;
    readonly amount: number;
    readonly refundedAmount: number;
    readonly status: string;
    readonly shares: readonly {
      readonly lockId: string;
      readonly amount: number;
      readonly refunded: boolean;
    }[];
  }[];
  readonly bookings: readonly {
    readonly seatNumber: number;
    readonly status: string;
    readonly paymentId: string;
  }[];
  readonly price: number;
  readonly intents: readonly Intent[];
  readonly refunds: readonly FakeRefund[];
  /** Ids of messages that were given up. */
  readonly failedMessages: readonly string[];
}

/** Whether everything is final on both sides. PENDING apart, the books must be equal at every moment. */
export const isSettled = ({ payments, intents }: Books): boolean =>
  payments.every(({ status }) => status !== 'pending') &&
  intents.every(({ status }) => status === 'succeeded' || status === 'canceled');

/** @returns every difference between the provider's books and ours, as a sentence */
export function auditBooks(books: Books): string[] {
  const { payments, bookings, intents, price, failedMessages } = books;
  const wrong: string[] = [...failedMessages].map((id) => `${id} was given up`);
  const kept = (intent: Intent) =>
    books.refunds
      .filter(({ payment_intent }) => payment_intent === intent.id)
      .reduce((left, { amount }) => left - amount, intent.amount_received);
  const intentsOf = new Map<string, Intent[]>();
  for (const intent of intents) {
    const { paymentId = '' } = intent.metadata;
    intentsOf.set(paymentId, [...(intentsOf.get(paymentId) ?? []), intent]);
  }

  for (const { paymentId, amount, refundedAmount, status, shares } of payments) {
    const [intent, ...others] = intentsOf.get(paymentId) ?? [];
    if (others.length > 0) wrong.push(`${paymentId} was started ${others.length + 1} times`);
    const ours = status === 'completed' || status === 'refunded' ? amount - refundedAmount : 0;
    const theirs = intent === undefined ? 0 : kept(intent);
    if (ours !== theirs) wrong.push(`${paymentId} is ${status}: we keep ${ours}, the provider ${theirs}`);
    for (const { lockId, refunded, amount: share } of shares) {
      const id = `${paymentId}:refund:${lockId}`;
      const made = books.refunds.filter(({ metadata }) => metadata.messageId === id);
      if (made.length > 1) wrong.push(`${id} was made ${made.length} times`);
      if (refunded && made[0]?.amount !== share) wrong.push(`${id} of ${share} was not made`);
      if (!refunded && made.length > 0) wrong.push(`${id} was made for a seat that is kept`);
    }
  }
  const known = new Set(payments.map(({ paymentId }) => paymentId));
  for (const [paymentId, [intent]] of intentsOf)
    if (!known.has(paymentId) && intent) wrong.push(`${intent.id} is of a payment that we do not have`);

  const confirmed = bookings.filter(({ status }) => status === 'confirmed');
  const seats = new Set(confirmed.map(({ seatNumber }) => seatNumber));
  if (seats.size !== confirmed.length) wrong.push('a seat has two confirmed bookings');
  const statusOf = new Map(payments.map(({ paymentId, status }) => [paymentId, status]));
  for (const { seatNumber, paymentId } of confirmed)
    if (statusOf.get(paymentId) !== 'completed') wrong.push(`seat ${seatNumber} is confirmed and not paid`);
  const sum = intents.reduce((total, intent) => total + kept(intent), 0);
  if (sum !== confirmed.length * price)
    wrong.push(`the provider keeps ${sum} for ${confirmed.length} seats at ${price}`);
  return wrong;
}
