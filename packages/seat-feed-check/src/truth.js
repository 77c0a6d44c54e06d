/**
 * @typedef {'AVAILABLE' | 'LOCKED' | 'BOOKED' | 'OFF_SALE' | 'ADDED_LATER'} Status
 * @typedef {{ seatNumber: number, status: Status, lockedUntil: string | null }} Seat
 */

const LOCK_MS = 5 * 60_000;
/** The letters of `statuses`. The last one stands for a status that clients do not know. */
const LETTERS = { AVAILABLE: 'A', LOCKED: 'L', BOOKED: 'B', OFF_SALE: 'X', ADDED_LATER: 'Z' };

/** Pseudo-random numbers, the same for the same seed (mulberry32). @param {number} seed */
export function randomFrom(seed) {
  let state = seed;
  return (/** @type {number} */ limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** The true map at every version. Its time is that of the server, and stands still between two changes. */
export class Truth {
  totalSeats = 40;
  nowMs = Date.parse('2030-01-01T20:00:00.000Z');
  /** The seats that are not available, by version. */
  #versions = [/** @type {Map<number, Seat>} */ (new Map())];
  #random;

  /** @param {number} seed */
  constructor(seed) {
    this.#random = randomFrom(seed);
    for (let times = 0; times < 6; times++) this.change();
  }

  get version() {
    return this.#versions.length - 1;
  }

  get serverTime() {
    return new Date(this.nowMs).toISOString();
  }

  /** A seat that is or is not available at the newest version. @param {boolean} isAvailable */
  anySeat(isAvailable) {
    const taken = this.at();
    const seats = Array.from({ length: this.totalSeats }, (_, index) => index + 1);
    const matching = seats.filter((seat) => taken.has(seat) !== isAvailable);
    return /** @type {number} */ (matching[this.#random(matching.length)]);
  }

  /**
   * Makes the next version.
   *
   * @param {{ seat?: number, status?: Status }} [change] any seat, to any other status
   */
  change({ seat = this.#random(this.totalSeats) + 1, status } = {}) {
    const next = new Map(this.at());
    const before = next.get(seat)?.status ?? 'AVAILABLE';
    const others = /** @type {const} */ (['AVAILABLE', 'LOCKED', 'BOOKED', 'OFF_SALE']).filter(
      (each) => each !== before,
    );
    const after = status ?? /** @type {Status} */ (others[this.#random(others.length)]);
    // Seats are held back until some time, or for ever.
    const ends = after === 'LOCKED' || (after === 'OFF_SALE' && this.#random(2) === 0);
    const lockedUntil = ends ? new Date(this.nowMs + LOCK_MS).toISOString() : null;
    if (after === 'AVAILABLE') next.delete(seat);
    else next.set(seat, { seatNumber: seat, status: after, lockedUntil });
    this.#versions.push(next);
    this.nowMs += 1_000;
    return seat;
  }

  /** Lets time pass until every lock has expired. No version records it. */
  expireLocks() {
    this.nowMs += LOCK_MS;
  }

  /** Goes back to an earlier version, as a server whose database was restored. @param {number} version */
  restore(version) {
    this.#versions.length = version + 1;
  }

  /** Seats that are not available. @param {number} [version] @returns {Map<number, Seat>} */
  at(version = this.version) {
    return this.#versions[version] ?? new Map();
  }

  /** @param {number} version */
  knows(version) {
    return version >= 0 && version <= this.version;
  }

  /** One letter for each seat. @param {number} [version] */
  statuses(version = this.version) {
    const taken = this.at(version);
    return Array.from({ length: this.totalSeats }, (_, index) => {
      const seat = taken.get(index + 1);
      return LETTERS[seat === undefined || this.#hasExpired(seat) ? 'AVAILABLE' : seat.status];
    }).join('');
  }

  /**
   * Whether a client may show this letter for the seat. It may show an expired lock until a version records its end, and any
   * letter but A for a status that it does not know.
   *
   * @param {number} version @param {number} seatNumber @param {string} letter
   */
  allows(version, seatNumber, letter) {
    const seat = this.at(version).get(seatNumber);
    if (seat === undefined) return letter === 'A';
    if (seat.status === 'ADDED_LATER') return letter !== 'A';
    return letter === LETTERS[seat.status] || (letter === 'A' && this.#hasExpired(seat));
  }

  /** The whole map. A real server leaves expired locks out of it. @param {number} [version] */
  snapshot(version = this.version) {
    const seats = [...this.at(version).values()].filter((seat) => !this.#hasExpired(seat));
    return this.#message('SNAPSHOT', version, null, seats);
  }

  /** What changed after one version, up to another one. @param {number} from @param {number} [to] */
  changes(from, to = this.version) {
    const [before, after] = [this.at(from), this.at(to)];
    const seats = Array.from({ length: this.totalSeats }, (_, index) => index + 1)
      .filter((seat) => before.get(seat) !== after.get(seat))
      .map(
        (seatNumber) =>
          after.get(seatNumber) ?? {
            seatNumber,
            status: /** @type {const} */ ('AVAILABLE'),
            lockedUntil: null,
          },
      );
    return this.#message('CHANGES', to, from, seats);
  }

  /** @param {string} kind @param {number} version @param {number | null} previousVersion @param {Seat[]} seats */
  #message(kind, version, previousVersion, seats) {
    const statuses = this.statuses(version);
    const count = (/** @type {string} */ letter) => statuses.split(letter).length - 1;
    return {
      kind,
      version,
      previousVersion,
      seats,
      statuses,
      digest: this.digest(version),
      serverTime: this.serverTime,
      availability: {
        totalSeats: this.totalSeats,
        availableSeats: count('A'),
        lockedSeats: count('L'),
        offSaleSeats: count('X'),
        bookedSeats: this.totalSeats - count('A') - count('L') - count('X'),
      },
    };
  }

  /** As docs/api.md says. @param {number} version */
  digest(version) {
    const lanes = [0, 0];
    for (const seat of this.at(version).values()) {
      if (this.#hasExpired(seat)) continue;
      const until = seat.lockedUntil === null ? 0 : Date.parse(seat.lockedUntil);
      const words = [
        seat.seatNumber,
        LETTERS[seat.status].charCodeAt(0),
        Math.floor(until / 2 ** 32),
        until >>> 0,
      ];
      for (const [lane, seed] of [0x9e3779b9, 0x85ebca6b].entries())
        lanes[lane] = (lanes[lane] ?? 0) ^ words.reduce((hash, word) => fmix32(hash ^ word), seed);
    }
    return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** @param {Seat} seat */
  #hasExpired({ lockedUntil }) {
    return lockedUntil !== null && Date.parse(lockedUntil) <= this.nowMs;
  }
}

/** The finalizer of MurmurHash3, on 32-bit words. @param {number} word */
function fmix32(word) {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
