import type { SeatMapAnswer } from '../../rush/operations.js';
import { lettersOf, type MapHistory } from './history.js';
import type { FinalMap, Finding } from './message-audit.js';

const STATUS_OF_LOCK = { used: 'BOOKED', active: 'LOCKED', heldBack: 'OFF_SALE' } as const;

/** The final state of database and servers. */
export interface FinalState {
  readonly version: number;
  /** Every live lock, including expired ones. */
  readonly locks: readonly {
    readonly seatNumber: number;
    readonly status: string;
    readonly expiresAt: Date;
  }[];
  /** The map of each server. */
  readonly seatMaps: readonly SeatMapAnswer[];
  /** When it was read; milliseconds since 1970. */
  readonly readMs: number;
}

/** Compares the changes, the servers' maps and every watcher's map with the locks in the database. */
export function auditFinalState(
  { version, locks, seatMaps, readMs }: FinalState,
  history: MapHistory,
  finalMaps: ReadonlyMap<string, FinalMap>,
): Finding[] {
  const findings: Finding[] = [];
  const find = (check: Finding['check'], what: string) => findings.push({ check, what });
  const held = locks.filter(({ status, expiresAt }) => status === 'used' || expiresAt.getTime() > readMs);
  const taken = new Map(
    held.map(({ seatNumber, status }) => {
      const state = { status: STATUS_OF_LOCK[status as keyof typeof STATUS_OF_LOCK] };
      return [seatNumber, state];
    }),
  );
  const letters = lettersOf(taken, history.totalSeats);
  if (held.length !== taken.size) find('history', 'a seat has two owners');
  if (history.version !== version) {
    find('history', `changes end at ${history.version}, and the event is at ${version}`);
  } else if (history.letters(version, readMs) !== letters)
    find('history', 'the changes and the locks give different maps');
  for (const [watcher, finalMap] of finalMaps) {
    if (finalMap.version !== version)
      find('finalState', `${watcher} ends at ${finalMap.version} of ${version}`);
    else if (finalMap.letters(readMs) !== letters)
      find('finalState', `${watcher} has another map at ${version}`);
  }
  seatMaps.forEach((seatMap, server) => {
    if (seatMap.version !== version)
      find('finalState', `server ${server} is at ${seatMap.version} of ${version}`);
    else if (seatMap.statuses !== letters)
      find('finalState', `server ${server} has another map at ${version}`);
  });
  return findings;
}
