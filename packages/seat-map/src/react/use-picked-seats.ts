import { useCallback, useEffect, useRef, useState } from 'react';
import { freePlaces } from '../map/free-places.js';
import type { OwnSeats } from '../map/seat-appearance.js';
import { AVAILABLE, type ShownMap } from '../map/seat-states.js';
import type { Seating, Section } from '../map/seating.js';
import { useAnnounce } from './announcer.js';

/** The map shows a lock before the page learns that it is the viewer's own, from another tab or a lost answer. */
const OWN_LOCK_MESSAGE_MS = 400;

export interface PickedSeats {
  /** In the order in which they were picked. */
  readonly seats: readonly number[];
  /** Why the last press picked nothing, or which seats somebody else has taken. */
  readonly problem: string | undefined;
  /** Picks a seat, or no longer. Of a standing section, picks one place more. */
  readonly pick: (seat: number) => void;
  /** Picks so many places of a standing section. */
  readonly pickPlaces: (section: Section, places: number) => void;
}

/**
 * The seats that the viewer has picked and does not have yet. A seat that somebody else takes is dropped, with a message.
 *
 * @param own the viewer's own seats
 * @param seatsMax how many more seats the viewer may have
 */
export function usePickedSeats(
  map: ShownMap | undefined,
  seating: Seating,
  own: OwnSeats,
  seatsMax: number,
): PickedSeats {
  const announce = useAnnounce();
  const [seats, setSeats] = useState<readonly number[]>([]);
  const [problem, setProblem] = useState<string>();
  const latest = useRef({ seats, own });
  latest.current = { seats, own };
  const refuse = (text: string) => {
    setProblem(text);
    announce(text);
  };

  const dropTaken = useCallback(() => {
    const { seats: picked, own: ownNow } = latest.current;
    const taken = picked.filter((seat) => map?.state?.statusOf(seat) !== AVAILABLE && !ownNow.has(seat));
    if (taken.length === 0) return;
    setSeats(picked.filter((seat) => !taken.includes(seat)));
    const text = `Somebody else was faster: ${taken.map((seat) => seating.nameOf(seat)).join('; ')}.`;
    setProblem(text);
    announce(text, 'assertive');
  }, [map, seating, announce]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = map?.onChange((changed) => {
      if (timer !== undefined || !changed.some((seat) => latest.current.seats.includes(seat))) return;
      timer = setTimeout(() => {
        timer = undefined;
        dropTaken();
      }, OWN_LOCK_MESSAGE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [map, dropTaken]);

  // What is held is not picked any more. While it is being held, it still is.
  useEffect(() => {
    const isOwn = (seat: number) => (own.get(seat) ?? 'picked') !== 'picked';
    setSeats((before) => (before.some(isOwn) ? before.filter((seat) => !isOwn(seat)) : before));
  }, [own]);

  const pickPlaces = (section: Section, places: number) => {
    const { firstSeatNumber, lastSeatNumber } = section;
    const isHere = (seat: number) => seat >= firstSeatNumber && seat <= lastSeatNumber;
    const before = seats.filter(isHere);
    const others = seats.filter((seat) => !isHere(seat));
    if (others.length + places > seatsMax) return refuse(limitText(seatsMax));
    const isExcluded = (place: number) => own.has(place) || before.includes(place);
    const more = map?.state ? freePlaces(map.state, section, places - before.length, isExcluded) : [];
    const here = [...before, ...more].slice(0, places);
    if (here.length < places) return refuse(`${seating.rowNameOf(section, 0)}: sold out`);
    setProblem(undefined);
    setSeats([...others, ...here]);
    announce(`${places} in ${seating.rowNameOf(section, 0)} picked. ${others.length + places} picked.`);
  };

  const pick = (seat: number) => {
    if (seating.isStanding(seat)) {
      const section = seating.sectionOf(seat);
      const here = seats.filter((each) => seating.sectionOf(each) === section);
      return pickPlaces(section, here.length + 1);
    }
    const name = seating.nameOf(seat);
    const isPicked = seats.includes(seat);
    if (!isPicked && own.has(seat)) return refuse(`${name} is yours already.`);
    if (!isPicked && map?.state?.statusOf(seat) !== AVAILABLE)
      return refuse(`${name} ${map?.isLive ? 'is' : 'was'} taken.`);
    if (!isPicked && seats.length >= seatsMax) return refuse(limitText(seatsMax));
    setProblem(undefined);
    const next = isPicked ? seats.filter((other) => other !== seat) : [...seats, seat];
    setSeats(next);
    announce(`${name} ${isPicked ? 'no longer picked' : 'picked'}. ${next.length} picked.`);
  };

  return { seats, problem, pick, pickPlaces };
}

const limitText = (seatsMax: number): string =>
  seatsMax === 1
    ? 'Only one more seat can be picked.'
    : `At most ${Math.max(0, seatsMax)} seats can be picked.`;
