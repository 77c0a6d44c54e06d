import { useApolloClient } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import {
  ExtendLockDocument,
  type LockDetailsFragment,
  ReleaseLockDocument,
} from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { messageOf } from '../network/api-error.js';
import { useUntilAnswered } from '../network/use-retry-until-answered.js';
import { formatMoney } from '../text/money.js';
import { useAnnounce } from '../ui/announcer.js';
import { Cross } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import { type Countdown, countdown as countdownOf } from './countdown.js';
import { ExpiredSeats } from './expired-seats.js';
import { extendLocks, extensionText } from './extend-locks.js';
import { PAY_LATEST_MS } from './time-to-pay.js';
import { totalOf, withTotal } from './total.js';

/** What is held for the viewer, for how long, and what can be done in that time. */
export function HeldPanel({
  locks,
  lapsed,
  seating,
  countdown,
  nowMs,
  canPay,
  takesFocus,
  onPay,
  onExtended,
}: {
  locks: readonly LockDetailsFragment[];
  /** Seats that were held with these and whose time is over. */
  lapsed: readonly LockDetailsFragment[];
  seating: Seating;
  /** Of the lock that ends first. */
  countdown: Countdown;
  nowMs: number;
  canPay: boolean;
  /** The seats were held just now, on this page, and not found held. */
  takesFocus: boolean;
  onPay: () => void;
  onExtended: (locks: readonly LockDetailsFragment[]) => void;
}) {
  const client = useApolloClient();
  const untilAnswered = useUntilAnswered();
  const announce = useAnnounce();
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<string>();
  /** Locks that the server will hold no longer. */
  const [exhausted, setExhausted] = useState<ReadonlySet<string>>(new Set());
  const canExtend = locks.some(({ id }) => !exhausted.has(id));
  const isPayOffered = canPay && (canExtend || countdown.secondsLeft * 1_000 > PAY_LATEST_MS);
  const total = totalOf(
    locks.map(({ seatNumber }) => seatNumber),
    seating,
  );

  // The button that held the seats is gone, and the focus with it: it goes on to what comes next.
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
    setFault(undefined);
    try {
      await call();
    } catch (error) {
      setFault(messageOf(error));
    } finally {
      setWorking(false);
    }
  };

  const extend = () =>
    work(async () => {
      const came = await extendLocks(
        locks.filter(({ id }) => !exhausted.has(id)),
        async (lockId) => {
          const { data } = await untilAnswered(() =>
            client.mutate({ mutation: ExtendLockDocument, variables: { lockId } }),
          );
          if (data == null) throw new Error('The server has answered nothing');
          return data.extendLock;
        },
      );
      onExtended(came.extended);
      setExhausted((before) => new Set([...before, ...came.exhausted.map(({ id }) => id)]));
      const words = extensionText(came, (seat) => seating.nameOf(seat), messageOf);
      // What is true of all of them shows in the clock and the buttons.
      if (came.failed.length > 0 || (came.extended.length > 0 && came.exhausted.length > 0)) setFault(words);
      else announce(words);
    });

  const release = (released: readonly LockDetailsFragment[]) =>
    work(async () => {
      await Promise.all(
        released.map(({ id }) =>
          untilAnswered(() => client.mutate({ mutation: ReleaseLockDocument, variables: { lockId: id } })),
        ),
      );
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
          const price = seating.priceOf(lock.seatNumber);
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
                <Cross />
              </button>
            </li>
          );
        })}
      </ul>
      <div className="action">
        {fault !== undefined && (
          <Notice tone="warning" alert>
            {fault}
          </Notice>
        )}
        {lapsed.length > 0 && <ExpiredSeats lapsed={lapsed} seating={seating} />}
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
            {/* Where the action is fixed to the screen's edge, the clock above may be out of sight. */}
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
