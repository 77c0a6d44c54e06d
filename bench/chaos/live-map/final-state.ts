import type { SeatMapAnswer } from '../../rush/operations.js';
import { lettersOf, type MapHistory } from './history.js';
import type { Ending, Finding } from './message-audit.js';

/** What the database holds once nothing changes any more. */
export interface Holdings {
  readonly version: number;
  /** Every lock that is active or used, lapsed ones included. */
  readonly locks: readonly {
    readonly seatNumber: number;
    readonly status: string;
    readonly expiresAt: Date;
  }[];
  /** What the servers answer who ask for the map, in their order. */
  readonly seatMaps: readonly SeatMapAnswer[];
  /** When it was read; milliseconds since 1970. */
  readonly readMs: number;
}

/** Holds the changes, the servers and every watcher's map against what the database has in the end. */
export function holdAgainst(
  { version, locks, seatMaps, readMs }: Holdings,
  history: MapHistory,
  endings: ReadonlyMap<string, Ending>,
): Finding[] {
  const findings: Finding[] = [];
  const find = (check: Finding['check'], what: string) => findings.push({ check, what });
  const held = locks.filter(({ status, expiresAt }) => status === 'used' || expiresAt.getTime() > readMs);
  const taken = new Map(
    held.map(({ seatNumber, status }) => {
      const state = { status: status === 'used' ? 'BOOKED' : 'LOCKED' } as const;
      return [seatNumber, state];
    }),
  );
  const letters = lettersOf(taken, history.totalSeats);
  if (held.length !== taken.size) find('history', 'a seat has two owners');
  if (history.version !== version) {
    find('history', `changes end at ${history.version}, and the event is at ${version}`);
  } else if (history.letters(version, readMs) !== letters) find('history', 'they and the locks are two maps');
  for (const [watcher, ending] of endings) {
    if (ending.version !== version) find('ending', `${watcher} ends at ${ending.version} of ${version}`);
    else if (ending.letters(readMs) !== letters) find('ending', `${watcher} has another map at ${version}`);
  }
  seatMaps.forEach((seatMap, server) => {
    if (seatMap.version !== version)
      find('ending', `server ${server} is at ${seatMap.version} of ${version}`);
    else if (seatMap.statuses !== letters) find('ending', `server ${server} has another map at ${version}`);
  });
  return findings;
}
