import { useRef, useState } from 'react';
import { typedAmount } from '../../catalog/typed-amount.js';
import type { CardStatus, LockDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { formatMoney, isCurrency, type Money } from '../text/money.js';
import { Field } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { OutcomeNotice, titleOf } from './checkout-outcome.js';
import type { Countdown } from './countdown.js';
import { ExpiredSeats } from './expired-seats.js';
import { completeTotalOf, type Total, totalOf } from './total.js';
import type { CheckoutState } from './use-checkout.js';

/** Simulated cards. Their digits have no meaning. */
const CARDS: readonly { status: CardStatus; name: string; digits: string; hint: string }[] = [
  { status: 'SUCCESS', name: 'Everyday card', digits: '4242', hint: 'is accepted' },
  { status: 'PROCESSING', name: 'Slow card', digits: '3155', hint: 'stays pending for a while' },
  { status: 'DECLINED', name: 'Blocked card', digits: '0002', hint: 'is declined' },
  { status: 'INSUFFICIENT_FUNDS', name: 'Empty card', digits: '9995', hint: 'has too little on it' },
  { status: 'EXPIRED', name: 'Old card', digits: '0069', hint: 'has expired' },
];

/** Pays for the held seats. */
export function CheckoutDialog({
  locks: present,
  expired,
  isKnown,
  isSignedOut,
  isGuest,
  seating,
  countdown,
  state,
  onPay,
  onAgain,
  onSignIn,
  onSignUp,
  onClose,
}: {
  locks: readonly LockDetailsFragment[];
  /** Seats that were held with these and have expired. */
  expired: readonly LockDetailsFragment[];
  /** Whether the viewer's held seats are known. Before that, no hold counts as ended. */
  isKnown: boolean;
  isSignedOut: boolean;
  /** Whether the viewer has no account. */
  isGuest: boolean;
  seating: Seating;
  countdown: Countdown | undefined;
  state: CheckoutState;
  onPay: (lockIds: readonly string[], money: Money, card: CardStatus) => void;
  onAgain: () => void;
  onSignIn: () => void;
  onSignUp: () => void;
  onClose: () => void;
}) {
  const [card, setCard] = useState<CardStatus>('SUCCESS');
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
    paidFor.current = present.filter(({ id }) => state.attempt.lockIds.includes(id));
  }
  const locks = paidFor.current;
  const isSessionEnded = isSignedOut || outcome?.kind === 'session ended';
  const isDone = outcome?.kind === 'booked' || outcome?.kind === 'pending';
  const isFinished = isDone || outcome?.kind === 'lost';
  const seats = isDone ? outcome.bookings : isFinished ? [] : locks;
  // No seat is left to pay for, and none is booked. During an unanswered attempt that is unknown.
  const isEnded =
    isKnown &&
    !isWorking &&
    !isFinished &&
    !isSessionEnded &&
    locks.length === 0 &&
    outcome?.kind !== 'unanswered';
  const title = isEnded ? 'Not booked' : titleOf(outcome);
  // If another device paid, this attempt may have seats that the payment does not cover.
  const unpaid = isDone
    ? present.filter(
        ({ id }) =>
          state.kind === 'done' &&
          state.attempt.lockIds.includes(id) &&
          !outcome.payment.lockIds.includes(id),
      )
    : [];

  const fixed = totalOf(
    locks.map(({ seatNumber }) => seatNumber),
    seating,
  );
  const [named, setNamed] = useState({ amount: '', currency: fixed.currency ?? 'USD' });
  const [isProblemShown, setProblemShown] = useState(false);
  const problem = fixed.isComplete ? undefined : problemOf(named, fixed);
  const total = completeTotalOf(fixed) ?? (problem === undefined ? moneyOf(named) : null);
  const amountInput = useRef<HTMLInputElement>(null);

  const pay = () => {
    if (isWorking) return;
    setProblemShown(true);
    if (total === null) return amountInput.current?.focus();
    onPay(
      locks.map(({ id }) => id),
      total,
      card,
    );
  };

  return (
    <Modal title={title} onClose={onClose} canClose={!isWorking}>
      <ul className="seat-lines">
        {seats.map(({ id, seatNumber }) => {
          const price = seating.priceOf(seatNumber);
          return (
            <li key={id}>
              <span>{seating.nameOf(seatNumber)}</span>
              {price && <span className="number">{formatMoney(price)}</span>}
            </li>
          );
        })}
      </ul>
      {shown.current.expired.length > 0 && locks.length > 0 && !isFinished && !isSessionEnded && (
        <ExpiredSeats expired={shown.current.expired} seating={seating} />
      )}
      {shown.current.outcome && !isSessionEnded && !(isEnded && outcome?.kind === 'declined') && (
        <div className={`outcome ${isWorking ? 'past' : ''}`} inert={isWorking}>
          <OutcomeNotice
            outcome={shown.current.outcome}
            seating={seating}
            isGuest={isGuest}
            onAgain={onAgain}
          />
        </div>
      )}
      {unpaid.length > 0 && (
        <Notice tone="warning">
          <strong>Not paid yet:</strong>{' '}
          {unpaid.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ')}. Still held for you.
        </Notice>
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
      ) : isFinished || isEnded ? (
        <>
          {isEnded && outcome?.kind !== 'refused' && (
            <Notice tone="warning">The hold has ended; others can take the seats now.</Notice>
          )}
          <button type="button" className="button primary wide" onClick={onClose}>
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
          <fieldset className="cards" disabled={isWorking}>
            <legend>Simulated card</legend>
            {CARDS.map(({ status, name, digits, hint }) => (
              <label key={status} className="card-choice">
                <input
                  type="radio"
                  data-first-focus={card === status || undefined}
                  name="card"
                  value={status}
                  checked={card === status}
                  onChange={() => setCard(status)}
                />
                <span className="card-name">
                  {name} <span className="number">•• {digits}</span>
                </span>
                <span className="muted">{hint}</span>
              </label>
            ))}
          </fieldset>
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
