import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react';
import { countdown } from '../core/countdown.js';
import type { HoldSnapshot, SeatHold } from '../core/seat-hold.js';
import type { Seating } from '../map/seating.js';
import { formatMoney, type Money } from '../text/money.js';
import { useAnnounce } from './announcer.js';
import { useNow } from './use-now.js';

/** Holds the picked seats; then counts down, gives more time, or gives the seats back. */
export function HoldBar({
  hold,
  seating,
  picked,
  children,
}: {
  hold: SeatHold;
  seating: Seating;
  picked: readonly number[];
  /** Shown while seats are held. */
  children?: ReactNode;
}) {
  const { locks, endsAtMs, isWorking, error } = useSyncExternalStore(
    hold.subscribe,
    hold.getSnapshot,
    hold.getSnapshot,
  );
  const nowMs = useNow(endsAtMs !== null);
  const clock = endsAtMs === null ? undefined : countdown(endsAtMs, nowMs);
  const bar = useRef<HTMLFieldSetElement>(null);
  useHoldAnnouncements(locks.length, clock?.phase);

  // A button that was pressed may be gone, and with it the focus.
  const wasPressed = useRef(false);
  useEffect(() => {
    if (!wasPressed.current || isWorking || bar.current === null) return;
    wasPressed.current = false;
    const { activeElement } = bar.current.getRootNode() as Document | ShadowRoot;
    if (activeElement === null || activeElement === document.body) bar.current.focus();
  });
  /** Errors are in the hold's snapshot. */
  const press = (work: () => Promise<unknown>) => () => {
    if (isWorking) return;
    wasPressed.current = true;
    work().catch(() => {});
  };

  const lockPrices = locks.map(({ price }) => price ?? null);
  const pickedPrices = picked.map((seat) => seating.priceOf(seat));
  return (
    <fieldset className="seat-map-hold" ref={bar} tabIndex={-1} aria-busy={isWorking}>
      <legend className="seat-map-hidden">Your seats</legend>
      {picked.length > 0 && (
        <div className="seat-map-hold-line">
          <span>{seatsText(pickedPrices)}</span>
          <button
            type="button"
            className="seat-map-button seat-map-primary"
            aria-disabled={isWorking}
            onClick={press(() => hold.lock(picked))}
          >
            {picked.length === 1 ? 'Hold this seat' : `Hold these ${picked.length} seats`}
          </button>
        </div>
      )}
      {clock !== undefined && (
        <div className="seat-map-hold-line">
          <span>
            <strong>Held for {clock.text}</strong> · {seatsText(lockPrices)}
          </span>
          <button
            type="button"
            className="seat-map-button"
            aria-disabled={isWorking}
            onClick={press(() => hold.extend())}
          >
            More time
          </button>
          <button
            type="button"
            className="seat-map-button"
            aria-disabled={isWorking}
            onClick={press(() => hold.release())}
          >
            Give back
          </button>
          {children}
        </div>
      )}
      {picked.length === 0 && clock === undefined && (
        <p className="seat-map-faint">Pick a seat on the map, or several.</p>
      )}
      {error !== null && (
        <p className="seat-map-problem" role="alert">
          {errorText(error)}
        </p>
      )}
    </fieldset>
  );
}

/** Tells users of screen readers when seats are held, when little time is left, and when it is over. */
function useHoldAnnouncements(held: number, phase: ReturnType<typeof countdown>['phase'] | undefined): void {
  const announce = useAnnounce();
  const before = useRef({ held, phase });
  useEffect(() => {
    const { held: heldBefore, phase: phaseBefore } = before.current;
    before.current = { held, phase };
    if (held > heldBefore) announce(`${held === 1 ? 'One seat is' : `${held} seats are`} held for you.`);
    else if (held === 0 && heldBefore > 0 && phaseBefore === 'ending')
      announce('The hold has ended.', 'assertive');
    else if (phase === 'ending' && phaseBefore === 'running')
      announce('The hold ends in one minute.', 'assertive');
  }, [held, phase, announce]);
}

/** "2 seats · $90". Without a sum where the buyer names a price. */
function seatsText(prices: readonly (Money | null)[]): string {
  const seats = prices.length === 1 ? '1 seat' : `${prices.length} seats`;
  const [first] = prices;
  if (first == null || prices.includes(null)) return seats;
  const amount = prices.reduce((sum, price) => sum + (price?.amount ?? 0), 0);
  return `${seats} · ${formatMoney({ ...first, amount }, { short: true })}`;
}

function errorText(error: NonNullable<HoldSnapshot['error']>): string {
  return error === 'no answer' ? 'The server does not answer. Try again.' : error.message;
}
