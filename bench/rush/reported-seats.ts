import { LOCK_SEAT, LOCK_SEATS, READ_MAP, type SeatMapAnswer } from './operations.js';
import { type Api, type Data, Refusal } from './server-api.js';

const FREE = 'A';
/** Refusals after which, by the contract, nothing was done. */
const NOTHING_DONE: ReadonlySet<string> = new Set([
  'SEAT_UNAVAILABLE',
  'SEAT_LIMIT_REACHED',
  'RATE_LIMITED',
  'TOO_BUSY',
]);

/**
 * Which seats the fans were told are taken, and which of them somebody may have had at all: a fan was given it, or asked
 * for it and an answer never came. Only fans take seats of their sale, so that each seat of the first kind is of the second.
 */
export class ReportedSeats {
  /** By number, as maps of thousands of seats are read thousands of times. */
  readonly #taken: boolean[] = [];
  readonly #given = new Set<number>();
  readonly #mayBeGiven = new Set<number>();

  /**
   * Of each, a fan was told that it is taken, and nobody can have had it. Fans ask again for what was not answered, so
   * that where none of them was ever given a seat, they had not been given those in doubt either.
   */
  get reportedWithoutOwner(): number[] {
    const isDoubted = this.#given.size > 0;
    return [...this.#taken.keys()].filter(
      (seat) =>
        this.#taken[seat] === true && !this.#given.has(seat) && !(isDoubted && this.#mayBeGiven.has(seat)),
    );
  }

  /** The same server, each of whose answers about seats is noted, also those that a fan does not wait for. */
  noting = (api: Api): Api => ({
    ask: (operation, variables, token, dropped) => {
      const answer = api.ask(operation, variables, token, dropped);
      if (operation === READ_MAP) return this.#noteMap(answer);
      return operation === LOCK_SEAT || operation === LOCK_SEATS ? this.#noteLock(variables, answer) : answer;
    },
  });

  async #noteMap(answer: Promise<Data>): Promise<Data> {
    const data = await answer;
    const { statuses = '' } = (data.event as { seatMap?: Partial<SeatMapAnswer> } | null)?.seatMap ?? {};
    for (let index = 0; index < statuses.length; index++) {
      if (statuses[index] !== FREE) this.#taken[index + 1] = true;
    }
    return data;
  }

  async #noteLock(variables: object, answer: Promise<Data>): Promise<Data> {
    const { input } = variables as { input: { seatNumber?: number; seatNumbers?: readonly number[] } };
    const asked = input.seatNumbers ?? [input.seatNumber as number];
    try {
      const data = await answer;
      for (const seat of asked) this.#given.add(seat);
      return data;
    } catch (error) {
      if (!(error instanceof Refusal) || !NOTHING_DONE.has(error.code)) {
        for (const seat of asked) this.#mayBeGiven.add(seat);
      } else if (error.code === 'SEAT_UNAVAILABLE') {
        const { seatNumbers: lost } = error.details;
        if (Array.isArray(lost)) for (const seat of lost) this.#taken[seat] = true;
      }
      throw error;
    }
  }
}
