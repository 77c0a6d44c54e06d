import { useSubscription } from '@apollo/client/react';
import { useMemo, useState } from 'react';
import { type LockDetailsFragment, MyReservationsDocument } from '../graphql/generated/graphql.js';
import { useRestart } from '../network/use-restart.js';
import { useServices } from '../services.js';
import type { Reservations } from './holding.js';

const NOTHING: Pick<Reservations, 'locks' | 'bookings'> = { locks: [], bookings: [] };

/** The viewer's locks and bookings for an event, the same on all of their devices. */
export function useReservations(
  eventId: string,
  viewerId: string | undefined,
): {
  reservations: Pick<Reservations, 'locks' | 'bookings'>;
  /** Shows locks that a call has just made before the subscription tells of them. */
  add: (locks: readonly LockDetailsFragment[]) => void;
} {
  const { clock } = useServices();
  const [added, setAdded] = useState<{
    viewerId: string | undefined;
    locks: readonly LockDetailsFragment[];
  }>();
  const subscription = useSubscription(MyReservationsDocument, {
    variables: { eventId },
    skip: viewerId === undefined,
    onData: ({ data: { data: message } }) => {
      if (message) clock.heard(message.myReservationsChanged.serverTime);
    },
  });

  useRestart(subscription, viewerId !== undefined);
  const told = viewerId === undefined ? undefined : subscription.data?.myReservationsChanged;
  const reservations = useMemo(() => {
    const { locks, bookings } = told ?? NOTHING;
    if (added === undefined || added.viewerId !== viewerId || viewerId === undefined)
      return { locks, bookings };
    // What the server tells of a lock is newer than what the call that made it said.
    const known = new Set(locks.map(({ id }) => id));
    return { locks: [...locks, ...added.locks.filter(({ id }) => !known.has(id))], bookings };
  }, [told, added, viewerId]);

  return {
    reservations,
    add: (locks) => setAdded({ viewerId, locks }),
  };
}
