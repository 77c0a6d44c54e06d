import { useEffect, useRef, useState } from 'react';
import { useServices } from '../services.js';
import { formatTimeOfDay } from '../text/time.js';
import { useAnnounce } from '../ui/announcer.js';
import type { LiveMap } from './live-map.js';
import { useRevision } from './use-live-map.js';

/** A break shorter than this is mended before anybody has read of it. */
const QUIET_MS = 600;

/** A map that nothing was heard of for so long after it was opened may never become live. */
const FIRST_WORD_MS_MAX = 3_000;

/** Says that the map is not live, and since when; nothing while it is. */
export function NotLive({ map }: { map: LiveMap | undefined }) {
  useRevision(map);
  const { clock } = useServices();
  const announce = useAnnounce();
  const isLive = map?.isLive ?? false;
  const [isSaid, setSaid] = useState(false);
  const wasLive = useRef(false);

  useEffect(() => {
    if (isLive) {
      wasLive.current = true;
      setSaid(false);
      return;
    }
    const isBroken = wasLive.current || map?.hasFailed;
    const timer = setTimeout(() => setSaid(true), isBroken ? QUIET_MS : FIRST_WORD_MS_MAX);
    return () => clearTimeout(timer);
  }, [isLive, map?.hasFailed]);

  const wasSaid = useRef(false);
  useEffect(() => {
    if (isSaid) announce('The connection is lost. The map is not live.', 'assertive');
    else if (wasSaid.current) announce('The map is live again.');
    wasSaid.current = isSaid;
  }, [isSaid, announce]);

  if (!isSaid) return null;
  const since = map?.heardAtMs || clock.nowMs();
  return (
    <div className="not-live">
      <span className="spinner" aria-hidden="true" />
      <span>
        <strong>Not live.</strong>{' '}
        {map?.state === undefined ? 'The map cannot be reached.' : `Seats as of ${formatTimeOfDay(since)}.`}{' '}
        Reconnecting…
      </span>
    </div>
  );
}
