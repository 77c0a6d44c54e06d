import { useMemo, useState } from 'react';
import { type LockDetailsFragment, MyReservationsDocument } from '../graphql/generated/graphql.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { newestLocks, type Reservations } from './held-seats.js';

const NO_RESERVATIONS: Pick<Reservations, 'locks' | 'bookings'> = { locks: [], bookings: [] };

/** The viewer's locks and bookings for an event, the same on all of their devices. */
export function useReservations(
  eventId: string,
  viewerId: string | undefined,
): {
  reservations: Pick<Reservations, 'locks' | 'bookings'>;
  /** Whether the viewer's reservations are known. */
  isKnown: boolean;
  /** Adds locks that a call has just created or extended, before the subscription sends them. */
  add: (locks: readonly LockDetailsFragment[]) => void;
} {
  const { clock } = useServices();
  const [added, setAdded] = useState<{
    viewerId: string | undefined;
    locks: readonly LockDetailsFragment[];
  }>();
  const message = useLiveSubscription(MyReservationsDocument, {
    variables: { eventId },
    isWanted: viewerId !== undefined,
    onData: ({ myReservationsChanged }) => clock.receive(myReservationsChanged.serverTime),
  });
  const received = viewerId === undefined ? undefined : message?.myReservationsChanged;
  const mine = added !== undefined && added.viewerId === viewerId ? added.locks : undefined;
  const reservations = useMemo(() => {
    const { locks, bookings } = received ?? NO_RESERVATIONS;
    return { locks: viewerId === undefined ? locks : newestLocks(locks, mine ?? []), bookings };
  }, [received, mine, viewerId]);

  return {
    reservations,
    isKnown: viewerId !== undefined && (received !== undefined || mine !== undefined),
    add: (locks) => setAdded({ viewerId, locks: newestLocks(mine ?? [], locks) }),
  };
}
