import { useState } from 'react';
import { AVAILABLE, type HeldSeat, type SeatHold } from 'seat-map';
import type { HoldSeatsMutation, SeatWish } from 'seat-map/documents';
import type { LiveMap } from 'seat-map/map';
import { isolated, type Layout, type Section } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { useAccount } from '../account/viewer.js';
import { messageOf } from '../network/api-error-text.js';
import { nearestBlocks } from './best-seats.js';
import { SIGN_IN_AGAIN } from './use-picks.js';

/** Other seats that one call tries, beside letting the server choose; a call has at most 5 wishes. */
const OTHERS_MAX = 3;

/** The last seats that the server has chosen for the viewer. */
interface Found {
  readonly section: Section;
  readonly seats: readonly number[];
  /** Seats that were held before, and that the viewer did not want. */
  readonly refused: readonly number[];
}

/**
 * Holds the best seats of a section with one press, and then other ones.
 *
 * @param seatsLeft how many more seats the viewer may hold
 */
export function useBestSeats(
  seatHold: SeatHold,
  map: LiveMap | undefined,
  layout: Layout,
  seatsLeft: number,
  onLocked: (locks: readonly HeldSeat[]) => void,
) {
  const { seating } = layout;
  const announce = useAnnounce();
  const { ensureViewer, signInAgain } = useAccount();
  const [found, setFound] = useState<Found>();
  const [isFinding, setFinding] = useState(false);
  const [problem, setProblem] = useState<string>();

  /** @returns the seats of the first wish that can be had */
  const hold = async (wishes: readonly SeatWish[], section: Section, quantity: number) => {
    const { locks, refusal } = await seatHold.hold(wishes);
    if (locks.length === 0) {
      setProblem(refusalText(refusal?.code, quantity, section.name));
      return null;
    }
    onLocked(locks);
    const seats = locks.map(({ seatNumber }) => seatNumber);
    announce(`Held for you: ${seats.map((seat) => seating.nameOf(seat)).join('; ')}.`);
    return seats;
  };
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (isFinding) return;
    setFinding(true);
    setProblem(undefined);
    try {
      if (await ensureViewer()) await work();
      else signInAgain(SIGN_IN_AGAIN, () => void run(work));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setFinding(false);
    }
  };

  const bestOf = (section: Section, quantity: number): SeatWish => ({
    best: { quantity, sectionIds: [section.id] },
  });

  const find = (section: Section, quantity: number) =>
    run(async () => {
      const seats = await hold([bestOf(section, quantity)], section, quantity);
      if (seats !== null) setFound({ section, seats, refused: [] });
    });

  /** Holds other seats of the section, and gives the last ones back. */
  const findOthers = () =>
    run(async () => {
      if (found === undefined) return;
      const { section, seats } = found;
      const refused = [...found.refused, ...seats];
      const isFree = (seat: number) => map?.state?.statusOf(seat) === AVAILABLE;
      const unseen = nearestBlocks(
        layout,
        section,
        seats.length,
        (seat) => isFree(seat) && !refused.includes(seat),
        OTHERS_MAX,
      );
      const wishes = [...unseen.map((seatNumbers) => ({ seatNumbers })), bestOf(section, seats.length)];
      // Held first and given back then, nothing is lost where there are no others. The limit may not allow it.
      const isReleasedFirst = seatsLeft < seats.length;
      if (isReleasedFirst) await seatHold.release(seats);
      const others = await hold(
        isReleasedFirst ? [...wishes, { seatNumbers: [...seats] }] : wishes,
        section,
        seats.length,
      );
      if (others === null) return;
      if (!isReleasedFirst) await seatHold.release(seats);
      // Where all have been seen, they are offered again.
      setFound({ section, seats: others, refused: unseen.length === 0 ? [] : refused });
    });

  return { found, isFinding, problem, find, findOthers };
}

function refusalText(
  code: NonNullable<HoldSeatsMutation['holdSeats']['refusal']>['code'] | undefined,
  quantity: number,
  section: string,
): string {
  const where = `in ${isolated(section)}`;
  switch (code) {
    case 'NOT_TOGETHER':
      return `There are no ${quantity} seats together ${where}.`;
    case 'SOLD_OUT':
      return `So many seats are not free ${where}.`;
    case 'LEAVES_ORPHAN':
      return 'These would leave a single free seat. Choose another number of seats, or another section.';
    default:
      return 'Somebody else was faster. Try again.';
  }
}
