import { useRef, useState } from 'react';
import type { CardStatus, LockDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { formatMoney, isCurrency, type Money } from '../text/money.js';
import { waitText } from '../text/time.js';
import { typedAmount } from '../text/typed-amount.js';
import { Field } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { adviceOn, type Outcome, type Purchase } from './checkout.js';
import type { Countdown } from './countdown.js';
import { ExpiredSeats } from './expired-seats.js';
import { purchaseWords, refusedWords } from './purchase-text.js';
import { type Total, totalOf, wholeOf } from './total.js';
import type { CheckoutState } from './use-checkout.js';

/** Simulated cards; the last digits only tell them apart. */
const CARDS: readonly { status: CardStatus; name: string; digits: string; hint: string }[] = [
  { status: 'SUCCESS', name: 'Everyday card', digits: '4242', hint: 'is accepted' },
  { status: 'PROCESSING', name: 'Slow card', digits: '3155', hint: 'stays pending for a while' },
  { status: 'DECLINED', name: 'Blocked card', digits: '0002', hint: 'is declined' },
  { status: 'INSUFFICIENT_FUNDS', name: 'Empty card', digits: '9995', hint: 'has too little on it' },
  { status: 'EXPIRED', name: 'Old card', digits: '0069', hint: 'has expired' },
];

/** Paying for what is held. */
export function CheckoutDialog({
  locks: present,
  lapsed,
  isTold,
  isSignedOut,
  seating,
  countdown,
  state,
  onPay,
  onAgain,
  onSignIn,
  onClose,
}: {
  locks: readonly LockDetailsFragment[];
  /** Seats that were held with these and whose time is over. */
  lapsed: readonly LockDetailsFragment[];
  /** Whether it is known what the viewer holds: while it is not, no hold has ended. */
  isTold: boolean;
  isSignedOut: boolean;
  seating: Seating;
  countdown: Countdown | undefined;
  state: CheckoutState;
  onPay: (lockIds: readonly string[], money: Money, card: CardStatus) => void;
  onAgain: () => void;
  onSignIn: () => void;
  onClose: () => void;
}) {
  const [card, setCard] = useState<CardStatus>('SUCCESS');
  const isWorking = state.kind === 'working';
  const outcome = state.kind === 'over' ? state.outcome : undefined;
  // While the next try is under way, what was said before it keeps its place, and the button stays where it is. Nor has
  // anything lapsed meanwhile: what is being paid for may be booked already.
  const said = useRef({ outcome, lapsed });
  if (!isWorking) said.current = { outcome, lapsed };
  // Locks end as the booking is made, which is heard of before the call is answered; what is paid for stays in sight.
  const paidFor = useRef(present);
  if (!isWorking && isTold) paidFor.current = present;
  // Taken up where a reload interrupted it: it comes into sight once it is told.
  else if (isWorking && isTold && paidFor.current.length === 0) {
    paidFor.current = present.filter(({ id }) => state.attempt.lockIds.includes(id));
  }
  const locks = paidFor.current;
  const isSessionEnded = isSignedOut || outcome?.kind === 'session over';
  const isDone = outcome?.kind === 'booked' || outcome?.kind === 'pending';
  const isOver = isDone || outcome?.kind === 'lost';
  const seats = isDone ? outcome.bookings : isOver ? [] : locks;
  // Nothing is left to pay for, and nothing is booked. While an attempt is unanswered, that is not known.
  const isEnded =
    isTold &&
    !isWorking &&
    !isOver &&
    !isSessionEnded &&
    locks.length === 0 &&
    outcome?.kind !== 'unanswered';
  const title = isEnded ? 'Not booked' : titleOf(outcome);
  // Paid for by another device, an attempt may have named seats that this payment does not pay for.
  const unpaid = isDone
    ? present.filter(
        ({ id }) =>
          state.kind === 'over' &&
          state.attempt.lockIds.includes(id) &&
          !outcome.payment.lockIds.includes(id),
      )
    : [];

  const fixed = totalOf(
    locks.map(({ seatNumber }) => seatNumber),
    seating,
  );
  const [named, setNamed] = useState({ amount: '', currency: fixed.currency ?? 'USD' });
  const [isFaultShown, setFaultShown] = useState(false);
  const fault = fixed.isWhole ? undefined : faultOf(named, fixed);
  const total = wholeOf(fixed) ?? (fault === undefined ? moneyOf(named) : null);
  const amountInput = useRef<HTMLInputElement>(null);

  const pay = () => {
    if (isWorking) return;
    setFaultShown(true);
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
      {said.current.lapsed.length > 0 && locks.length > 0 && !isOver && !isSessionEnded && (
        <ExpiredSeats lapsed={said.current.lapsed} seating={seating} />
      )}
      {said.current.outcome && !isSessionEnded && !(isEnded && outcome?.kind === 'declined') && (
        <div className={`outcome ${isWorking ? 'past' : ''}`} inert={isWorking}>
          <OutcomeNotice outcome={said.current.outcome} seating={seating} onAgain={onAgain} />
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
            {outcome?.kind === 'session over'
              ? 'Sign in again, and the payment goes on by itself; nothing is paid or booked twice.'
              : 'Sign in again to go on.'}
          </Notice>
          <button type="button" className="button primary wide" onClick={onSignIn}>
            Sign in again
          </button>
        </>
      ) : isOver || isEnded ? (
        <>
          {isEnded && outcome?.kind !== 'refused' && (
            <Notice tone="warning">The hold has ended; others can take the seats now.</Notice>
          )}
          <button type="button" className="button primary wide" onClick={onClose}>
            Back to the map
          </button>
        </>
      ) : locks.length === 0 && !isWorking ? null : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            pay();
          }}
        >
          {!fixed.isWhole && (
            <div className="field-pair">
              <Field
                ref={amountInput}
                label="You name the price"
                inputMode="decimal"
                placeholder="20.00"
                data-first-focus
                value={named.amount}
                fault={isFaultShown ? fault : undefined}
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

function titleOf(outcome: Outcome | undefined): string {
  switch (outcome?.kind) {
    case 'booked':
      return outcome.lost.length === 0 ? 'The seats are yours' : 'Booked in part';
    case 'pending':
      return 'Payment pending';
    case 'lost':
      return 'Not booked';
    default:
      return 'Pay';
  }
}

function OutcomeNotice({
  outcome,
  seating,
  onAgain,
}: {
  outcome: Outcome;
  seating: Seating;
  onAgain: () => void;
}) {
  switch (outcome.kind) {
    case 'booked':
      return (
        <>
          <Notice tone="good">Paid and booked. You find them under “My bookings”, on every device.</Notice>
          <PurchaseNotice purchase={outcome} seating={seating} />
        </>
      );
    case 'pending':
      return (
        <>
          <Notice>
            The card network has not answered yet. Your seats are kept until it does; what comes of it is
            shown here by itself.
          </Notice>
          <PurchaseNotice purchase={outcome} seating={seating} />
        </>
      );
    case 'lost':
      return <PurchaseNotice purchase={outcome} seating={seating} />;
    case 'declined':
      return (
        <Notice tone="warning">
          <strong>{outcome.reason}.</strong> Nothing was paid and your seats are still held.{' '}
          {adviceOn(outcome)}
        </Notice>
      );
    case 'refused':
      return <Notice tone="warning">{refusedWords(outcome)}</Notice>;
    case 'session over':
      return null;
    case 'unanswered':
      return outcome.retryAfterMs > 0 ? (
        <Notice tone="warning">
          <strong>The server is busy</strong> and asks to be tried again {waitText(outcome.retryAfterMs)}.
          Nothing is paid or booked twice.{' '}
          <button type="button" className="link" onClick={onAgain}>
            Try now
          </button>
        </Notice>
      ) : (
        <Notice tone="warning">
          <strong>No answer from the server yet.</strong> It goes on by itself once the connection is back.
          Nothing is paid or booked twice.{' '}
          <button type="button" className="link" onClick={onAgain}>
            Try now
          </button>
        </Notice>
      );
  }
}

function PurchaseNotice({ purchase, seating }: { purchase: Purchase; seating: Seating }) {
  const words = purchaseWords(purchase, seating);
  if (words.length === 0) return null;
  return <Notice tone={purchase.lost.length > 0 ? 'warning' : 'plain'}>{words.join(' ')}</Notice>;
}

interface NamedPrice {
  /** As it was typed, in whole units. */
  readonly amount: string;
  readonly currency: string;
}

/** Why this cannot be paid, or undefined where it can: it has to be more than what the priced seats cost already. */
function faultOf(named: NamedPrice, fixed: Total): string | undefined {
  if (!isCurrency(named.currency)) return 'Name a currency, such as USD or EUR.';
  const read = typedAmount(named.amount, named.currency);
  if ('fault' in read) return read.fault;
  if (read.amount === 0) return `Name an amount in ${named.currency}.`;
  if (read.amount > fixed.amount) return undefined;
  return `More than ${formatMoney({ ...named, amount: fixed.amount })}, what the other seats cost.`;
}

function moneyOf({ amount, currency }: NamedPrice): Money | null {
  const read = isCurrency(currency) ? typedAmount(amount, currency) : undefined;
  return read !== undefined && 'amount' in read ? { amount: read.amount, currency } : null;
}
