import { useEffect, useState } from 'react';
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
