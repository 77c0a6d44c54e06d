import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { HeldSeat } from 'seat-map';
import type { Checkout, CheckoutState } from 'seat-map/check-out';
import type { Seating } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { checkoutText, hasOthers } from './checkout-text.js';

/** The viewer's check-out of an event. Announces what has come of it. @param locks what the viewer holds */
export function useCheckout(checkout: Checkout, seating: Seating, locks: readonly HeldSeat[]): CheckoutState {
  const announce = useAnnounce();
  const latestLocks = useRef(locks);
  latestLocks.current = locks;
  useEffect(() => {
    let before = checkout.getSnapshot();
    return checkout.subscribe(() => {
      const wasWorking = before.kind === 'working';
      const now = checkout.getSnapshot();
      before = now;
      // SessionEnded announces the end of the session.
      if (!wasWorking || now.kind !== 'done' || now.outcome.kind === 'session ended') return;
      const hasOtherSeats = hasOthers(now.attempt, latestLocks.current);
      announce(checkoutText(now.outcome, hasOtherSeats, seating), 'assertive');
    });
  }, [checkout, seating, announce]);
  return useSyncExternalStore(checkout.subscribe, checkout.getSnapshot);
}
