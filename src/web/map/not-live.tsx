import { useEffect, useRef, useState } from 'react';
import { formatTimeOfDay } from '../text/time.js';
import { useAnnounce } from '../ui/announcer.js';
import type { LiveMap } from './live-map.js';
import { useRevision } from './use-live-map.js';

/** A break shorter than this is mended before anybody has read of it. */
const QUIET_MS = 600;

/** A map that is there and that nothing was heard of for so long may never become live. */
const FIRST_MESSAGE_MS_MAX = 3_000;

/** Says that the map is not live, and since when; nothing while it is. */
export function NotLive({ map }: { map: LiveMap | undefined }) {
  useRevision(map);
  const announce = useAnnounce();
  const isLive = map?.isLive ?? false;
  const isThere = map?.state !== undefined;
  const [isSaid, setSaid] = useState(false);
  const wasLive = useRef(false);

  useEffect(() => {
    if (isLive) {
      wasLive.current = true;
      setSaid(false);
      return;
    }
    const isBroken = wasLive.current || map?.hasFailed;
    // On a slow network it is still being read, which the page shows already.
    if (!isBroken && !isThere) return;
    const timer = setTimeout(() => setSaid(true), isBroken ? QUIET_MS : FIRST_MESSAGE_MS_MAX);
    return () => clearTimeout(timer);
  }, [isLive, isThere, map?.hasFailed]);

  const wasSaid = useRef(false);
  useEffect(() => {
    if (isSaid) {
      const what = wasLive.current
        ? 'The connection is lost. The map is not live.'
        : 'The map is not live yet.';
      announce(what, 'assertive');
    } else if (wasSaid.current) announce('The map is live again.');
    wasSaid.current = isSaid;
  }, [isSaid, announce]);

  if (!isSaid) return null;
  return (
    <div className="not-live">
      <span className="spinner" aria-hidden="true" />
      <span>
        <strong>Not live.</strong> {whatIsShown(map)} {wasLive.current ? 'Reconnecting…' : 'Connecting…'}
      </span>
    </div>
  );
}

function whatIsShown(map: LiveMap | undefined): string {
  if (map?.state === undefined) return 'The map cannot be reached.';
  return map.receivedAtMs ? `Seats as of ${formatTimeOfDay(map.receivedAtMs)}.` : 'Seats may have changed.';
}
