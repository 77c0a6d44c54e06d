import { useApolloClient } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import {
  ExtendLockDocument,
  type LockDetailsFragment,
  ReleaseLockDocument,
} from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { messageOf, refusalOf } from '../network/refusal.js';
import { untilAnswered } from '../network/retry.js';
import { formatMoney } from '../text/money.js';
import { useAnnounce } from '../ui/announcer.js';
import { Cross } from '../ui/cross.js';
import { Notice } from '../ui/notice.js';
import type { Countdown } from './countdown.js';
import { totalOf, withTotal } from './total.js';

/** What is held for the viewer, for how long, and what can be done in that time. */
export function HeldPanel({
  locks,
  seating,
  countdown,
  takesFocus,
  onPay,
}: {
  locks: readonly LockDetailsFragment[];
  seating: Seating;
  countdown: Countdown;
  /** The seats were held just now, on this page, and not found held. */
  takesFocus: boolean;
  onPay: () => void;
}) {
  const client = useApolloClient();
  const announce = useAnnounce();
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<string>();
  /** Locks that the server will hold no longer. */
  const [exhausted, setExhausted] = useState<ReadonlySet<string>>(new Set());
  const canExtend = locks.some(({ id }) => !exhausted.has(id));
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
      const refused = new Set(exhausted);
      await Promise.all(
        locks.map(async ({ id }) => {
          try {
            await untilAnswered(() =>
              client.mutate({ mutation: ExtendLockDocument, variables: { lockId: id } }),
            );
          } catch (error) {
            if (refusalOf(error)?.code !== 'LOCK_EXTENSION_LIMIT') throw error;
            refused.add(id);
          }
        }),
      );
      setExhausted(refused);
      const isRefused = locks.every(({ id }) => refused.has(id));
      announce(isRefused ? 'These seats cannot be held longer.' : 'You have more time.');
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

  return (
    <section className="panel-part" aria-label="Held for you">
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
              <span>{name}</span>
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
      {fault !== undefined && (
        <Notice tone="warning" alert>
          {fault}
        </Notice>
      )}
      <div className="action">
        {countdown.phase === 'ending' && (
          <Notice tone="warning">
            <strong>Less than a minute left.</strong>{' '}
            {canExtend ? 'Pay, or take more time.' : 'Pay now; these seats cannot be held longer.'}
          </Notice>
        )}
        <div className="pay-line">
          <button ref={payButton} type="button" className="button primary grow" onClick={onPay}>
            {withTotal('Pay', total)}
          </button>
          {/* Where the action is fixed to the screen's edge, the clock above may be out of sight. */}
          <span className={`clock ${countdown.phase} only-narrow`} aria-hidden="true">
            {countdown.text}
          </span>
        </div>
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
