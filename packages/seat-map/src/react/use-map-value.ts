import { useCallback, useSyncExternalStore } from 'react';
import type { ShownMap } from '../map/seat-states.js';

/**
 * Renders the component again only when what it reads of the map changes, and not with every message.
 *
 * @param read called with every message, so it is quick; two results are the same by `Object.is`
 * @returns undefined while there is no map
 */
export function useMapValue<Map extends ShownMap, Value>(
  map: Map | undefined,
  read: (map: Map) => Value,
): Value | undefined {
  const subscribe = useCallback((changed: () => void) => map?.onChange(changed) ?? (() => {}), [map]);
  return useSyncExternalStore(subscribe, () => (map === undefined ? undefined : read(map)));
}

export const useIsLive = (map: ShownMap | undefined): boolean =>
  useMapValue(map, ({ isLive }) => isLive) ?? false;

/** The free seats of these sections; undefined before the map is live, as its counts may be wrong. */
export const useSeatsLeft = (map: ShownMap | undefined, sections: Iterable<number>): number | undefined =>
  useMapValue(map, ({ state, receivedAtMs }) => {
    if (state === undefined || receivedAtMs === 0) return undefined;
    let left = 0;
    for (const section of sections) left += state.freeInSection(section);
    return left;
  });
