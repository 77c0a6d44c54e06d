import { useEffect, useRef, useState } from 'react';
import type { ShownMap } from '../map/seat-states.js';
import { formatTimeOfDay } from '../text/time-of-day.js';
import { useAnnounce } from './announcer.js';
import { useIsLive, useMapValue } from './use-map-value.js';

/** A shorter interruption is over before anybody could read the message. */
const QUIET_MS = 600;

/** A map without a message for this long may never become live. */
const FIRST_MESSAGE_MS_MAX = 3_000;

/** Says that the map is not live, and since when. Shows nothing while it is live. */
export function NotLive({ map }: { map: ShownMap | undefined }) {
  const announce = useAnnounce();
  const isLive = useIsLive(map);
  const isThere = useMapValue(map, ({ state }) => state !== undefined) ?? false;
  const hasFailed = useMapValue(map, (read) => read.hasFailed) ?? false;
  const [isShown, setShown] = useState(false);
  const wasLive = useRef(false);

  useEffect(() => {
    if (isLive) {
      wasLive.current = true;
      setShown(false);
      return;
    }
    const isBroken = wasLive.current || hasFailed;
    // The map is still being read, which the page already shows.
    if (!isBroken && !isThere) return;
    const timer = setTimeout(() => setShown(true), isBroken ? QUIET_MS : FIRST_MESSAGE_MS_MAX);
    return () => clearTimeout(timer);
  }, [isLive, isThere, hasFailed]);

  const wasShown = useRef(false);
  useEffect(() => {
    if (isShown) {
      const what = wasLive.current
        ? 'The connection is lost. The map is not live.'
        : 'The map is not live yet.';
      announce(what, 'assertive');
    } else if (wasShown.current) announce('The map is live again.');
    wasShown.current = isShown;
  }, [isShown, announce]);

  if (!isShown) return null;
  return (
    <div className="seat-map-notice">
      <span className="seat-map-spinner" aria-hidden="true" />
      <span>
        <strong>Not live.</strong> {whatIsShown(map)} {wasLive.current ? 'Reconnecting…' : 'Connecting…'}
      </span>
    </div>
  );
}

function whatIsShown(map: ShownMap | undefined): string {
  if (map?.state === undefined) return 'The map cannot be reached.';
  return map.receivedAtMs ? `Seats as of ${formatTimeOfDay(map.receivedAtMs)}.` : 'Seats may have changed.';
}
