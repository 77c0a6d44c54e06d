import { useApolloClient } from '@apollo/client/react';
import { nanoid } from 'nanoid';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Seating } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import {
  CheckOutDocument,
  ConfirmBookingsDocument,
  ExtendLockDocument,
  type LockDetailsFragment,
  PaymentDocument,
  ViewerDocument,
} from '../graphql/generated/graphql.js';
import { isSessionEnded } from '../network/api-error.js';
import { WAIT_MS_MAX } from '../network/retry.js';
import { useServices } from '../services.js';
import { waitText } from '../text/time.js';
import {
  type Attempt,
  adviceOn,
  awaitsBuyer,
  type CheckoutCalls,
  checkOut,
  journalIn,
  type Outcome,
} from './checkout.js';
import { lostText, purchaseText } from './purchase-text.js';
import { timeToPay } from './time-to-pay.js';

/** What the buyer has chosen. */
export type Order = Omit<Attempt, 'userId' | 'eventId' | 'requestId'>;

export type CheckoutState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'working'; readonly attempt: Attempt }
  | { readonly kind: 'done'; readonly attempt: Attempt; readonly outcome: Outcome };

const READY: CheckoutState = { kind: 'ready' };
const INT_MAX = 2 ** 31 - 1;

const TOO_LATE: Outcome = {
  kind: 'refused',
  message:
    'Too little time is left to pay for these seats, and they cannot be held longer. Nothing was paid.',
};

/** An unanswered attempt is repeated automatically this often, after pauses that double. */
const REPEATS_MAX = 5;
const FIRST_REPEAT_AFTER_MS = 5_000;

/** Pays and books for one viewer and event. Resumes an attempt that a reload interrupted. */
export function useCheckout(
  eventId: string,
  seating: Seating,
  viewerId: string | undefined,
  isOnline: boolean,
  held: {
    /** The viewer's held seats. */
    readonly locks: readonly LockDetailsFragment[];
    readonly onExtended: (locks: readonly LockDetailsFragment[]) => void;
  },
) {
  const client = useApolloClient();
  const { clock, serverBusyWait } = useServices();
  const announce = useAnnounce();
  const [state, setState] = useState<CheckoutState>(READY);
  /** A check-out that was closed before the buyer paid at the provider. */
  const [unpaid, setUnpaid] = useState<{ readonly attempt: Attempt; readonly paymentId: string }>();
  const inProgress = useRef<Attempt>(undefined);
  const viewerNow = useRef(viewerId);
  viewerNow.current = viewerId;
  const heldNow = useRef(held);
  heldNow.current = held;
  const journal = useMemo(() => journalIn(storageOfTab()), []);

  const calls = useMemo<CheckoutCalls>(
    () => ({
      async checkOut({ eventId, seatNumbers, total, isNamed, card, contactEmail, requestId }) {
        // A sum above GraphQL's Int can only come from prices, which the server knows.
        const expectedTotal = total.amount <= INT_MAX ? total : null;
        const input = {
          ...{ eventId, seatNumbers: [...seatNumbers], expectedTotal, simulatedCard: card },
          ...{ amount: isNamed ? total : null, contactEmail, requestId },
        };
        const { data } = await client.mutate({ mutation: CheckOutDocument, variables: { input } });
        return answered(data?.checkOut);
      },
      async confirm(paymentId) {
        const { data } = await client.query({
          query: PaymentDocument,
          variables: { paymentId },
          fetchPolicy: 'network-only',
        });
        const payment = answered(data?.payment);
        // The same on every device, so that the seats are booked once.
        const input = { lockIds: payment.lockIds, paymentId, requestId: `confirm ${paymentId}` };
        const { data: confirmed } = await client.mutate({
          mutation: ConfirmBookingsDocument,
          variables: { input },
        });
        return { payment, bookings: answered(confirmed?.confirmBookings) };
      },
      async viewerId() {
        try {
          const { data } = await client.query({ query: ViewerDocument, fetchPolicy: 'no-cache' });
          return answered(data?.me).id;
        } catch (error) {
          if (isSessionEnded(error)) return null;
          throw error;
        }
      },
    }),
    [client],
  );

  /** Whether it is too late to start this payment. Locks that end soon are extended first. */
  const isTooLate = useCallback(
    async ({ seatNumbers }: Attempt) => {
      const { locks, onExtended } = heldNow.current;
      const paidFor = locks.filter(
        ({ seatNumber, status }) => status === 'ACTIVE' && seatNumbers.includes(seatNumber),
      );
      const result = await timeToPay(paidFor, clock.nowMs(), async (lockId) => {
        const { data } = await client.mutate({ mutation: ExtendLockDocument, variables: { lockId } });
        return answered(data?.extendLock);
      });
      if (result.extended.length > 0) onExtended(result.extended);
      return result.isTooLate;
    },
    [client, clock],
  );

  const run = useCallback(
    async (attempt: Attempt, isNew = false) => {
      // Ignores a second click.
      if (inProgress.current?.userId === attempt.userId) return;
      inProgress.current = attempt;
      setUnpaid(undefined);
      setState({ kind: 'working', attempt });
      const outcome =
        isNew && (await isTooLate(attempt))
          ? TOO_LATE
          : await checkOut(attempt, calls, journal, { onWait: serverBusyWait.begin });
      // Another user has signed in meanwhile and is paying.
      if (inProgress.current !== attempt) return;
      inProgress.current = undefined;
      setState({ kind: 'done', attempt, outcome });
      const isOthers = viewerNow.current !== undefined && viewerNow.current !== attempt.userId;
      // SessionEnded announces the end of the session.
      if (outcome.kind !== 'session ended' && !isOthers)
        announce(textOf(outcome, hasOthers(attempt, heldNow.current.locks), seating), 'assertive');
    },
    [calls, journal, serverBusyWait, announce, seating, isTooLate],
  );

  // Resumes an attempt that a reload, a crash or the end of a session interrupted.
  useEffect(() => {
    const interrupted = viewerId === undefined ? null : journal.read(viewerId, eventId);
    if (interrupted !== null) void run(interrupted);
  }, [viewerId, eventId, journal, run]);

  // Repeats an attempt that a lost connection interrupted.
  const isUnanswered = state.kind === 'done' && state.outcome.kind === 'unanswered';
  const unanswered = isUnanswered ? state.attempt : undefined;
  const retryAfterMs = isUnanswered && state.outcome.kind === 'unanswered' ? state.outcome.retryAfterMs : 0;
  const wasOnline = useRef(isOnline);
  const repeats = useRef(0);
  useEffect(() => {
    const isBack = isOnline && !wasOnline.current;
    wasOnline.current = isOnline;
    // Only in its own user's session.
    if (unanswered === undefined || unanswered.userId !== viewerId) return;
    if (isBack && retryAfterMs === 0) {
      repeats.current = 0;
      void run(unanswered);
      return;
    }
    // The connection may have been there all the time, so the attempt is repeated after growing pauses.
    if (repeats.current >= REPEATS_MAX || retryAfterMs > WAIT_MS_MAX) return;
    const timer = setTimeout(
      () => {
        repeats.current += 1;
        void run(unanswered);
      },
      Math.max(FIRST_REPEAT_AFTER_MS * 2 ** repeats.current, retryAfterMs),
    );
    return () => clearTimeout(timer);
  }, [isOnline, unanswered, retryAfterMs, viewerId, run]);

  // Another user has signed in meanwhile, who must not see or continue it.
  const isOthers = state.kind !== 'ready' && viewerId !== undefined && state.attempt.userId !== viewerId;
  return {
    state: isOthers ? READY : state,
    pay: (order: Order) => {
      if (viewerId === undefined) return;
      repeats.current = 0;
      void run({ userId: viewerId, eventId, ...order, requestId: nanoid() }, true);
    },
    again: () => unanswered !== undefined && void run(unanswered),
    /** The payment whose check-out `payUnpaid` shows again. */
    unpaidPaymentId:
      unpaid !== undefined && unpaid.attempt.userId === viewerId ? unpaid.paymentId : undefined,
    payUnpaid: () => unpaid !== undefined && void run(unpaid.attempt),
    /** Closes a check-out. One that the buyer has still to pay for can be shown again, also after a reload. */
    reset: (outcome: Outcome | undefined) => {
      if (state.kind === 'done' && outcome?.kind === 'booked') journal.remove(state.attempt);
      if (state.kind === 'done' && outcome?.kind === 'pending' && awaitsBuyer(outcome))
        setUnpaid({ attempt: state.attempt, paymentId: outcome.payment.id });
      setState(READY);
    },
  };
}

/** If the browser forbids storage, an attempt lasts as long as the page. */
function storageOfTab(): Parameters<typeof journalIn>[0] {
  try {
    return sessionStorage;
  } catch {
    const kept = new Map<string, string>();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  }
}

function answered<Data>(data: Data | null | undefined): Data {
  if (data == null) throw new Error('The server has answered nothing');
  return data;
}

/** Whether the viewer still holds seats of those that were to be paid for. */
export const hasOthers = ({ seatNumbers }: Attempt, locks: readonly LockDetailsFragment[]): boolean =>
  locks.some(({ seatNumber, status }) => status === 'ACTIVE' && seatNumbers.includes(seatNumber));

function textOf(outcome: Outcome, hasOtherSeats: boolean, seating: Seating): string {
  switch (outcome.kind) {
    case 'booked':
      return ['Paid. The seats are yours.', ...purchaseText(outcome, seating)].join(' ');
    case 'pending':
      if (outcome.clientSecret !== null) return 'The seats are reserved for you. Pay for them now.';
      return [
        'Payment pending. The seats are kept for you until the card network has answered.',
        ...purchaseText(outcome, seating),
      ].join(' ');
    case 'lost':
      return lostText(outcome, hasOtherSeats, seating);
    case 'declined':
      return `${outcome.reason}. Your seats are still held. ${adviceOn(outcome)}`;
    case 'refused':
      return outcome.message;
    case 'session ended':
      return 'You are no longer signed in. Sign in again to go on.';
    case 'unanswered':
      return outcome.retryAfterMs > 0
        ? `The server is busy; try again ${waitText(outcome.retryAfterMs)}. Nothing will be paid twice.`
        : 'No answer from the server yet. Nothing will be paid twice.';
  }
}
