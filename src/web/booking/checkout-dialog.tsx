import { useRef, useState } from 'react';
import type { CardStatus, LockDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { formatMoney, isCurrency, type Money, minorAmount } from '../text/money.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import type { Outcome } from './checkout.js';
import type { Countdown } from './countdown.js';
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
  seating,
  countdown,
  state,
  onPay,
  onAgain,
  onClose,
}: {
  locks: readonly LockDetailsFragment[];
  seating: Seating;
  countdown: Countdown | undefined;
  state: CheckoutState;
  onPay: (lockIds: readonly string[], money: Money, card: CardStatus) => void;
  onAgain: () => void;
  onClose: () => void;
}) {
  const [card, setCard] = useState<CardStatus>('SUCCESS');
  const isWorking = state.kind === 'working';
  const outcome = state.kind === 'over' ? state.outcome : undefined;
  // Locks end as the booking is made, which is heard of before the call is answered; what is paid for stays in sight.
  const paidFor = useRef(present);
  if (!isWorking) paidFor.current = present;
  const locks = paidFor.current;
  const isDone = outcome?.kind === 'booked' || outcome?.kind === 'pending';
  const seats = isDone ? outcome.bookings : locks;
  const title = outcome?.kind === 'booked' ? 'The seats are yours' : isDone ? 'Payment pending' : 'Pay';

  const fixed = fixedTotal(locks, seating);
  const [named, setNamed] = useState({ amount: '', currency: fixed.currency ?? 'USD' });
  const namedAmount = isCurrency(named.currency) ? minorAmount(named.amount, named.currency) : null;
  const total: Money | null = fixed.isWhole
    ? { amount: fixed.amount, currency: fixed.currency ?? 'USD' }
    : namedAmount === null || namedAmount <= fixed.amount
      ? null
      : { amount: namedAmount, currency: named.currency.toUpperCase() };

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
      {outcome && <OutcomeNotice outcome={outcome} onAgain={onAgain} />}
      {isDone ? (
        <button type="button" className="button primary wide" onClick={onClose}>
          Back to the map
        </button>
      ) : locks.length === 0 && !isWorking ? (
        outcome === undefined && <Notice tone="warning">The hold has ended; the seats are free again.</Notice>
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (total !== null && !isWorking) {
              onPay(
                locks.map(({ id }) => id),
                total,
                card,
              );
            }
          }}
        >
          {!fixed.isWhole && (
            <div className="field-pair">
              <label className="field">
                <span>You name the price</span>
                <input
                  inputMode="decimal"
                  placeholder="20.00"
                  value={named.amount}
                  onChange={(event) => setNamed({ ...named, amount: event.target.value })}
                />
              </label>
              <label className="field">
                <span>Currency</span>
                <input
                  maxLength={3}
                  value={named.currency}
                  readOnly={fixed.currency !== undefined}
                  onChange={(event) => setNamed({ ...named, currency: event.target.value.toUpperCase() })}
                />
              </label>
            </div>
          )}
          <fieldset className="cards" disabled={isWorking}>
            <legend>Simulated card</legend>
            {CARDS.map(({ status, name, digits, hint }) => (
              <label key={status} className="card-choice">
                <input
                  type="radio"
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
            <button
              type="submit"
              className="button primary grow"
              aria-disabled={isWorking || total === null}
              data-action="pay"
            >
              {isWorking ? (
                <>
                  <span className="spinner" aria-hidden="true" /> Paying…
                </>
              ) : (
                `Pay ${total === null ? '' : formatMoney(total)}`
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

function OutcomeNotice({ outcome, onAgain }: { outcome: Outcome; onAgain: () => void }) {
  switch (outcome.kind) {
    case 'booked':
      return (
        <Notice tone="good">Paid and booked. You find them under “My bookings”, on every device.</Notice>
      );
    case 'pending':
      return (
        <Notice>
          The card network has not answered yet. Your seats are kept until it does; what comes of it is shown
          here by itself.
        </Notice>
      );
    case 'declined':
      return (
        <Notice tone="warning">
          <strong>{outcome.reason}.</strong> Nothing was paid and your seats are still held.{' '}
          {outcome.retryable
            ? 'Try again, or take another card.'
            : 'This card cannot be used; take another one.'}
        </Notice>
      );
    case 'refused':
      return <Notice tone="warning">{outcome.refusal.message}</Notice>;
    case 'unanswered':
      return (
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

/** What the priced seats cost together; not the whole where a seat has no price. */
function fixedTotal(locks: readonly LockDetailsFragment[], seating: Seating) {
  let amount = 0;
  let currency: string | undefined;
  let isWhole = true;
  for (const { seatNumber } of locks) {
    const price = seating.priceOf(seatNumber);
    if (price === null) isWhole = false;
    amount += price?.amount ?? 0;
    currency ??= price?.currency;
  }
  return { amount, currency, isWhole };
}
