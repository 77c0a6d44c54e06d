/** A seat as the database has it at one version. Times are milliseconds since 1970. */
export interface SeatState {
  readonly status: keyof typeof LETTER;
  /** When it becomes available by itself; null if it does not. */
  readonly lockedUntilMs: number | null;
}

/** The seats of a document in `changes`. */
export interface RecordedChange {
  readonly version: number;
  readonly seats: readonly {
    readonly seatNumber: number;
    readonly status: string;
    readonly lockedUntil: Date | null;
  }[];
}

const FREE: SeatState = { status: 'AVAILABLE', lockedUntilMs: null };
export const LETTER = { AVAILABLE: 'A', LOCKED: 'L', BOOKED: 'B', OFF_SALE: 'X' } as const;
const STATUS: Readonly<Record<string, SeatState['status']>> = {
  available: 'AVAILABLE',
  locked: 'LOCKED',
  booked: 'BOOKED',
  offSale: 'OFF_SALE',
};

/** An event's map at each version, built only from committed changes. */
export class MapHistory {
  readonly #changes = new Map<number, RecordedChange>();
  /** The versions that changed each seat, in order. */
  readonly #statesOf = new Map<number, { readonly version: number; readonly state: SeatState }[]>();
  #version = 0;

  constructor(readonly totalSeats: number) {}

  /** The newest version without a gap before it. */
  get version(): number {
    return this.#version;
  }

  /** Adds a change, in any order. A change may be added again. */
  add(change: RecordedChange): void {
    this.#changes.set(change.version, change);
    for (let next = this.#changes.get(this.#version + 1); next; next = this.#changes.get(this.#version + 1)) {
      this.#version = next.version;
      for (const { seatNumber, status, lockedUntil } of next.seats) {
        const states = this.#statesOf.get(seatNumber) ?? [];
        const state = {
          status: STATUS[status] ?? 'BOOKED',
          lockedUntilMs: lockedUntil?.getTime() ?? null,
        };
        this.#statesOf.set(seatNumber, states);
        states.push({ version: next.version, state });
      }
    }
  }

  /** The seats that changed after one version and up to another. */
  changedSeats(after: number, upTo: number): Set<number> {
    const seats = new Set<number>();
    for (let version = Math.max(0, after) + 1; version <= upTo; version++) {
      for (const { seatNumber } of this.#changes.get(version)?.seats ?? []) seats.add(seatNumber);
    }
    return seats;
  }

  /** A seat as recorded at a version. Its lock may have expired since. */
  recorded(seatNumber: number, version: number): SeatState {
    const states = this.#statesOf.get(seatNumber) ?? [];
    let [low, high] = [0, states.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((states[middle] as { version: number }).version <= version) low = middle + 1;
      else high = middle;
    }
    return states[low - 1]?.state ?? FREE;
  }

  /** The state that a map must show. An expired lock counts as free, even if its expiry is not recorded. */
  shown(seatNumber: number, version: number, atMs: number): SeatState {
    const state = this.recorded(seatNumber, version);
    return state.lockedUntilMs !== null && state.lockedUntilMs <= atMs ? FREE : state;
  }

  /** Every seat that is not free. */
  taken(version: number, atMs: number): Map<number, SeatState> {
    const taken = new Map<number, SeatState>();
    for (const seatNumber of this.#statesOf.keys()) {
      const state = this.shown(seatNumber, version, atMs);
      if (state.status !== 'AVAILABLE') taken.set(seatNumber, state);
    }
    return taken;
  }

  /** The whole map, one letter a seat. */
  letters(version: number, atMs: number): string {
    return lettersOf(this.taken(version, atMs), this.totalSeats);
  }
}

/** One letter a seat in seat order: A available, L locked, B booked, X off sale. */
export function lettersOf(taken: ReadonlyMap<number, Pick<SeatState, 'status'>>, totalSeats: number): string {
  const letters: string[] = new Array(totalSeats).fill(LETTER.AVAILABLE);
  for (const [seatNumber, { status }] of taken) letters[seatNumber - 1] = LETTER[status];
  return letters.join('');
}
