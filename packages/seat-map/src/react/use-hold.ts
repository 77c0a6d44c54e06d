import { useMemo, useSyncExternalStore } from 'react';
import { type Checkout, type CheckoutState, createCheckout } from '../check-out/checkout.js';
import type { HoldSnapshot, SeatHold } from '../core/seat-hold.js';
import { useSeatMapClient } from './client-context.js';

export interface Hold extends HoldSnapshot {
  /** What has come of the viewer's check-out. */
  readonly checkout: CheckoutState;
  readonly lock: SeatHold['lock'];
  readonly hold: SeatHold['hold'];
  readonly extend: SeatHold['extend'];
  readonly release: SeatHold['release'];
  readonly checkOut: Checkout['pay'];
  /** Sends an unanswered check-out again. */
  readonly checkOutAgain: Checkout['again'];
  /** Closes a check-out. */
  readonly closeCheckout: Checkout['reset'];
}

/**
 * What the viewer holds of an event, and the calls that change it. They reject with a SeatMapError if the server refuses them;
 * the last error is also in `error`. A reload loses nothing: an interrupted check-out goes on by itself.
 */
export function useHold(eventId: string): Hold {
  const client = useSeatMapClient();
  const { hold, checkout, calls } = useMemo(() => {
    const hold = client.hold(eventId);
    const checkout = createCheckout(client, hold);
    const calls = {
      lock: (...args: Parameters<Hold['lock']>) => hold.lock(...args),
      hold: (...args: Parameters<Hold['hold']>) => hold.hold(...args),
      extend: (...args: Parameters<Hold['extend']>) => hold.extend(...args),
      release: (...args: Parameters<Hold['release']>) => hold.release(...args),
      checkOut: (...args: Parameters<Hold['checkOut']>) => checkout.pay(...args),
      checkOutAgain: () => checkout.again(),
      closeCheckout: () => checkout.reset(),
    };
    return { hold, checkout, calls };
  }, [client, eventId]);
  const held = useSyncExternalStore(hold.subscribe, hold.getSnapshot, hold.getSnapshot);
  const state = useSyncExternalStore(checkout.subscribe, checkout.getSnapshot, checkout.getSnapshot);
  return useMemo(() => ({ ...held, ...calls, checkout: state }), [held, calls, state]);
}
