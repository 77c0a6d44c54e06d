import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../services.js';
import { LiveMap } from './live-map.js';

/** The event's live map while the component is mounted; undefined before its first effect. It waits for `setSeating`. */
export function useLiveMap(eventId: string): LiveMap | undefined {
  const services = useServices();
  const [map, setMap] = useState<LiveMap>();
  useEffect(() => {
    const opened = new LiveMap(services, eventId);
    opened.open();
    setMap(opened);
    return () => opened.close();
  }, [services, eventId]);
  return map;
}

/**
 * Renders the component again only when what it reads of the map changes, and not with every message.
 *
 * @param read called with every message, so it is quick; two results are the same by `Object.is`
 * @returns undefined while there is no map
 */
export function useMapValue<Value>(
  map: LiveMap | undefined,
  read: (map: LiveMap) => Value,
): Value | undefined {
  const subscribe = useCallback((changed: () => void) => map?.onChange(changed) ?? (() => {}), [map]);
  return useSyncExternalStore(subscribe, () => (map === undefined ? undefined : read(map)));
}

export const useIsLive = (map: LiveMap | undefined): boolean =>
  useMapValue(map, ({ isLive }) => isLive) ?? false;

/** The free seats of these sections; undefined before the map is live, as its counts may be wrong. */
export const useSeatsLeft = (map: LiveMap | undefined, sections: Iterable<number>): number | undefined =>
  useMapValue(map, ({ state, receivedAtMs }) => {
    if (state === undefined || receivedAtMs === 0) return undefined;
    let left = 0;
    for (const section of sections) left += state.freeInSection(section);
    return left;
  });
