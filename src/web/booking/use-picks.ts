import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { nearestFreeSeats } from '../../booking/nearest-free-seats.js';
import { useAccount } from '../account/viewer.js';
import { type LockDetailsFragment, LockSeatsDocument } from '../graphql/generated/graphql.js';
import type { Layout } from '../map/layout.js';
import type { LiveMap } from '../map/live-map.js';
import { AVAILABLE } from '../map/map-state.js';
import type { OwnSeats } from '../map/seat-appearance.js';
import { apiErrorOf, messageOf, seatsIn } from '../network/api-error.js';
import { useUntilAnswered } from '../network/use-retry-until-answered.js';
import { useAnnounce } from '../ui/announcer.js';
import { moreWords } from './offer-text.js';
import {
  forgetLost,
  keepOthers,
  lose,
  NO_PICKS,
  PICKS_MAX,
  type Picks,
  replaceLost,
  toggle,
  without,
} from './picks.js';
import { type SeatLimit, seatLimitWords } from './seat-limit.js';

/** The map tells of a lock before it is told that it is the viewer's, of another tab or of a call whose answer was lost. */
const OWN_LOCK_MESSAGE_MS = 400;

/** Said of an event from its date on. */
export const BEGUN = 'It has begun: no more seats are booked.';

/**
 * Picking seats and locking them all at once.
 *
 * @param own what the viewer has already, which nobody can take
 * @param limit how many seats the viewer may still pick
 * @param hasBegun whether the event has: from then on no seat of it is booked
 */
export function usePicks(
  map: LiveMap | undefined,
  layout: Layout,
  own: OwnSeats,
  limit: SeatLimit,
  hasBegun: boolean,
  onLocked: (locks: readonly LockDetailsFragment[]) => void,
) {
  const { seating } = layout;
  const client = useApolloClient();
  const untilAnswered = useUntilAnswered();
  const announce = useAnnounce();
  const { signIn, signInAgain } = useAccount();
  const [picks, setPicks] = useState<Picks>(NO_PICKS);
  const [isLocking, setLocking] = useState(false);
  const [fault, setFault] = useState<string>();
  const latest = useRef({ picks, own, isLocking });
  latest.current = { picks, own, isLocking };

  const namesOf = useCallback(
    (seats: readonly number[]) => seats.map((seat) => seating.nameOf(seat)).join('; '),
    [seating],
  );
  const reportLost = useCallback(
    (next: Picks, gone: readonly number[]) => {
      latest.current.picks = next;
      setPicks(next);
      const suggested = next.suggested.map((seat) => {
        const more = moreWords([seat], next.lost, seating);
        return more === null ? seating.nameOf(seat) : `${seating.nameOf(seat)}, ${more}`;
      });
      const near = suggested.length === 0 ? '' : ` Nearest free: ${suggested.join('; ')}.`;
      announce(`Somebody else was faster: ${namesOf(gone)}.${near}`, 'assertive');
    },
    [announce, namesOf, seating],
  );

  /** By the server's own rule. @param told free seats that the server has named: all that is known off line */
  const nearTo = useCallback(
    (lost: readonly number[], isExcluded: (seat: number) => boolean, told: readonly number[] = []) => {
      const isFree = (seat: number) =>
        !isExcluded(seat) &&
        (told.includes(seat) || (map?.isLive === true && map.state?.statusOf(seat) === AVAILABLE));
      return nearestFreeSeats({ sections: seating.sections, totalSeats: seating.totalSeats, isFree }, lost);
    },
    [seating, map],
  );

  /** Tells of those among these seats that are picked and somebody else's by now, and offers none that are. */
  const recheckPicks = useCallback(
    (seats: readonly number[]) => {
      const { picks: now, own: mine, isLocking: isAsking } = latest.current;
      const state = map?.state;
      // While the lock is under way the seats change because of it, or its refusal says which were lost.
      if (state === undefined || isAsking) return;
      const gone = seats.filter(
        (seat) => now.seats.includes(seat) && state.statusOf(seat) !== AVAILABLE && !mine.has(seat),
      );
      if (gone.length > 0) return reportLost(lose(now, gone, nearTo), gone);
      // What is offered instead may go as well: others are offered, and nothing is said, for none of it was theirs.
      if (!now.suggested.some((seat) => seats.includes(seat) && state.statusOf(seat) !== AVAILABLE)) return;
      latest.current.picks = lose(now, [], nearTo);
      setPicks(latest.current.picks);
    },
    [map, nearTo, reportLost],
  );
  // Somebody else takes a picked seat: said when it happens, not only when it is asked for.
  useEffect(() => {
    const changed = new Set<number>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = map?.onChange((seats) => {
      const { seats: picked, suggested } = latest.current.picks;
      for (const seat of seats) if (picked.includes(seat) || suggested.includes(seat)) changed.add(seat);
      if (changed.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        recheckPicks([...changed]);
        changed.clear();
      }, OWN_LOCK_MESSAGE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [map, recheckPicks]);

  useEffect(() => {
    if (!hasBegun) return;
    const { seats, lost } = latest.current.picks;
    // They go from the screen before anybody has touched them.
    if (seats.length + lost.length > 0) announce(BEGUN, 'assertive');
    setPicks(NO_PICKS);
  }, [hasBegun, announce]);

  useEffect(() => setPicks((before) => keepOthers(before, (seat) => own.has(seat))), [own]);

  const pick = (seat: number) => {
    if (hasBegun) {
      // The panel says so to those who see it.
      announce(BEGUN);
      return;
    }
    const status = map?.state?.statusOf(seat);
    if (own.has(seat) && !picks.seats.includes(seat)) {
      announce(`${seating.nameOf(seat)} is yours already`);
      return;
    }
    if (!picks.seats.includes(seat) && status !== AVAILABLE) {
      announce(`${seating.nameOf(seat)} ${map?.isLive ? 'is' : 'was'} taken`);
      return;
    }
    if (!picks.seats.includes(seat) && picks.seats.length >= PICKS_MAX) {
      setFault(`One order has at most ${PICKS_MAX} seats.`);
      return;
    }
    if (!picks.seats.includes(seat) && picks.seats.length >= limit.left) {
      setFault(seatLimitWords(limit));
      return;
    }
    setFault(undefined);
    const next = toggle(forgetLost(picks), seat);
    setPicks(next);
    announce(
      `${seating.nameOf(seat)} ${next.seats.includes(seat) ? 'picked' : 'no longer picked'}. ${next.seats.length} picked.`,
    );
  };

  const lock = async (seats: readonly number[]) => {
    if (latest.current.isLocking || seats.length === 0) return;
    latest.current.isLocking = true;
    setLocking(true);
    setFault(undefined);
    try {
      const { data } = await untilAnswered(() =>
        client.mutate({
          mutation: LockSeatsDocument,
          variables: { input: { eventId: map?.eventId ?? '', seatNumbers: [...seats] } },
        }),
      );
      onLocked(data?.lockSeats ?? []);
      // At once, too: the map may tell of the lock before the next rendering, and it is nobody else's.
      latest.current.picks = without(latest.current.picks, seats);
      setPicks((before) => without(before, seats));
      announce(`Held for you: ${namesOf(seats)}.`);
    } catch (error) {
      const refusal = apiErrorOf(error);
      if (refusal?.code === 'SEAT_UNAVAILABLE') {
        const lost = seatsIn(refusal, 'seatNumbers');
        const suggested = seatsIn(refusal, 'suggestedSeats');
        const { picks: now } = latest.current;
        reportLost(
          lose(now, lost, (all, isExcluded) => nearTo(all, isExcluded, suggested)),
          lost,
        );
      } else if (refusal?.code === 'UNAUTHENTICATED') {
        signInAgain('Your session is over. Sign in again; your picks stay.', () => void lock(seats));
      } else {
        setFault(messageOf(error));
      }
    } finally {
      latest.current.isLocking = false;
      setLocking(false);
      recheckPicks(latest.current.picks.seats.filter((seat) => !seats.includes(seat)));
    }
  };

  return {
    picks,
    isLocking,
    fault,
    pick,
    forgetLost: () => setPicks(forgetLost),
    /** Locks what is picked, after asking for an account where there is none. */
    hold: () =>
      signIn(
        'An account keeps your seats for you while you pay.',
        () => void lock(latest.current.picks.seats),
      ),
    /** One tap: these instead of the lost ones, and all of it held. */
    holdInstead: (replacements: readonly number[]) => {
      if (latest.current.isLocking) return;
      const next = replaceLost(picks, replacements);
      setPicks(next);
      signIn('An account keeps your seats for you while you pay.', () => void lock(next.seats));
    },
  };
}
