import { useMemo, useSyncExternalStore } from 'react';
import { createLiveEvent, type EventSnapshot } from '../event/live-event.js';
import { useSeatMapClient } from './client-context.js';

/** An event with its sections and prices, as it is at this moment. */
export function useEvent(eventId: string): EventSnapshot {
  const client = useSeatMapClient();
  const event = useMemo(() => createLiveEvent(client, eventId), [client, eventId]);
  return useSyncExternalStore(event.subscribe, event.getSnapshot, event.getSnapshot);
}
