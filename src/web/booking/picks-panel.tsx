import type { Seating } from '../map/seating.js';
import { formatMoney } from '../text/money.js';
import { Cross } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import { offerWords } from './offer-text.js';
import { offers, type Picks } from './picks.js';
import { type SeatLimit, seatLimitWords } from './seat-limit.js';
import { totalOf, withTotal } from './total.js';

/** What is picked and not held yet. */
export function PicksPanel({
  picks,
  limit,
  seating,
  isLocking,
  isLive,
  fault,
  onRemove,
  onHold,
  onHoldInstead,
  onForgetLost,
}: {
  picks: Picks;
  limit: SeatLimit;
  seating: Seating;
  isLocking: boolean;
  isLive: boolean;
  fault: string | undefined;
  onRemove: (seat: number) => void;
  onHold: () => void;
  onHoldInstead: (seats: readonly number[]) => void;
  onForgetLost: () => void;
}) {
  const { seats, lost } = picks;
  if (seats.length === 0 && lost.length === 0 && fault === undefined) return null;
  // Held or booked on another device since they were picked.
  const tooMany = seats.length - limit.left;
  const holdLabel = `Hold ${seats.length === 1 ? 'this seat' : `these ${seats.length} seats`}`;
  return (
    <section className="panel-part" aria-label="Your picks">
      {seats.length > 0 && (
        <>
          <h2>
            {seats.length} {seats.length === 1 ? 'seat' : 'seats'} picked
          </h2>
          <ul className="seat-lines">
            {seats.map((seat) => {
              const price = seating.priceOf(seat);
              return (
                <li key={seat}>
                  <span>{seating.nameOf(seat)}</span>
                  {price && <span className="number">{formatMoney(price, { short: true })}</span>}
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Remove ${seating.nameOf(seat)}`}
                    onClick={() => onRemove(seat)}
                  >
                    <Cross />
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      )}
      {(fault !== undefined || lost.length > 0 || seats.length > 0) && (
        <div className="action">
          {fault !== undefined && (
            <Notice tone="warning" alert>
              {fault}
            </Notice>
          )}
          {lost.length > 0 && (
            <LostSeats
              picks={picks}
              seating={seating}
              isLocking={isLocking}
              isLive={isLive}
              onHoldInstead={onHoldInstead}
              onForgetLost={onForgetLost}
            />
          )}
          {tooMany > 0 && (
            <Notice tone="warning" alert>
              {seatLimitWords(limit)} Remove {tooMany === 1 ? 'one' : tooMany.toLocaleString()} of these.
            </Notice>
          )}
          {seats.length > 0 && tooMany <= 0 && (
            <button type="button" className="button primary wide" aria-disabled={isLocking} onClick={onHold}>
              {isLocking ? (
                <>
                  <span className="spinner" aria-hidden="true" /> Holding…
                </>
              ) : (
                withTotal(holdLabel, totalOf(seats, seating), ' · ')
              )}
            </button>
          )}
        </div>
      )}
      {seats.length > 0 && !isLive && (
        <p className="muted">Not live: whether they are still free shows when you hold them.</p>
      )}
    </section>
  );
}

/** Says which seats went to somebody else, and offers what is near. */
function LostSeats({
  picks,
  seating,
  isLocking,
  isLive,
  onHoldInstead,
  onForgetLost,
}: {
  picks: Picks;
  seating: Seating;
  isLocking: boolean;
  isLive: boolean;
  onHoldInstead: (seats: readonly number[]) => void;
  onForgetLost: () => void;
}) {
  const { seats, lost } = picks;
  return (
    <Notice tone="warning">
      <strong>Somebody else was faster.</strong> {lost.map((seat) => seating.nameOf(seat)).join('; ')}{' '}
      {takenLabel(lost.length, isLive)}
      {isLive && seats.length > 0 && '; your other picks are still free'}.
      {offers(picks).length > 0 ? (
        <>
          <span className="offers-title">
            {isLive
              ? 'Nearest free, held with one tap:'
              : 'Nearest that were free, held with one tap if they still are:'}
          </span>
          <span className="offers">
            {offers(picks).map((offer) => {
              const words = offerWords(offer, lost, seating);
              const full = offer.map((seat) => seating.nameOf(seat)).join(' and ');
              return (
                <button
                  key={words}
                  type="button"
                  className="button small"
                  aria-disabled={isLocking}
                  aria-label={`Hold ${words}: ${full}`}
                  onClick={() => onHoldInstead(offer)}
                >
                  {words}
                </button>
              );
            })}
          </span>
        </>
      ) : (
        <span className="offers-title">
          {isLive ? 'No free seat is near.' : 'No seat near is known to be free.'}
        </span>
      )}
      {seats.length > 0 && (
        <button type="button" className="link" onClick={onForgetLost}>
          Go on without
        </button>
      )}
    </Notice>
  );
}

/** While the map is not live, what they are now is not known. */
function takenLabel(lost: number, isLive: boolean): string {
  if (!isLive) return lost === 1 ? 'was taken' : 'were taken';
  return lost === 1 ? 'is taken' : 'are taken';
}
