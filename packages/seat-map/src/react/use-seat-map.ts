import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { SeatMapSnapshot } from '../core/live-seat-map.js';
import { LiveMap } from '../map/live-map.js';
import { useSeatMapClient } from './client-context.js';

/** The live map of an event: every seat's status, and whether it is that of this moment. Renders with every message. */
export function useSeatMap(eventId: string): SeatMapSnapshot {
  const client = useSeatMapClient();
  const map = useMemo(() => client.seatMap(eventId), [client, eventId]);
  return useSyncExternalStore(map.subscribe, map.getSnapshot, map.getSnapshot);
}

/**
 * The live map for the drawing, which needs its seating (`setSeating`). It is open while the component is mounted, and does not
 * render it again: `useMapValue` reads it.
 */
export function useLiveMap(eventId: string): LiveMap {
  const client = useSeatMapClient();
  const map = useMemo(() => new LiveMap(client.seatMap(eventId)), [client, eventId]);
  useEffect(() => map.onChange(() => {}), [map]);
  return map;
}
