import { randomInt } from 'node:crypto';

const SEED_MAX = 2 ** 31;

/** Pseudo-random numbers that repeat with the same seed (mulberry32). */
export class SeededRandom {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error('There is nothing to pick from.');
    return items[this.below(items.length)] as Item;
  }

  /** So many different items, in no particular order. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [item] = left.splice(this.below(left.length), 1);
      return item as Item;
    });
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** Runs a test with a random seed. A failure names the seed, and TEST_SEED runs the test with it again. */
export async function withSeed(body: (random: SeededRandom) => Promise<void>): Promise<void> {
  const random = new SeededRandom(Number(process.env.TEST_SEED ?? randomInt(SEED_MAX)));
  try {
    await body(random);
  } catch (error) {
    if (error instanceof Error) error.message += `\n(again with TEST_SEED=${random.seed})`;
    throw error;
  }
}
