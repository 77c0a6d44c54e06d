import { FEATURE_LABELS, formatMoney, type Seating, type Section } from 'seat-map/map';
import { StandingStepper } from 'seat-map/react';
import { CloseIcon } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import { offerText } from './offer-text.js';
import { offers, type Picks } from './picks.js';
import { type SeatLimit, seatLimitText } from './seat-limit.js';
import { totalOf, withTotal } from './total.js';

/** The seats that are picked and not held yet. */
export function PicksPanel({
  picks,
  limit,
  seating,
  isLocking,
  isLive,
  problem,
  onRemove,
  onPlaces,
  onHold,
  onHoldInstead,
  onForgetLost,
}: {
  picks: Picks;
  limit: SeatLimit;
  seating: Seating;
  isLocking: boolean;
  isLive: boolean;
  problem: string | undefined;
  onRemove: (seat: number) => void;
  /** Picks this many places of a standing section. */
  onPlaces: (section: Section, places: number) => void;
  onHold: () => void;
  onHoldInstead: (seats: readonly number[]) => void;
  onForgetLost: () => void;
}) {
  const { seats, lost } = picks;
  if (seats.length === 0 && lost.length === 0 && problem === undefined) return null;
  // The viewer may have held or booked seats on another device meanwhile.
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
            {placesBySection(seats, seating).map(([section, places]) => (
              <li key={section.index}>
                <span>{seating.rowNameOf(section, 0)}</span>
                {section.price && (
                  <span className="number">{withTotal('', totalOf(places, seating), '')}</span>
                )}
                <StandingStepper
                  section={section}
                  picked={places.length}
                  placesLeft={undefined}
                  onChange={(count) => onPlaces(section, count)}
                />
              </li>
            ))}
            {seats.map((seat) => {
              if (seating.isStanding(seat)) return null;
              const price = seating.priceOf(seat);
              const features = seating.featuresOf(seat).map((feature) => FEATURE_LABELS[feature]);
              return (
                <li key={seat}>
                  <span>
                    {seating.nameOf(seat)}
                    {features.length > 0 && <span className="muted"> · {features.join(', ')}</span>}
                  </span>
                  {price && <span className="number">{formatMoney(price, { short: true })}</span>}
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Remove ${seating.nameOf(seat)}`}
                    onClick={() => onRemove(seat)}
                  >
                    <CloseIcon />
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      )}
      {(problem !== undefined || lost.length > 0 || seats.length > 0) && (
        <div className="action">
          {problem !== undefined && (
            <Notice tone="warning" alert>
              {problem}
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
              {seatLimitText(limit)} Remove {tooMany === 1 ? 'one' : tooMany.toLocaleString()} of these.
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

/** The picked places of standing sections. */
function placesBySection(seats: readonly number[], seating: Seating): [Section, number[]][] {
  const places = new Map<Section, number[]>();
  for (const seat of seats) {
    const section = seating.sectionOf(seat);
    if (section.kind === 'standing') places.set(section, [...(places.get(section) ?? []), seat]);
  }
  return [...places];
}

/** Says which seats another user has taken, and offers seats nearby. */
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
              const text = offerText(offer, lost, seating);
              const full = offer.map((seat) => seating.nameOf(seat)).join(' and ');
              return (
                <button
                  key={text}
                  type="button"
                  className="button small"
                  aria-disabled={isLocking}
                  aria-label={`Hold ${text}: ${full}`}
                  onClick={() => onHoldInstead(offer)}
                >
                  {text}
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

/** While the map is not live, their current status is unknown. */
function takenLabel(lost: number, isLive: boolean): string {
  if (!isLive) return lost === 1 ? 'was taken' : 'were taken';
  return lost === 1 ? 'is taken' : 'are taken';
}
