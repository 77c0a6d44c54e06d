import type { Occupancy } from './occupancy.js';
import { canAvoidOrphans, isBlock, newOrphans } from './seat-choice/orphans.js';

/**
 * The single free seats for which the orphan rule refuses seats that a user picked. A section's part of the pick is allowed
 * whatever it leaves if no choice of that many seats in the section avoids orphans, or if it has wheelchair or companion
 * seats, for which there are few others. Seats of the pick that are not free are ignored: the user has them already.
 */
export function orphansLeftBy({ free }: Occupancy, seatNumbers: readonly number[]): number[] {
  const { geometry } = free;
  const picked = [...new Set(seatNumbers)].filter((seat) => free.has(seat)).sort((a, b) => a - b);
  const orphans = newOrphans(free, picked);
  if (orphans.length === 0) return orphans;
  const isRefused = (section: number) => {
    const part = picked.filter((seat) => geometry.sectionOf[seat] === section);
    return (
      part.every((seat) => geometry.isOrdinary(seat)) &&
      canAvoidOrphans(free, section, part.length, isBlock(free, part))
    );
  };
  const sections = new Set(orphans.map((seat) => geometry.sectionOf[seat] as number));
  const refused = new Set([...sections].filter(isRefused));
  return orphans.filter((seat) => refused.has(geometry.sectionOf[seat] as number)).sort((a, b) => a - b);
}
