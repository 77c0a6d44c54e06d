import { useEffect, useRef, useState } from 'react';
import { type Countdown, countdown as countdownOf, type HeldSeat, type SeatHold } from 'seat-map';
import { PAY_LATEST_MS } from 'seat-map/check-out';
import { formatMoney, type Seating } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { messageOf } from '../network/api-error-text.js';
import { CloseIcon } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import { ExpiredSeats } from './expired-seats.js';
import { extensionText } from './extension-text.js';
import { totalOfLocks, withTotal } from './total.js';

/** The seats that are held for the viewer, for how long, and what the viewer can do with them. */
export function HeldPanel({
  hold,
  locks,
  expired,
  seating,
  countdown,
  nowMs,
  canPay,
  takesFocus,
  onPay,
}: {
  hold: SeatHold;
  locks: readonly HeldSeat[];
  /** Seats that were held with these and have expired. */
  expired: readonly HeldSeat[];
  seating: Seating;
  /** The countdown of the lock that ends first. */
  countdown: Countdown;
  nowMs: number;
  canPay: boolean;
  /** Whether the viewer has just locked the seats on this page. */
  takesFocus: boolean;
  onPay: () => void;
}) {
  const announce = useAnnounce();
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** Locks that cannot be extended any further. */
  const [exhausted, setExhausted] = useState<ReadonlySet<string>>(new Set());
  const canExtend = locks.some(({ id }) => !exhausted.has(id));
  const isPayOffered = canPay && (canExtend || countdown.secondsLeft * 1_000 > PAY_LATEST_MS);
  const total = totalOfLocks(locks);

  // The button that locked the seats is gone, and the focus with it: the next step takes the focus.
  const payButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus && document.activeElement === document.body) {
      payButton.current?.focus({ preventScroll: true });
    }
  }, [takesFocus]);

  const wasEnding = useRef(false);
  useEffect(() => {
    if (countdown.phase === 'ending' && !wasEnding.current) {
      announce(`Your seats are held for another ${countdown.secondsLeft} seconds.`, 'assertive');
    }
    wasEnding.current = countdown.phase === 'ending';
  }, [countdown.phase, countdown.secondsLeft, announce]);

  const work = async (call: () => Promise<void>) => {
    if (isWorking) return;
    setWorking(true);
    setProblem(undefined);
    try {
      await call();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  };

  const extend = () =>
    work(async () => {
      const result = await hold.extend(locks.filter(({ id }) => !exhausted.has(id)));
      setExhausted((before) => new Set([...before, ...result.exhausted.map(({ id }) => id)]));
      const text = extensionText(result, (seat) => seating.nameOf(seat), messageOf);
      // A result that all locks share is visible in the clock and the buttons.
      if (result.failed.length > 0 || (result.extended.length > 0 && result.exhausted.length > 0))
        setProblem(text);
      else announce(text);
    });

  const release = (released: readonly HeldSeat[]) =>
    work(async () => {
      await hold.release(released.map(({ seatNumber }) => seatNumber));
      announce(`${released.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ')} given back.`);
    });

  const [first] = locks;
  const endTogether = locks.every(({ expiresAt }) => expiresAt === first?.expiresAt);
  return (
    <section className="panel-part held" aria-label="Held for you">
      <div className="held-head">
        <h2>Held for you</h2>
        <span className={`clock ${countdown.phase}`} role="timer" aria-live="off">
          {countdown.text}
        </span>
      </div>
      <ul className="seat-lines">
        {locks.map((lock) => {
          const name = seating.nameOf(lock.seatNumber);
          const { price } = lock;
          return (
            <li key={lock.id}>
              <span>
                {name}
                {!endTogether && (
                  <span className="muted"> · {countdownOf(Date.parse(lock.expiresAt), nowMs).text}</span>
                )}
              </span>
              {price && <span className="number">{formatMoney(price, { short: true })}</span>}
              <button
                type="button"
                className="icon-button"
                aria-label={`Give ${name} back`}
                aria-disabled={isWorking}
                onClick={() => void release([lock])}
              >
                <CloseIcon />
              </button>
            </li>
          );
        })}
      </ul>
      <div className="action">
        {problem !== undefined && (
          <Notice tone="warning" alert>
            {problem}
          </Notice>
        )}
        {expired.length > 0 && <ExpiredSeats expired={expired} seating={seating} />}
        {countdown.phase === 'ending' && (
          <Notice tone="warning">
            <strong>Less than a minute left.</strong>{' '}
            {canExtend
              ? 'Pay, or take more time.'
              : isPayOffered && 'Pay now; these seats cannot be held longer.'}
          </Notice>
        )}
        {isPayOffered && (
          <div className="pay-line">
            <button ref={payButton} type="button" className="button primary grow" onClick={onPay}>
              {withTotal('Pay', total)}
            </button>
            {/* On narrow screens the button is fixed to the edge, and the clock above may be out of view. */}
            <span className={`clock ${countdown.phase} only-narrow`} aria-hidden="true">
              {countdown.text}
            </span>
          </div>
        )}
        <div className="row">
          {canExtend ? (
            <button
              type="button"
              className="button quiet grow"
              aria-disabled={isWorking}
              onClick={() => void extend()}
            >
              More time
            </button>
          ) : (
            <span className="muted grow">No more time can be added.</span>
          )}
          <button
            type="button"
            className="button quiet grow"
            aria-disabled={isWorking}
            onClick={() => void release(locks)}
          >
            Give back
          </button>
        </div>
      </div>
    </section>
  );
}
