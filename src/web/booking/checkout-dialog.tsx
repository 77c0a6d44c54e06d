import { useRef, useState } from 'react';
import type { Countdown, HeldSeat } from 'seat-map';
import { awaitsBuyer, type CheckoutState, type Order } from 'seat-map/check-out';
import type { CardStatus } from 'seat-map/documents';
import { formatMoney, isCurrency, type Money, type Seating } from 'seat-map/map';
import { typedAmount } from '../../catalog/typed-amount.js';
import type { Viewer } from '../account/viewer.js';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import { Field } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { addressProblem } from './address-problem.js';
import { OutcomeNotice, titleOf } from './checkout-outcome.js';
import { hasOthers } from './checkout-text.js';
import { ExpiredSeats } from './expired-seats.js';
import { lostText } from './purchase-text.js';
import { SimulatedCards } from './simulated-cards.js';
import { StripeForm } from './stripe-form.js';
import { completeTotalOf, type Total, totalOfLocks } from './total.js';

/** Pays for the held seats. */
export function CheckoutDialog({
  locks: present,
  expired,
  bookings,
  isKnown,
  isSignedOut,
  viewer,
  seating,
  stripeKey,
  countdown,
  state,
  onPay,
  onAgain,
  onSignIn,
  onSignUp,
  onClose,
}: {
  locks: readonly HeldSeat[];
  /** Seats that were held with these and have expired. */
  expired: readonly HeldSeat[];
  /** The viewer's bookings of the event. */
  bookings: readonly BookingDetailsFragment[];
  /** Whether the viewer's held seats are known. Before that, no hold counts as ended. */
  isKnown: boolean;
  isSignedOut: boolean;
  /** Null while nobody is signed in; undefined until that is known. */
  viewer: Viewer | null | undefined;
  seating: Seating;
  /** Set if Stripe takes the payments; else cards are simulated. */
  stripeKey: string | undefined;
  countdown: Countdown | undefined;
  state: CheckoutState;
  onPay: (order: Order) => void;
  onAgain: () => void;
  onSignIn: () => void;
  onSignUp: () => void;
  onClose: () => void;
}) {
  const [card, setCard] = useState<CardStatus>('SUCCESS');
  const isGuest = viewer?.isGuest === true;
  const isWorking = state.kind === 'working';
  const outcome = state.kind === 'done' ? state.outcome : undefined;
  // During the next attempt the previous notices stay, so that the button does not move. Expired seats are not updated
  // either: the seats may be booked already.
  const shown = useRef({ outcome, expired });
  if (!isWorking) shown.current = { outcome, expired };
  // Booking ends the locks, and that message comes before the call's answer. The seats stay in the list meanwhile.
  const paidFor = useRef(present);
  if (!isWorking && isKnown) paidFor.current = present;
  // An attempt resumed after a reload: its seats are listed once they are known.
  else if (isWorking && isKnown && paidFor.current.length === 0) {
    paidFor.current = present.filter(({ seatNumber }) => state.attempt.seatNumbers.includes(seatNumber));
  }
  const locks = paidFor.current;
  const isSessionEnded = isSignedOut || outcome?.kind === 'session ended';
  const isDone = outcome?.kind === 'booked' || outcome?.kind === 'pending';
  const seats = isDone ? outcome.bookings : locks;
  // No seat is left to pay for, and none is booked. During an unanswered attempt that is unknown.
  const isEnded =
    isKnown &&
    !isWorking &&
    !isDone &&
    !isSessionEnded &&
    locks.length === 0 &&
    outcome?.kind !== 'unanswered';
  // Another tab or device may have checked out meanwhile.
  const lastHeld = useRef(locks);
  if (locks.length > 0) lastHeld.current = locks;
  const bookedElsewhere = bookings.filter(({ lockId }) => lastHeld.current.some(({ id }) => id === lockId));
  const isBookedElsewhere = bookedElsewhere.length > 0;
  const title = isEnded ? (isBookedElsewhere ? 'Booked already' : 'Not booked') : titleOf(outcome);
  const fixed = totalOfLocks(locks);
  const [named, setNamed] = useState({ amount: '', currency: fixed.currency ?? 'USD' });
  const [isProblemShown, setProblemShown] = useState(false);
  const problem = fixed.isComplete ? undefined : problemOf(named, fixed);
  const total = completeTotalOf(fixed) ?? (problem === undefined ? moneyOf(named) : null);
  const amountInput = useRef<HTMLInputElement>(null);
  /** What was typed instead of the account's own address. */
  const [typed, setTyped] = useState<string>();
  const address = typed ?? viewer?.email ?? '';
  const addressFault = addressProblem(address);
  const emailInput = useRef<HTMLInputElement>(null);

  const pay = () => {
    if (isWorking) return;
    setProblemShown(true);
    if (total === null) return amountInput.current?.focus();
    if (addressFault !== undefined) return emailInput.current?.focus();
    onPay({
      seatNumbers: locks.map(({ seatNumber }) => seatNumber),
      total,
      isNamed: !fixed.isComplete,
      card: stripeKey === undefined ? card : null,
      contactEmail: address.trim(),
    });
  };

  return (
    <Modal title={title} onClose={onClose} canClose={!isWorking}>
      <ul className="seat-lines">
        {seats.map(({ id, seatNumber, price }) => (
          <li key={id}>
            <span>{seating.nameOf(seatNumber)}</span>
            {price && <span className="number">{formatMoney(price)}</span>}
          </li>
        ))}
      </ul>
      {shown.current.expired.length > 0 &&
        locks.length > 0 &&
        !isDone &&
        !isSessionEnded &&
        outcome?.kind !== 'lost' && <ExpiredSeats expired={shown.current.expired} seating={seating} />}
      {shown.current.outcome && !isSessionEnded && !(isEnded && outcome?.kind === 'declined') && (
        <div className={`outcome ${isWorking ? 'past' : ''}`} inert={isWorking}>
          <OutcomeNotice
            outcome={shown.current.outcome}
            seating={seating}
            isGuest={isGuest}
            hasOthers={state.kind === 'done' && hasOthers(state.attempt, present)}
            onAgain={onAgain}
          />
        </div>
      )}
      {isSessionEnded ? (
        <>
          <Notice tone="warning">
            <strong>You are no longer signed in.</strong> Your seats stay held until their time is over.{' '}
            {outcome?.kind === 'session ended'
              ? 'Sign in again, and the payment goes on by itself; nothing is paid or booked twice.'
              : 'Sign in again to go on.'}
          </Notice>
          <button type="button" className="button primary wide" onClick={onSignIn}>
            Sign in again
          </button>
        </>
      ) : isDone || isEnded ? (
        <>
          {outcome?.kind === 'pending' && outcome.clientSecret !== null && stripeKey !== undefined && (
            <StripeForm
              publishableKey={stripeKey}
              clientSecret={outcome.clientSecret}
              price={formatMoney(outcome.payment)}
            />
          )}
          {isEnded && outcome?.kind !== 'refused' && outcome?.kind !== 'lost' && (
            <Notice tone="warning">
              {isBookedElsewhere
                ? lostText(
                    { lost: [], booked: bookedElsewhere.map(({ seatNumber }) => seatNumber) },
                    false,
                    seating,
                  )
                : 'The hold has ended; others can take the seats now.'}
            </Notice>
          )}
          <button
            type="button"
            className={`button wide ${outcome !== undefined && awaitsBuyer(outcome) ? '' : 'primary'}`}
            onClick={onClose}
          >
            Back to the map
          </button>
          {isDone && isGuest && (
            <button type="button" className="button wide" onClick={onSignUp}>
              Create an account to keep your tickets
            </button>
          )}
        </>
      ) : locks.length === 0 && !isWorking ? null : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            pay();
          }}
        >
          {!fixed.isComplete && (
            <div className="field-pair">
              <Field
                ref={amountInput}
                label="You name the price"
                inputMode="decimal"
                placeholder="20.00"
                data-first-focus
                value={named.amount}
                problem={isProblemShown ? problem : undefined}
                onChange={(event) => setNamed({ ...named, amount: event.target.value })}
              />
              <Field
                label="Currency"
                maxLength={3}
                value={named.currency}
                readOnly={fixed.currency !== undefined}
                onChange={(event) => setNamed({ ...named, currency: event.target.value.toUpperCase() })}
              />
            </div>
          )}
          <Field
            ref={emailInput}
            label="E-mail address"
            hint="Your tickets go there."
            type="email"
            autoComplete="email"
            data-first-focus={(fixed.isComplete && address === '') || undefined}
            value={address}
            readOnly={isWorking}
            problem={isProblemShown ? addressFault : undefined}
            onChange={(event) => setTyped(event.target.value)}
          />
          {stripeKey === undefined && (
            <SimulatedCards
              card={card}
              isDisabled={isWorking}
              takesFocus={fixed.isComplete && address !== ''}
              onChoose={setCard}
            />
          )}
          <div className="pay-line">
            <button type="submit" className="button primary grow" aria-disabled={isWorking} data-action="pay">
              {isWorking ? (
                <>
                  <span className="spinner" aria-hidden="true" /> Paying…
                </>
              ) : total === null ? (
                'Pay'
              ) : (
                `Pay ${formatMoney(total)}`
              )}
            </button>
            {countdown && (
              <span className={`clock ${countdown.phase}`}>
                <span className="visually-hidden">Held for another </span>
                {countdown.text}
              </span>
            )}
          </div>
        </form>
      )}
    </Modal>
  );
}

interface NamedPrice {
  /** As typed, in whole units. */
  readonly amount: string;
  readonly currency: string;
}

/** Why the named price cannot be paid, or undefined. It must be more than the sum of the priced seats. */
function problemOf(named: NamedPrice, fixed: Total): string | undefined {
  if (!isCurrency(named.currency)) return 'Name a currency, such as USD or EUR.';
  const read = typedAmount(named.amount, named.currency);
  if ('problem' in read) return read.problem;
  if (read.amount === 0) return `Name an amount in ${named.currency}.`;
  if (read.amount > fixed.amount) return undefined;
  return `More than ${formatMoney({ ...named, amount: fixed.amount })}, what the other seats cost.`;
}

function moneyOf({ amount, currency }: NamedPrice): Money | null {
  const read = isCurrency(currency) ? typedAmount(amount, currency) : undefined;
  return read !== undefined && 'amount' in read ? { amount: read.amount, currency } : null;
}
