import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { AVAILABLE, createSeatMapClient } from 'seat-map';

/** One for the app. React Native has WebSocket and fetch; what a restart must not lose goes into `storage`. */
export const client = createSeatMapClient({ endpoint: 'https://seats.example/graphql' });

/** The live map of an event, and the viewer's own seats, for a screen. */
export function useSeats(eventId: string) {
  const map = useMemo(() => client.seatMap(eventId), [eventId]);
  const hold = useMemo(() => client.hold(eventId), [eventId]);
  const { isLive, version, statuses, availability } = useSyncExternalStore(map.subscribe, map.getSnapshot);
  const { own, endsAtMs, isWorking, error } = useSyncExternalStore(hold.subscribe, hold.getSnapshot);
  return {
    isLive,
    // Changes with every change of a seat: a list that shows seats takes it as `extraData`.
    version,
    seatsLeft: availability?.availableSeats,
    isAvailable: useCallback((seat: number) => statuses[seat - 1] === AVAILABLE, [statuses]),
    own,
    secondsLeft: endsAtMs === null ? null : Math.ceil((endsAtMs - client.clock.nowMs()) / 1_000),
    isWorking,
    error,
    hold: (seats: readonly number[]) => hold.lock(seats),
    giveBack: () => hold.release(),
  };
}
