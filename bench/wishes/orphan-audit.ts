import type { Version } from './event-history.js';
import type { PlainHall } from './plain-hall.js';

export interface OrphanFindings {
  /** Users' choices, in versions. */
  readonly choices: number;
  /** Choices that left an orphan because no other choice could avoid it. */
  readonly excused: number;
  /** Orphans that the rule forbids, one line for each choice. */
  readonly forbidden: readonly string[];
}

/** Replays an event with the orphan rule, and judges every choice by the seats that were free just before it. */
export function auditOrphans(hall: PlainHall, history: readonly Version[]): OrphanFindings {
  let choices = 0;
  let excused = 0;
  const forbidden: string[] = [];
  for (const { version, steps } of history) {
    for (const { taken, released } of steps) {
      hall.release(released);
      if (taken.length === 0) continue;
      choices += 1;
      const orphans = hall.orphansLeft(taken);
      if (orphans.length > 0) {
        if (hall.canAvoidOrphans(taken.length, hall.isBlock(taken)))
          forbidden.push(`version ${version}: ${taken} left ${orphans}`);
        else excused += 1;
      }
      hall.take(taken);
    }
  }
  return { choices, excused, forbidden };
}
