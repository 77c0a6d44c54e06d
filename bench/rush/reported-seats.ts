import {
  BOOK_HELD_BACK,
  HOLD_BACK,
  HOLD_SEATS,
  LOCK_SEAT,
  LOCK_SEATS,
  READ_MAP,
  type SeatMapAnswer,
} from './operations.js';
import { type Api, type Data, Refusal } from './server-api.js';

const FREE = 'A';
const LOCKING: ReadonlySet<string> = new Set([LOCK_SEAT, LOCK_SEATS, HOLD_SEATS, HOLD_BACK, BOOK_HELD_BACK]);
/** Refusals after which nothing was changed, by the contract. */
const NOTHING_DONE: ReadonlySet<string> = new Set([
  'SEAT_UNAVAILABLE',
  'SEAT_LIMIT_REACHED',
  'RATE_LIMITED',
  'TOO_BUSY',
]);

/**
 * The seats that were reported to fans as taken, and those that a fan or the organizer may have had: the call got the
 * seat, or never an answer. Nobody else takes seats of the sale, so every seat of the first kind must be one of the second.
 */
export class ReportedSeats {
  /** By seat number: maps of thousands of seats are read thousands of times. */
  readonly #taken: boolean[] = [];
  readonly #given = new Set<number>();
  readonly #mayBeGiven = new Set<number>();

  /**
   * Seats that were reported as taken although nobody can have had them. Fans repeat unanswered calls. So if no fan ever
   * got a seat, unanswered calls did not lock one either.
   */
  get reportedWithoutOwner(): number[] {
    const someLocked = this.#given.size > 0;
    return [...this.#taken.keys()].filter(
      (seat) =>
        this.#taken[seat] === true && !this.#given.has(seat) && !(someLocked && this.#mayBeGiven.has(seat)),
    );
  }

  /** Records each answer of a server about seats, also those that a fan does not wait for. */
  record = (api: Api): Api => ({
    ask: (operation, variables, token, dropped) => {
      const answer = api.ask(operation, variables, token, dropped);
      if (operation === READ_MAP) return this.#recordMap(answer);
      return LOCKING.has(operation) ? this.#recordLock(wantedSeats(variables), answer) : answer;
    },
  });

  async #recordMap(answer: Promise<Data>): Promise<Data> {
    const data = await answer;
    const { statuses = '' } = (data.event as { seatMap?: Partial<SeatMapAnswer> } | null)?.seatMap ?? {};
    for (let index = 0; index < statuses.length; index++) {
      if (statuses[index] !== FREE) this.#taken[index + 1] = true;
    }
    return data;
  }

  async #recordLock(asked: readonly number[], answer: Promise<Data>): Promise<Data> {
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

/** The seats that a call of `LOCKING` names. */
export function wantedSeats(variables: object): readonly number[] {
  const { input } = variables as {
    input: {
      seatNumber?: number;
      seatNumbers?: readonly number[];
      wishes?: readonly { readonly seatNumbers: readonly number[] }[];
    };
  };
  return input.seatNumbers ?? input.wishes?.[0]?.seatNumbers ?? [input.seatNumber as number];
}
