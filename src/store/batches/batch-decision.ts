// Read docs/architecture.md, "How a seat is never sold twice", before a change.

import type { mongo } from 'mongoose';
import type { Command } from '../../booking/commands.js';
import { decide, type Outcome } from '../../booking/decide.js';
import { type LedgerEntry, ledgerEntriesOf } from '../../booking/ledger.js';
import { needsOccupancy } from '../../booking/needs.js';
import type { Rules } from '../../booking/rules.js';
import type { WorkingSet } from '../../booking/working-set.js';
import type { Event } from '../../catalog/event.js';
import type { Database } from '../database.js';
import { type ClaimedCommands, loadWorkingSets } from './load-working-set.js';
import type { Occupancies } from './occupancies.js';

/** The result of one command of a batch. A fault is logged, and hidden from the client. */
export type BatchOutcome = Outcome | { readonly fault: unknown };

/** The commands of one event of a batch, and when they are decided. */
export interface EventToDecide {
  readonly event: Event;
  readonly commands: readonly Command[];
  readonly now: Date;
}

/** One event of a batch, decided. */
export interface DecidedCommands {
  readonly set: WorkingSet;
  /** In the order of the commands. */
  readonly outcomes: readonly BatchOutcome[];
  /** What they did to seats, in order. */
  readonly entries: readonly LedgerEntry[];
}

/**
 * Loads what the commands may read, and decides them.
 *
 * A command may take a seat whose lock has expired without a record of it, and only its decision tells which seat that is.
 * If that lock was not loaded, it is loaded now and everything is decided again: the same seats are chosen, as the choice
 * depends on the occupancy alone. So there are two rounds at most.
 */
export async function decideBatch(
  database: Database,
  session: mongo.ClientSession,
  occupancies: Occupancies,
  events: readonly EventToDecide[],
  rules: Rules,
): Promise<DecidedCommands[]> {
  const claimed: ClaimedCommands[] = [];
  for (const { event, commands, now } of events) {
    const occupancy = needsOccupancy(event, commands)
      ? await occupancies.load(session, event, now)
      : occupancies.current(event, now);
    claimed.push({ event, commands, now, occupancy, furtherSeats: [] });
  }
  const decided = decideAll(claimed, await loadWorkingSets(database, session, claimed), rules);
  if (decided.every(({ set }) => set.missingLocks.size === 0)) return decided;
  undo(decided);
  const again = claimed.map((each, index) => ({
    ...each,
    furtherSeats: decided[index]?.set.missingLocks ?? [],
  }));
  const decidedAgain = decideAll(again, await loadWorkingSets(database, session, again), rules);
  const missing = decidedAgain.flatMap(({ set }) => [...set.missingLocks]);
  if (missing.length > 0) {
    throw new Error(`The expired locks of the seats ${missing} are missing.`);
  }
  return decidedAgain;
}

/** The occupancies are as they were before the decisions. */
function undo(decided: readonly DecidedCommands[]): void {
  for (const { set } of decided) {
    set.occupancy?.rollback();
    set.occupancy?.checkpoint();
  }
}

function decideAll(
  claimed: readonly ClaimedCommands[],
  sets: readonly WorkingSet[],
  rules: Rules,
): DecidedCommands[] {
  return claimed.map(({ commands, now }, index) => {
    const set = sets[index] as WorkingSet;
    const entries: LedgerEntry[] = [];
    const outcomes = commands.map((command): BatchOutcome => {
      try {
        const { outcome, changes } = decide(set, command, now, rules);
        entries.push(...ledgerEntriesOf(set, command, changes));
        set.apply(changes);
        return outcome;
      } catch (fault) {
        return { fault };
      }
    });
    return { set, outcomes, entries };
  });
}
