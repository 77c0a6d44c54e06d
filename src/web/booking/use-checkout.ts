import { useApolloClient } from '@apollo/client/react';
import { nanoid } from 'nanoid';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  BookingDocument,
  type CardStatus,
  ConfirmBookingsDocument,
  ExtendLockDocument,
  type LockDetailsFragment,
  PayDocument,
  PaymentDocument,
  ViewerDocument,
} from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { isSessionEnded } from '../network/api-error.js';
import { WAIT_MS_MAX } from '../network/retry.js';
import { useServices } from '../services.js';
import type { Money } from '../text/money.js';
import { waitText } from '../text/time.js';
import { useAnnounce } from '../ui/announcer.js';
import { type Attempt, adviceOn, type CheckoutCalls, checkOut, journalIn, type Outcome } from './checkout.js';
import { purchaseWords, refusedWords } from './purchase-text.js';
import { timeToPay } from './time-to-pay.js';

export type CheckoutState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'working'; readonly attempt: Attempt }
  | { readonly kind: 'over'; readonly attempt: Attempt; readonly outcome: Outcome };

const READY: CheckoutState = { kind: 'ready' };
const INT_MAX = 2 ** 31 - 1;

const TOO_LATE: Outcome = {
  kind: 'refused',
  message:
    'Too little time is left to pay for these seats, and they cannot be held longer. Nothing was paid.',
  paid: null,
};

/** An attempt that nobody answered is gone through again by itself, this often and after pauses that double. */
const ROUNDS_MAX = 5;
const FIRST_ROUND_AFTER_MS = 5_000;

/** Paying and booking for one viewer and event; takes up by itself what a reload interrupted. */
export function useCheckout(
  eventId: string,
  seating: Seating,
  viewerId: string | undefined,
  isOnline: boolean,
  held: {
    /** What the viewer holds. */
    readonly locks: readonly LockDetailsFragment[];
    readonly onExtended: (locks: readonly LockDetailsFragment[]) => void;
  },
) {
  const client = useApolloClient();
  const { clock, waits } = useServices();
  const announce = useAnnounce();
  const [state, setState] = useState<CheckoutState>(READY);
  const underWay = useRef<Attempt>(undefined);
  const viewerNow = useRef(viewerId);
  viewerNow.current = viewerId;
  const heldNow = useRef(held);
  heldNow.current = held;
  const journal = useMemo(() => journalIn(storageOfTab()), []);

  const calls = useMemo<CheckoutCalls>(
    () => ({
      async pay({ lockIds, amount, currency, card, requestId }) {
        // A sum that GraphQL's Int cannot hold is one of prices: the server knows it.
        const named = amount <= INT_MAX ? amount : null;
        const input = { lockIds: [...lockIds], amount: named, currency, cardStatus: card, requestId };
        const { data } = await client.mutate({ mutation: PayDocument, variables: { input } });
        return answered(data?.simulatePayment);
      },
      async payment(paymentId) {
        const { data } = await client.query({
          query: PaymentDocument,
          variables: { paymentId },
          fetchPolicy: 'network-only',
        });
        return answered(data?.payment);
      },
      async confirm(paymentId, lockIds, requestId) {
        const input = { lockIds: [...lockIds], paymentId, requestId };
        const { data } = await client.mutate({ mutation: ConfirmBookingsDocument, variables: { input } });
        return answered(data?.confirmBookings);
      },
      async booking(id) {
        const { data } = await client.query({
          query: BookingDocument,
          variables: { id },
          fetchPolicy: 'network-only',
        });
        return answered(data?.booking);
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

  /** Whether it is too late to begin this payment; where it nearly is, the seats are held longer first. */
  const isTooLate = useCallback(
    async ({ lockIds }: Attempt) => {
      const { locks, onExtended } = heldNow.current;
      const paidFor = locks.filter(({ id }) => lockIds.includes(id));
      const came = await timeToPay(paidFor, clock.nowMs(), async (lockId) => {
        const { data } = await client.mutate({ mutation: ExtendLockDocument, variables: { lockId } });
        return answered(data?.extendLock);
      });
      if (came.extended.length > 0) onExtended(came.extended);
      return came.isTooLate;
    },
    [client, clock],
  );

  const run = useCallback(
    async (attempt: Attempt, isNew = false) => {
      // A second click does nothing; were it sent, it would be the same attempt again.
      if (underWay.current?.userId === attempt.userId) return;
      underWay.current = attempt;
      setState({ kind: 'working', attempt });
      const outcome =
        isNew && (await isTooLate(attempt))
          ? TOO_LATE
          : await checkOut(attempt, calls, journal, { onWait: waits.begin });
      // Somebody else has signed in since, and is paying.
      if (underWay.current !== attempt) return;
      underWay.current = undefined;
      setState({ kind: 'over', attempt, outcome });
      const isOthers = viewerNow.current !== undefined && viewerNow.current !== attempt.userId;
      // That a session is over is said for the whole page.
      if (outcome.kind !== 'session over' && !isOthers) announce(textOf(outcome, seating), 'assertive');
    },
    [calls, journal, waits, announce, seating, isTooLate],
  );

  // What a reload, a crash of this tab or the end of a session interrupted.
  useEffect(() => {
    const left = viewerId === undefined ? null : journal.read(viewerId, eventId);
    if (left !== null) void run(left);
  }, [viewerId, eventId, journal, run]);

  // What a lost connection interrupted.
  const isUnanswered = state.kind === 'over' && state.outcome.kind === 'unanswered';
  const unanswered = isUnanswered ? state.attempt : undefined;
  const askedMs = isUnanswered && state.outcome.kind === 'unanswered' ? state.outcome.retryAfterMs : 0;
  const wasOnline = useRef(isOnline);
  const rounds = useRef(0);
  useEffect(() => {
    const isBack = isOnline && !wasOnline.current;
    wasOnline.current = isOnline;
    // In no session but its own: it is taken up once its person has signed in again.
    if (unanswered === undefined || unanswered.userId !== viewerId) return;
    if (isBack && askedMs === 0) {
      rounds.current = 0;
      void run(unanswered);
      return;
    }
    // The map may be live all the while: a pause, in which the dialog can be closed, and a longer one each time.
    if (rounds.current >= ROUNDS_MAX || askedMs > WAIT_MS_MAX) return;
    const timer = setTimeout(
      () => {
        rounds.current += 1;
        void run(unanswered);
      },
      Math.max(FIRST_ROUND_AFTER_MS * 2 ** rounds.current, askedMs),
    );
    return () => clearTimeout(timer);
  }, [isOnline, unanswered, askedMs, viewerId, run]);

  // Somebody else has signed in since: it is not theirs to see, or to go on with.
  const isOthers = state.kind !== 'ready' && viewerId !== undefined && state.attempt.userId !== viewerId;
  return {
    state: isOthers ? READY : state,
    pay: (lockIds: readonly string[], { amount, currency }: Money, card: CardStatus) => {
      if (viewerId === undefined) return;
      rounds.current = 0;
      void run({ userId: viewerId, eventId, lockIds, amount, currency, card, requestId: nanoid() }, true);
    },
    again: () => unanswered !== undefined && void run(unanswered),
    reset: () => setState(READY),
  };
}

/** A browser that may keep nothing has no such storage; an attempt then lives as long as the page. */
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

function textOf(outcome: Outcome, seating: Seating): string {
  switch (outcome.kind) {
    case 'booked': {
      const names = outcome.bookings.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ');
      const what = outcome.lost.length === 0 ? 'Paid. The seats are yours.' : `Booked: ${names}.`;
      return [what, ...purchaseWords(outcome, seating)].join(' ');
    }
    case 'pending':
      return [
        'Payment pending. The seats are kept for you until the card network has answered.',
        ...purchaseWords(outcome, seating),
      ].join(' ');
    case 'lost':
      return ['Nothing is booked.', ...purchaseWords(outcome, seating)].join(' ');
    case 'declined':
      return `${outcome.reason}. Your seats are still held. ${adviceOn(outcome)}`;
    case 'refused':
      return refusedWords(outcome);
    case 'session over':
      return 'You are no longer signed in. Sign in again to go on.';
    case 'unanswered':
      return outcome.retryAfterMs > 0
        ? `The server is busy; try again ${waitText(outcome.retryAfterMs)}. Nothing will be paid twice.`
        : 'No answer from the server yet. Nothing will be paid twice.';
  }
}
