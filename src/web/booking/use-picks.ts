import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useAccount } from '../account/viewer.js';
import { type LockDetailsFragment, LockSeatsDocument } from '../graphql/generated/graphql.js';
import type { OwnSeats } from '../map/appearance.js';
import type { LiveMap } from '../map/live-map.js';
import { AVAILABLE } from '../map/map-state.js';
import type { Seating } from '../map/seating.js';
import { messageOf, refusalOf, seatsIn } from '../network/refusal.js';
import { untilAnswered } from '../network/retry.js';
import { useAnnounce } from '../ui/announcer.js';
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

const SUGGESTIONS_MAX = 5;

/** Picking seats and locking them all at once. @param own what the viewer has already, which nobody can take */
export function usePicks(
  map: LiveMap | undefined,
  seating: Seating,
  own: OwnSeats,
  onLocked: (locks: readonly LockDetailsFragment[]) => void,
) {
  const client = useApolloClient();
  const announce = useAnnounce();
  const { viewer, signIn, signInAgain } = useAccount();
  const [picks, setPicks] = useState<Picks>(NO_PICKS);
  const [isLocking, setLocking] = useState(false);
  const [fault, setFault] = useState<string>();
  const hasAsked = useRef(false);
  const latest = useRef({ picks, own, isLocking });
  latest.current = { picks, own, isLocking };

  const namesOf = useCallback(
    (seats: readonly number[]) => seats.map((seat) => seating.nameOf(seat)).join('; '),
    [seating],
  );
  const tellLost = useCallback(
    (next: Picks, gone: readonly number[]) => {
      latest.current.picks = next;
      setPicks(next);
      const near = next.suggested.length === 0 ? '' : ` Nearest free: ${namesOf(next.suggested)}.`;
      announce(`Somebody else was faster: ${namesOf(gone)}.${near}`, 'assertive');
    },
    [announce, namesOf],
  );

  /** Tells of those among these seats that are picked and somebody else's by now. */
  const lookAgain = useCallback(
    (seats: readonly number[]) => {
      const { picks: now, own: mine, isLocking: isAsking } = latest.current;
      const state = map?.state;
      // While the lock is under way the seats change because of it, or its refusal says which were lost.
      if (state === undefined || isAsking) return;
      const gone = seats.filter(
        (seat) => now.seats.includes(seat) && state.statusOf(seat) !== AVAILABLE && !mine.has(seat),
      );
      if (gone.length === 0) return;
      tellLost(
        lose(now, gone, (seat, isPicked) => state.nearestFree(seat, SUGGESTIONS_MAX, isPicked)),
        gone,
      );
    },
    [map, tellLost],
  );
  // Somebody else takes a picked seat: said at once, not only when it is asked for.
  useEffect(() => map?.onChange(lookAgain), [map, lookAgain]);

  useEffect(() => setPicks((before) => keepOthers(before, (seat) => own.has(seat))), [own]);

  const pick = (seat: number) => {
    const status = map?.state?.statusOf(seat);
    if (own.has(seat) && !picks.seats.includes(seat)) {
      announce(`${seating.nameOf(seat)} is yours already`);
      return;
    }
    if (!picks.seats.includes(seat) && status !== AVAILABLE) {
      announce(`${seating.nameOf(seat)} is taken`);
      return;
    }
    if (!picks.seats.includes(seat) && picks.seats.length >= PICKS_MAX) {
      setFault(`One order has at most ${PICKS_MAX} seats.`);
      return;
    }
    setFault(undefined);
    const next = toggle(forgetLost(picks), seat);
    setPicks(next);
    announce(
      `${seating.nameOf(seat)} ${next.seats.includes(seat) ? 'picked' : 'no longer picked'}. ${next.seats.length} picked.`,
    );
    // Asked once; whoever wants to look around first is asked again when it matters.
    if (viewer === null && !hasAsked.current) {
      hasAsked.current = true;
      signIn(`An account keeps ${seating.nameOf(seat)} for you while you pay.`);
    }
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
      const refusal = refusalOf(error);
      if (refusal?.code === 'SEAT_UNAVAILABLE') {
        const lost = seatsIn(refusal, 'seatNumbers');
        const suggested = seatsIn(refusal, 'suggestedSeats');
        const { picks: now } = latest.current;
        tellLost(
          lose(now, lost, (_seat, isPicked) => suggested.filter((seat) => !isPicked(seat))),
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
      lookAgain(latest.current.picks.seats.filter((seat) => !seats.includes(seat)));
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
