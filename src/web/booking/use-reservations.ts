import { useMemo, useState } from 'react';
import { type LockDetailsFragment, MyReservationsDocument } from '../graphql/generated/graphql.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { newestLocks, type Reservations } from './held-seats.js';

const NOTHING: Pick<Reservations, 'locks' | 'bookings'> = { locks: [], bookings: [] };

/** The viewer's locks and bookings for an event, the same on all of their devices. */
export function useReservations(
  eventId: string,
  viewerId: string | undefined,
): {
  reservations: Pick<Reservations, 'locks' | 'bookings'>;
  /** Whether it is known what this viewer has, if anything. */
  isTold: boolean;
  /** Shows locks as a call has just made or extended them before the subscription tells of it. */
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
  const told = viewerId === undefined ? undefined : message?.myReservationsChanged;
  const mine = added !== undefined && added.viewerId === viewerId ? added.locks : undefined;
  const reservations = useMemo(() => {
    const { locks, bookings } = told ?? NOTHING;
    return { locks: viewerId === undefined ? locks : newestLocks(locks, mine ?? []), bookings };
  }, [told, mine, viewerId]);

  return {
    reservations,
    isTold: viewerId !== undefined && (told !== undefined || mine !== undefined),
    add: (locks) => setAdded({ viewerId, locks: newestLocks(mine ?? [], locks) }),
  };
}
