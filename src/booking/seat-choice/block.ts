import type { Point } from '../../catalog/seat-positions.js';
import { aimIn, freePlaces, type Search, squareOfDistance } from './search.js';

/** More than the error of a squared distance that is found in two ways. */
const ROUNDING = 1e-6;

/** A block of neighbours that could be chosen. */
interface Block {
  readonly section: number;
  readonly firstSeat: number;
  readonly runLength: number;
  /** Of the block's middle from the aim, squared. */
  readonly distance: number;
}

/** A part of a run with fewer seats is *small*: only some parties can use it. */
const PART_MIN = 4;

/** What a block of one search may do or have. */
interface Permitted {
  readonly leavesOrphans: boolean;
  readonly leavesSmallParts: boolean;
  readonly hasRestrictedView: boolean;
}

/**
 * The best block of neighbouring ordinary seats, or of places in one standing section: one without seats of restricted view
 * before all others, then one that leaves no small part of its run, then the one in the tightest free run, then the nearest,
 * then the one with the lowest number. All free places of a standing section are one run, with a small part.
 *
 * Of a run it does not leave two odd parts where it can leave two even ones, which pairs can fill. Near a place that was asked
 * for, small and odd parts do not count.
 * @param leavesOrphans false to leave out blocks that leave a single free seat
 */
export function chooseBlock(search: Search, leavesOrphans: boolean): number[] | null {
  const { geometry } = search.free;
  for (const hasRestrictedView of geometry.hasRestrictedViews && !search.nearestFirst
    ? [false, true]
    : [true]) {
    for (const leavesSmallParts of search.aim === null ? [false, true] : [true]) {
      const block = bestBlock(search, { leavesOrphans, leavesSmallParts, hasRestrictedView });
      if (block !== null) return block;
    }
  }
  return null;
}

function bestBlock(search: Search, permitted: Permitted): number[] | null {
  const { free, quantity } = search;
  let best = null as Block | null;
  for (const section of search.sections) {
    if (!free.geometry.isStanding(section)) best = betterInRows(search, section, permitted, best);
    else if (permitted.leavesSmallParts) best = betterInStanding(search, section, best);
  }
  if (best === null) return null;
  if (free.geometry.isStanding(best.section)) return freePlaces(search, best.section, quantity);
  const { firstSeat } = best;
  return Array.from({ length: quantity }, (_, index) => firstSeat + index);
}

function betterInStanding(search: Search, section: number, best: Block | null): Block | null {
  const { free, quantity, nearestFirst } = search;
  const { geometry } = free;
  const runLength = free.inSection[section] as number;
  if (runLength < quantity) return best;
  const distance = squareOfDistance(geometry.focusOf(section), aimIn(search, section));
  const isTighter = best === null || (!nearestFirst && runLength < best.runLength);
  const isEqual = best !== null && (nearestFirst || runLength === best.runLength);
  if (!isTighter && !(isEqual && distance < best.distance)) return best;
  return { section, firstSeat: geometry.sectionFirst[section] as number, runLength, distance };
}

function betterInRows(
  search: Search,
  section: number,
  permitted: Permitted,
  known: Block | null,
): Block | null {
  const { free, quantity, nearestFirst } = search;
  let best = known;
  let length = free.nextLength(section, quantity);
  while (length !== 0 && (nearestFirst || best === null || length <= best.runLength)) {
    if (permitted.leavesSmallParts || !isSmall(length - quantity)) {
      best = betterInRuns(search, section, permitted, length, best);
    }
    length = free.nextLength(section, length + 1);
  }
  return best;
}

const isSmall = (part: number): boolean => part > 0 && part < PART_MIN;

/** Tries all blocks in the section's free runs of one length. */
function betterInRuns(
  search: Search,
  section: number,
  { leavesOrphans, leavesSmallParts, hasRestrictedView }: Permitted,
  length: number,
  known: Block | null,
): Block | null {
  const { free, quantity, nearestFirst } = search;
  const { geometry } = free;
  const { x, y } = geometry;
  const aim = aimIn(search, section);
  const toLeft = (quantity - 1) >> 1;
  const toRight = quantity >> 1;
  const rest = length - quantity;
  const avoidsOddParts = search.aim === null && rest % 2 === 0;
  const isComparable = known !== null && (nearestFirst || known.runLength === length);
  let firstSeat = isComparable ? known.firstSeat : 0;
  let distance = isComparable ? known.distance : Number.POSITIVE_INFINITY;

  const tryBlock = (run: number, before: number): void => {
    const seat = run + before;
    const dx = ((x[seat + toLeft] as number) + (x[seat + toRight] as number)) / 2 - aim.x;
    const dy = ((y[seat + toLeft] as number) + (y[seat + toRight] as number)) / 2 - aim.y;
    const itsDistance = dx * dx + dy * dy;
    if (itsDistance > distance || (itsDistance === distance && seat > firstSeat)) return;
    if (avoidsOddParts && before % 2 === 1) return;
    if (!leavesSmallParts && (isSmall(before) || isSmall(rest - before))) return;
    if (!hasRestrictedView && geometry.hasRestrictedView(seat, quantity)) return;
    if (!leavesOrphans && before === 1 && !free.hasFreeBefore(run)) return;
    if (!leavesOrphans && rest - before === 1 && !free.hasFreeAfter(run + length - 1)) return;
    firstSeat = seat;
    distance = itsDistance;
  };

  for (let run = free.firstRun(section, length); run !== 0; run = free.runAfter(run)) {
    if (rest === 0) {
      tryBlock(run, 0);
      continue;
    }
    const { along, away } = aimFromRow(search, run, aim);
    // Outwards from the aim's foot on the row, as far as a block can be nearer than the best one.
    const foot = along - (quantity - 1) / 2;
    const isNearer = (before: number) =>
      (before - foot) * (before - foot) + away * away <= distance + ROUNDING;
    const start = Math.min(Math.max(Math.round(foot), 0), rest);
    for (let before = start; before >= 0 && isNearer(before); before--) tryBlock(run, before);
    for (let before = start + 1; before <= rest && isNearer(before); before++) tryBlock(run, before);
  }
  if (firstSeat === 0 || firstSeat === known?.firstSeat) return known;
  return { section, firstSeat, runLength: length, distance };
}

/**
 * The aim as seen from a seat: how many seat widths along the row's line, and how far away from the row at least.
 */
function aimFromRow(
  { free: { geometry } }: Search,
  seat: number,
  aim: Point,
): { along: number; away: number } {
  const row = geometry.rowOf[seat] as number;
  const directionX = geometry.rowDirectionX[row] as number;
  const directionY = geometry.rowDirectionY[row] as number;
  const curve = geometry.rowCurve[row] as number;
  const first = geometry.rowFirst[row] as number;
  const behind =
    (aim.y - (geometry.y[first] as number)) * directionX -
    (aim.x - (geometry.x[first] as number)) * directionY;
  return {
    along:
      (aim.x - (geometry.x[seat] as number)) * directionX +
      (aim.y - (geometry.y[seat] as number)) * directionY,
    away: Math.max(0, Math.min(0, curve) - behind, behind - Math.max(0, curve)),
  };
}
