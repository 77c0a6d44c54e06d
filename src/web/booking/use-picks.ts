import { useCallback, useEffect, useRef, useState } from 'react';
import { AVAILABLE, apiErrorOf, type HeldSeat, type SeatHold, seatsIn } from 'seat-map';
import type { LiveMap } from 'seat-map/map';
import { type Layout, type OwnSeats, type Section } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { nearestFreeSeats } from '../../booking/nearest-free-seats.js';
import { useAccount } from '../account/viewer.js';
import { messageOf } from '../network/api-error-text.js';
import { freePlaces, replacePlaces } from './free-places.js';
import { extraPriceText } from './offer-text.js';
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
  withPlaces,
} from './picks.js';
import { type SeatLimit, seatLimitText } from './seat-limit.js';

/** The map shows a lock before the page learns that it is the viewer's own, from another tab or a lost answer. */
const OWN_LOCK_MESSAGE_MS = 400;

export const SIGN_IN_AGAIN = 'Your session is over. Sign in again; your picks stay.';
/** So often other places of a standing section are tried where somebody was faster. */
const ATTEMPTS_MAX = 4;

/** Shown for an event from its date on. */
export const EVENT_STARTED = 'It has begun: no more seats are booked.';

/**
 * The picked seats, and locking all of them at once.
 *
 * @param own the viewer's own seats, which others cannot take
 * @param closed why no seat can be booked any more; null while seats can
 */
export function usePicks(
  seatHold: SeatHold,
  map: LiveMap | undefined,
  layout: Layout,
  own: OwnSeats,
  limit: SeatLimit,
  closed: string | null,
  onLocked: (locks: readonly HeldSeat[]) => void,
) {
  const { seating } = layout;
  const announce = useAnnounce();
  const { viewer, signInAgain, ensureViewer } = useAccount();
  const isGuest = viewer?.isGuest ?? true;
  const [picks, setPicks] = useState<Picks>(NO_PICKS);
  const [isLocking, setLocking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const latest = useRef({ picks, own, isLocking, onLocked });
  latest.current = { picks, own, isLocking, onLocked };

  const namesOf = useCallback(
    (seats: readonly number[]) => seats.map((seat) => seating.nameOf(seat)).join('; '),
    [seating],
  );
  const reportLost = useCallback(
    (next: Picks, taken: readonly number[]) => {
      latest.current.picks = next;
      setPicks(next);
      const suggested = next.suggested.map((seat) => {
        const more = extraPriceText([seat], next.lost, seating);
        return more === null ? seating.nameOf(seat) : `${seating.nameOf(seat)}, ${more}`;
      });
      const near = suggested.length === 0 ? '' : ` Nearest free: ${suggested.join('; ')}.`;
      announce(`Somebody else was faster: ${namesOf(taken)}.${near}`, 'assertive');
    },
    [announce, namesOf, seating],
  );

  /** Free seats near lost ones, by the server's rule. @param named free seats that the server has named */
  const nearTo = useCallback(
    (lost: readonly number[], isExcluded: (seat: number) => boolean, named: readonly number[] = []) => {
      const isFree = (seat: number) =>
        !isExcluded(seat) &&
        (named.includes(seat) || (map?.isLive === true && map.state?.statusOf(seat) === AVAILABLE));
      const { plan, sections } = seating;
      return nearestFreeSeats({ plan, priceOf: (index) => sections[index]?.price ?? null, isFree }, lost);
    },
    [seating, map],
  );

  /** Free places of a standing section that the viewer does not have yet. */
  const placesIn = useCallback(
    (section: Section, count: number, isExcluded: (place: number) => boolean) =>
      map?.state === undefined
        ? []
        : freePlaces(
            map.state,
            section,
            count,
            (place) => isExcluded(place) || latest.current.own.has(place),
          ),
    [map],
  );

  /** Reports which of these picked seats others have taken, and replaces suggestions that are taken. */
  const recheckPicks = useCallback(
    (seats: readonly number[]) => {
      const { picks: now, own: ownNow, isLocking: isLockingNow } = latest.current;
      const state = map?.state;
      // During a lock call, the seats change because of the call itself, or its refusal names the lost ones.
      if (state === undefined || isLockingNow) return;
      const taken = seats.filter(
        (seat) => now.seats.includes(seat) && state.statusOf(seat) !== AVAILABLE && !ownNow.has(seat),
      );
      if (taken.length > 0) {
        const { picks: kept, lost } = replacePlaces(now, taken, seating, placesIn);
        latest.current.picks = kept;
        setPicks(kept);
        if (lost.length > 0) reportLost(lose(kept, lost, nearTo), lost);
        return;
      }
      // Suggested seats may be taken too. They are replaced without an announcement, as the viewer had not picked them.
      if (!now.suggested.some((seat) => seats.includes(seat) && state.statusOf(seat) !== AVAILABLE)) return;
      latest.current.picks = lose(now, [], nearTo);
      setPicks(latest.current.picks);
    },
    [map, nearTo, placesIn, reportLost, seating],
  );
  // Reports at once when another user takes a picked seat.
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
    if (closed === null) return;
    const { seats, lost } = latest.current.picks;
    // The picks disappear without an action of the user.
    if (seats.length + lost.length > 0) announce(closed, 'assertive');
    setPicks(NO_PICKS);
  }, [closed, announce]);

  useEffect(() => setPicks((before) => keepOthers(before, (seat) => own.has(seat))), [own]);

  /** Picks this many places of a standing section. */
  const pickPlaces = (section: Section, places: number) => {
    if (closed !== null) return announce(closed);
    const isHere = (seat: number) => seating.sectionOf(seat) === section;
    const before = picks.seats.filter(isHere);
    const others = picks.seats.length - before.length;
    if (others + places > Math.min(limit.left, PICKS_MAX)) return setProblem(seatLimitText(limit));
    const more = placesIn(section, places - before.length, (place) => before.includes(place));
    if (before.length + more.length < places) return announce(`${seating.rowNameOf(section, 0)}: sold out`);
    setProblem(undefined);
    setPicks(withPlaces(forgetLost(picks), section, [...before, ...more].slice(0, places)));
    announce(`${places} in ${seating.rowNameOf(section, 0)} picked. ${others + places} picked.`);
  };

  const pick = (seat: number) => {
    if (seating.isStanding(seat)) {
      const section = seating.sectionOf(seat);
      const already = picks.seats.filter((each) => seating.sectionOf(each) === section);
      return pickPlaces(section, already.length + 1);
    }
    if (closed !== null) {
      // The panel shows the same text.
      announce(closed);
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
      setProblem(`One order has at most ${PICKS_MAX} seats.`);
      return;
    }
    if (!picks.seats.includes(seat) && picks.seats.length >= limit.left) {
      setProblem(seatLimitText(limit));
      return;
    }
    setProblem(undefined);
    const next = toggle(forgetLost(picks), seat);
    setPicks(next);
    announce(
      `${seating.nameOf(seat)} ${next.seats.includes(seat) ? 'picked' : 'no longer picked'}. ${next.seats.length} picked.`,
    );
  };

  const lock = async (seats: readonly number[], attempt = 1): Promise<void> => {
    if (latest.current.isLocking || seats.length === 0) return;
    let instead: readonly number[] | undefined;
    latest.current.isLocking = true;
    setLocking(true);
    setProblem(undefined);
    try {
      // Seats are held for a guest where nobody is signed in.
      if (!(await ensureViewer())) {
        signInAgain(SIGN_IN_AGAIN, () => void lock(seats));
        return;
      }
      const locks = await seatHold.lock(seats);
      // Of the newest rendering, which may know a guest whom this call has started.
      latest.current.onLocked(locks);
      // Also at once: the map may show the viewer's own lock before the next rendering.
      latest.current.picks = without(latest.current.picks, seats);
      setPicks((before) => without(before, seats));
      announce(`Held for you: ${namesOf(seats)}.`);
    } catch (error) {
      const refusal = apiErrorOf(error);
      if (refusal?.code === 'SEAT_UNAVAILABLE') {
        const lost = seatsIn(refusal, 'seatNumbers');
        const suggested = seatsIn(refusal, 'suggestedSeats');
        const { picks: kept, lost: missing } = replacePlaces(latest.current.picks, lost, seating, placesIn);
        latest.current.picks = kept;
        setPicks(kept);
        if (missing.length === 0) {
          if (attempt < ATTEMPTS_MAX) instead = kept.seats;
          else setProblem('Others were faster each time. Hold these places again.');
        } else {
          reportLost(
            lose(kept, missing, (all, isExcluded) => nearTo(all, isExcluded, suggested)),
            missing,
          );
        }
      } else if (refusal?.code === 'UNAUTHENTICATED') {
        if (isGuest) setProblem('Your last visit was too long ago. Hold the seats again.');
        else signInAgain(SIGN_IN_AGAIN, () => void lock(seats));
      } else {
        setProblem(messageOf(error));
      }
    } finally {
      latest.current.isLocking = false;
      setLocking(false);
      recheckPicks(latest.current.picks.seats.filter((seat) => !seats.includes(seat)));
    }
    if (instead !== undefined) return lock(instead, attempt + 1);
  };

  return {
    picks,
    isLocking,
    problem,
    pick,
    pickPlaces,
    forgetLost: () => setPicks(forgetLost),
    hold: () => void lock(latest.current.picks.seats),
    /** Replaces the lost seats by these, and locks all picks. */
    holdInstead: (replacements: readonly number[]) => {
      if (latest.current.isLocking) return;
      const next = replaceLost(picks, replacements);
      setPicks(next);
      void lock(next.seats);
    },
  };
}
