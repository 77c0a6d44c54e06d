import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { type Environment, OURS } from '../lib/environment.js';
import { createEvent } from '../lib/events.js';
import { CONFIRM_SEATS, HOLD_SEATS, type HoldAnswer, PAY, STATUSES } from '../lib/operations.js';
import { type Caller, overHttp, Refused } from '../lib/transports.js';
import { PlainHall, seatsFrom } from './plain-hall.js';

/** For each length of the rows. */
const SALES = 6;
export const ROW_LENGTHS = [30, 20] as const;
const SEATS = 600;
const PARTY_MAX = 6;
/** A sale ends when the first party of up to this size is refused. */
const SMALL_PARTY_MAX = 4;
const BY_HAND_PERCENT = 50;
const LAPSE_PERCENT = 20;
/** More than a hall needs, lapses included. Each party is a user of its own. */
const PARTIES_MAX = 500;
/** About 20 parties come meanwhile. */
const LOCK_TTL_SECONDS = '4';
const TRIES_BY_HAND = 3;

export interface FullHouse {
  readonly seatsPerRow: number;
  /** Parts of all seats. */
  readonly sold: number;
  readonly singles: number;
  readonly parties: number;
  readonly lapsed: number;
}

/**
 * Parties come to halls with the orphan rule, one after the other in each hall, until the first small party is refused. Half
 * of them pick the frontmost block that the rule allows, nearest to the middle; the others get the best one.
 */
export async function fillHouses(environment: Environment, seed: number): Promise<FullHouse[]> {
  const database = environment.database(OURS);
  const settings = { LOCK_TTL_SECONDS, LOCK_MAX_LIFE_SECONDS: LOCK_TTL_SECONDS };
  const server = await environment.startServer('../src/main.js', OURS, settings);
  const sales = ROW_LENGTHS.flatMap((seatsPerRow) => Array<number>(SALES).fill(seatsPerRow));
  const tokens = await environment.users.tokens(sales.length * PARTIES_MAX, 0);
  const transport = await overHttp(
    [server.url],
    sales.map((_, sale) => tokens.slice(sale * PARTIES_MAX, (sale + 1) * PARTIES_MAX)),
  );
  const houses = await Promise.all(
    transport.callers.map(async (caller, sale) => {
      const seatsPerRow = sales[sale] as number;
      const eventId = await createEvent(database, SEATS, undefined, { orphanRule: 'refuse', seatsPerRow });
      return new Sale(caller, eventId, seatsPerRow, new SeededRandom(seed + sale)).run();
    }),
  );
  await transport.close();
  await server.stop();
  return houses;
}

class Sale {
  constructor(
    private readonly caller: Caller,
    private readonly eventId: string,
    private readonly seatsPerRow: number,
    private readonly random: SeededRandom,
  ) {}

  async run(): Promise<FullHouse> {
    const { random, seatsPerRow } = this;
    let lapsed = 0;
    for (let party = 0; party < PARTIES_MAX; party++) {
      const quantity = 1 + random.below(PARTY_MAX);
      const byHand = random.chance(BY_HAND_PERCENT);
      const locks = byHand
        ? await this.#pickByHand(party, quantity)
        : (await this.#hold(party, { best: { quantity } })).locks;
      if (locks.length === 0) {
        if (quantity > SMALL_PARTY_MAX) continue;
        const hall = await this.#hall();
        const { freeSeats, seats } = hall;
        return {
          seatsPerRow,
          sold: 1 - freeSeats / seats,
          singles: hall.singles().length / seats,
          parties: party,
          lapsed,
        };
      }
      const lockIds = locks.map(({ id }) => id);
      const isPaid = !random.chance(LAPSE_PERCENT) && (await this.#pay(party, lockIds));
      if (!isPaid) lapsed += 1;
    }
    throw new Error(`${PARTIES_MAX} parties have not filled ${SEATS} seats.`);
  }

  /** @returns no locks if the party saw no allowed block */
  async #pickByHand(party: number, quantity: number): Promise<HoldAnswer['locks']> {
    for (let tries = 0; tries < TRIES_BY_HAND; tries++) {
      const seatNumbers = frontmostBlock(await this.#hall(), quantity);
      if (seatNumbers === null) return [];
      const { locks } = await this.#hold(party, { seatNumbers });
      if (locks.length > 0) return locks;
      // A lock that has lapsed since has changed what is allowed.
    }
    return [];
  }

  async #hold(party: number, wish: object): Promise<HoldAnswer> {
    const data = await this.caller.call(
      HOLD_SEATS,
      { input: { eventId: this.eventId, wishes: [wish] } },
      party,
    );
    return data.holdSeats as HoldAnswer;
  }

  /** @returns false if the party came too late, as on a busy machine, and its seats have lapsed */
  async #pay(party: number, lockIds: readonly string[]): Promise<boolean> {
    try {
      const payment = { lockIds, amount: 15_000 * lockIds.length, currency: 'USD', cardStatus: 'SUCCESS' };
      const data = await this.caller.call(PAY, { input: payment }, party);
      const { paymentId } = data.simulatePayment as { paymentId: string };
      const requestId = `${this.eventId} ${party}`;
      await this.caller.call(CONFIRM_SEATS, { input: { lockIds, paymentId, requestId } }, party);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.code === 'LOCK_EXPIRED') return false;
      throw error;
    }
  }

  /** The hall as everybody can see it. */
  async #hall(): Promise<PlainHall> {
    const data = await this.caller.call(STATUSES, { eventId: this.eventId }, 0);
    const { statuses } = (data.event as { seatMap: { statuses: string } }).seatMap;
    const hall = new PlainHall(SEATS, this.seatsPerRow);
    hall.take(seatsFrom(1, SEATS).filter((seat) => statuses[seat - 1] !== 'A'));
    return hall;
  }
}

/** The allowed block in the frontmost row, nearest to its middle. */
export function frontmostBlock(hall: PlainHall, quantity: number): readonly number[] | null {
  const { seatsPerRow } = hall;
  const rowOf = (first: number) => Math.floor((first - 1) / seatsPerRow);
  const fromMiddle = (first: number) => Math.abs(((first - 1) % seatsPerRow) + (quantity - seatsPerRow) / 2);
  const inOrder = [...hall.blocks(quantity)].sort(
    (a, b) => rowOf(a) - rowOf(b) || fromMiddle(a) - fromMiddle(b),
  );
  const canAvoid = hall.canAvoidOrphans(quantity, true);
  for (const first of inOrder) {
    const block = seatsFrom(first, quantity);
    if (!canAvoid || hall.orphansLeft(block).length === 0) return block;
  }
  return null;
}
