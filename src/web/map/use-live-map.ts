import { useEffect, useState, useSyncExternalStore } from 'react';
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

const NEVER = () => () => {};

/** Renders the component again with every change of the map, so it is only for small components. */
export function useRevision(map: LiveMap | undefined): number {
  return useSyncExternalStore(
    map === undefined ? NEVER : (changed) => map.onChange(changed),
    () => map?.revision ?? 0,
  );
}

/** Renders the component only when `isLive` changes, and not with every seat. */
export function useIsLive(map: LiveMap | undefined): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (map === undefined) return;
    const update = () => setLive(map.isLive);
    update();
    return map.onChange(update);
  }, [map]);
  return isLive;
}
