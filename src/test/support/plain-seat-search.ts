import type { Adjacency, BestWish } from '../../booking/choose-seats.js';
import type { SeatingGeometry } from '../../catalog/seating-geometry.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';

/** Parts of a run that only some parties can use. */
const SMALL_PARTS = [1, 2, 3];
/** NEAR: so many neighbouring rows. */
export const NEAR_ROWS = 3;

const isBefore = (one: number[], other: number[]): boolean => {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at !== -1 && (one[at] as number) < (other[at] as number);
};
const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

interface Seat {
  readonly number: number;
  readonly section: number;
  /** Counted in its section. */
  readonly row: number;
  readonly kind: 'ordinary' | 'wheelchair' | 'companion' | 'standing';
}

/** The rules of choosing seats in plain words: a search through all choices, for small halls. Only positions are shared. */
export class PlainSearch {
  readonly seats = new Map<number, Seat>();
  /** Pairs of neighbours, by the lower number. */
  readonly #besideNext = new Set<number>();
  readonly #free: Set<number>;
  readonly #restricted = new Set<number>();

  constructor(
    readonly plan: SeatingPlan,
    readonly geometry: SeatingGeometry,
    taken: readonly number[],
  ) {
    for (const [section, { kind, firstSeatNumber, seats, rows }] of plan.sections.entries()) {
      if (kind === 'standing') {
        for (const number of range(firstSeatNumber, seats)) {
          this.seats.set(number, { number, section, row: -1, kind: 'standing' });
        }
      }
      for (const [row, { firstSeatNumber: first, seats: count, aislesAfter, features }] of rows.entries()) {
        for (let at = 1; at <= count; at++) {
          if (features.some(({ seat, feature }) => seat === at && feature === 'restrictedView')) {
            this.#restricted.add(first + at - 1);
          }
          const feature = features.find(({ seat }) => seat === at)?.feature ?? 'ordinary';
          this.seats.set(first + at - 1, {
            number: first + at - 1,
            section,
            row,
            kind: feature === 'restrictedView' ? 'ordinary' : feature,
          });
          if (at < count && !aislesAfter.includes(at)) this.#besideNext.add(first + at - 1);
        }
      }
    }
    this.#free = new Set([...this.seats.keys()].filter((seat) => !taken.includes(seat)));
  }

  is(seat: number, kind: Seat['kind']): boolean {
    return this.seats.get(seat)?.kind === kind;
  }

  isFree(seat: number): boolean {
    return this.#free.has(seat);
  }

  neighbours(seat: number): number[] {
    return [seat - 1, seat + 1].filter((each) => this.#besideNext.has(Math.min(seat, each)));
  }

  isBlock(seats: readonly number[]): boolean {
    return seats.every(
      (seat, index) => index === 0 || (seat - 1 === seats[index - 1] && this.#besideNext.has(seat - 1)),
    );
  }

  /** @param strict counts only free ordinary neighbours */
  orphans(seats: readonly number[], strict = false): number[] {
    const isSingle = (free: (seat: number) => boolean, seat: number) =>
      this.is(seat, 'ordinary') &&
      free(seat) &&
      !this.neighbours(seat).some((each) => free(each) && (!strict || this.is(each, 'ordinary')));
    const after = (seat: number) => this.isFree(seat) && !seats.includes(seat);
    return [...this.seats.keys()].filter(
      (seat) => isSingle(after, seat) && !isSingle((each) => this.isFree(each), seat),
    );
  }

  /** Those for which the orphan rule refuses a pick. */
  refusedOrphans(pick: readonly number[]): number[] {
    const picked = pick.filter((seat) => this.isFree(seat)).sort((a, b) => a - b);
    return this.orphans(picked).filter((orphan) => {
      const section = this.seats.get(orphan)?.section as number;
      const part = picked.filter((seat) => this.seats.get(seat)?.section === section);
      if (part.some((seat) => !this.is(seat, 'ordinary'))) return false;
      return this.isBlock(part)
        ? this.blocks(section, part.length).some((block) => this.orphans(block).length === 0)
        : this.canAvoid(section, part.length);
    });
  }

  canAvoid(section: number, quantity: number): boolean {
    return (
      this.blocks(section, quantity).some((block) => this.orphans(block).length === 0) ||
      subsets(this.freeIn(section), quantity).some((seats) => this.orphans(seats, true).length === 0)
    );
  }

  /** Free ordinary seats, or free places. */
  freeIn(section: number): number[] {
    return [...this.seats.values()]
      .filter((seat) => seat.section === section && this.isFree(seat.number))
      .filter(({ kind }) => kind === 'ordinary' || kind === 'standing')
      .map(({ number }) => number);
  }

  blocks(section: number, quantity: number): number[][] {
    return this.freeIn(section)
      .map((seat) => range(seat, quantity))
      .filter((seats) => this.isBlock(seats))
      .filter((seats) => seats.every((seat) => this.isFree(seat) && this.is(seat, 'ordinary')));
  }

  sections(wish: BestWish): readonly number[] {
    return wish.sectionGroups?.flat() ?? [...this.plan.sections.keys()];
  }

  #group(wish: BestWish, section: number): number {
    return wish.sectionGroups?.findIndex((group) => group.includes(section)) ?? 0;
  }

  distance(wish: BestWish, section: number, one: number, other: number): number {
    const { x, y } =
      wish.nearSeat === null ? this.geometry.focusOf(section) : this.geometry.positionOf(wish.nearSeat);
    const a = this.geometry.positionOf(one);
    const b = this.geometry.positionOf(other);
    const [dx, dy] = [(a.x + b.x) / 2 - x, (a.y + b.y) / 2 - y];
    return dx * dx + dy * dy;
  }

  #together(wish: BestWish): number[] | null {
    let best: { seats: number[]; order: number[] } | null = null;
    const { quantity } = wish;
    const offer = (seats: number[], order: number[]) => {
      if (best === null || isBefore(order, best.order)) best = { seats, order };
    };
    for (const section of this.sections(wish)) {
      const free = this.freeIn(section);
      if (this.plan.sections[section]?.kind === 'standing') {
        const first = this.plan.sections[section]?.firstSeatNumber as number;
        const distance = this.distance(wish, section, first, first);
        const order = [
          this.#group(wish, section),
          0,
          0,
          wish.nearSeat === null ? 1 : 0,
          free.length,
          0,
          distance,
          first,
        ];
        if (free.length >= quantity) offer(free.slice(0, quantity), order);
        continue;
      }
      for (const block of this.blocks(section, quantity)) {
        const first = block[0] as number;
        const belongs = (seat: number) => this.isFree(seat) && this.is(seat, 'ordinary');
        const run = this.#grow(block, belongs);
        const last = first + quantity - 1;
        const after = this.#grow([last], (seat) => seat > last && belongs(seat)) - 1;
        const before = run - quantity - after;
        const isNear = wish.nearSeat !== null;
        const isSmall = !isNear && [before, after].some((part) => SMALL_PARTS.includes(part));
        const isOdd = !isNear && before % 2 === 1 && after % 2 === 1;
        const isRestricted = block.some((seat) => this.#restricted.has(seat));
        const distance = this.#middleDistance(wish, section, first);
        const faults = [this.orphans(block).length > 0, isRestricted, isSmall].map(Number);
        offer(block, [this.#group(wish, section), ...faults, run, Number(isOdd), distance, first]);
      }
    }
    return (best as { seats: number[] } | null)?.seats ?? null;
  }

  #sameRow(wish: BestWish): number[] | null {
    let best: { seats: number[]; order: number[] } | null = null;
    for (const section of this.sections(wish)) {
      for (const row of this.plan.sections[section]?.rows.keys() ?? []) {
        const free = this.freeIn(section).filter((seat) => this.seats.get(seat)?.row === row);
        for (let from = 0; from + wish.quantity <= free.length; from++) {
          const seats = free.slice(from, from + wish.quantity);
          const orphans = this.orphans(seats).length > 0;
          if (orphans && wish.avoidsOrphans && this.canAvoid(section, wish.quantity)) continue;
          const [first, last] = [seats[0] as number, seats.at(-1) as number];
          const order = [
            this.#group(wish, section),
            orphans ? 1 : 0,
            last - first,
            this.distance(wish, section, first, last),
            first,
          ];
          if (best === null || isBefore(order, best.order)) best = { seats, order };
        }
      }
    }
    return best?.seats ?? null;
  }

  /** By adjacency: the best choice, or whether there is one. */
  ordinary(wish: BestWish): Readonly<Record<Adjacency, number[] | null | boolean>> {
    const together = this.#together(wish);
    if (together !== null) return { together, sameRow: null, near: false, any: false };
    return { together, sameRow: this.#sameRow(wish), near: this.#hasNear(wish), any: this.#hasAny(wish) };
  }

  #hasNear(wish: BestWish): boolean {
    return this.sections(wish).some((section) => {
      const rows = this.plan.sections[section]?.rows.length ?? 0;
      return range(0, rows).some((first) => {
        const free = this.freeIn(section).filter((seat) => {
          const row = this.seats.get(seat)?.row as number;
          return row >= first && row < first + NEAR_ROWS;
        });
        if (free.length < wish.quantity || rows < 2) return false;
        if (!wish.avoidsOrphans || !this.canAvoid(section, wish.quantity)) return true;
        return subsets(free, wish.quantity).some((seats) => this.orphans(seats, true).length === 0);
      });
    });
  }

  #hasAny(wish: BestWish): boolean {
    return this.sections(wish).flatMap((section) => this.freeIn(section)).length >= wish.quantity;
  }

  /** For wishes with one wheelchair, and for blocks with several. */
  withWheelchairs(wish: BestWish): Readonly<Record<Adjacency, number[] | null | boolean>> {
    const { quantity, wheelchairs } = wish;
    const allowed = new Set(this.sections(wish));
    const candidates = [...this.seats.values()].filter(
      ({ number, section }) => allowed.has(section) && this.isFree(number),
    );
    let best: { seats: number[]; order: number[] } | null = null;
    for (const { number, section } of candidates) {
      const seats = range(number, quantity);
      if (!this.isBlock(seats) || !seats.every((seat) => this.isFree(seat))) continue;
      if (seats.filter((seat) => this.is(seat, 'wheelchair')).length !== wheelchairs) continue;
      const companions = seats.filter((seat) => this.is(seat, 'companion'));
      if (!companions.every((seat) => this.#hasWheelchair(seat, seats))) continue;
      const run = this.#grow(seats, (seat) => this.isFree(seat));
      const order = [
        this.#group(wish, section),
        this.orphans(seats).length,
        -companions.length,
        run,
        this.#middleDistance(wish, section, number),
        number,
      ];
      if (best === null || isBefore(order, best.order)) best = { seats, order };
    }
    const canSit = (seats: readonly Seat[]): boolean =>
      seats.some(({ number, kind }) => {
        if (kind !== 'wheelchair') return false;
        const others = seats.filter(
          (seat) =>
            seat.kind === 'ordinary' ||
            seat.kind === 'standing' ||
            (seat.kind === 'companion' && this.#hasWheelchair(seat.number, [number])),
        );
        return others.length >= quantity - 1;
      });
    const inRows = (count: number) =>
      candidates.some(({ section, row }) =>
        range(row - count + 1, count).some((first) =>
          canSit(
            candidates.filter(
              (seat) =>
                seat.section === section && seat.row >= Math.max(first, 0) && seat.row < first + count,
            ),
          ),
        ),
      );
    return {
      together: best?.seats ?? null,
      sameRow: inRows(1),
      near: inRows(NEAR_ROWS),
      any: canSit(candidates),
    };
  }

  isLegal(seats: readonly number[], wheelchairs: number): boolean {
    return (
      seats.filter((seat) => this.is(seat, 'wheelchair')).length === wheelchairs &&
      seats.filter((seat) => this.is(seat, 'companion')).every((seat) => this.#hasWheelchair(seat, seats))
    );
  }

  /** @param seats those of one person, this one included */
  isCompanionAlone(seat: number, seats: readonly number[]): boolean {
    return this.is(seat, 'companion') && !this.#hasWheelchair(seat, seats);
  }

  #hasWheelchair(companion: number, seats: readonly number[]): boolean {
    return seats.some((seat) => {
      if (!this.is(seat, 'wheelchair')) return false;
      const from = Math.min(seat, companion);
      const between = range(from, Math.abs(seat - companion) + 1);
      return this.isBlock(between) && between.every((each) => each === seat || this.is(each, 'companion'));
    });
  }

  #middleDistance(wish: BestWish, section: number, first: number): number {
    const left = first + Math.floor((wish.quantity - 1) / 2);
    return this.distance(wish, section, left, first + Math.floor(wish.quantity / 2));
  }

  /** How long the block is with all its free neighbours. */
  #grow(block: readonly number[], belongs: (seat: number) => boolean): number {
    let first = block[0] as number;
    let last = block.at(-1) as number;
    while (this.#besideNext.has(first - 1) && belongs(first - 1)) first -= 1;
    while (this.#besideNext.has(last) && belongs(last + 1)) last += 1;
    return last - first + 1;
  }
}

function subsets(seats: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return seats.flatMap((seat, index) =>
    subsets(seats.slice(index + 1), size - 1).map((others) => [seat, ...others]),
  );
}
