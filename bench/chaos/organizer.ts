import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { BOOK_HELD_BACK, HOLD_BACK, RELEASE_HELD_BACK } from '../rush/operations.js';
import { type Api, Refusal } from '../rush/server-api.js';

const ACTS_EVERY_MS = 400;
/** So many seats are off sale at a time, of a small sale. */
const HELD_BACK_MAX = 4;
const INVITATIONS_MAX = 3;
const HOLD_BACK_PERCENT = 60;
const INVITE_PERCENT = 25;
/** While a fan has the seat, and while the database is away or the server stops. */
const EXPECTED_REFUSALS: ReadonlySet<string> = new Set(['SEAT_UNAVAILABLE', 'TOO_BUSY', 'OUTCOME_UNKNOWN']);

export interface OrganizedSale {
  readonly api: Api;
  readonly token: string;
  readonly eventId: string;
  readonly seats: number;
}

/** Holds seats back, puts them back on sale and gives some away while fans buy. It repeats no call. */
export class Organizer {
  /** Seats that may be held back: some calls have no answer. */
  readonly #heldBack = new Set<number>();
  /** Refusals that nothing explains. */
  readonly wrong: string[] = [];
  /** Calls that were done. */
  done = 0;
  readonly #acting: Promise<void>;
  #invitations = 0;
  #isOver = false;

  constructor(
    private readonly sale: OrganizedSale,
    private readonly random: SeededRandom,
  ) {
    this.#acting = this.#act();
  }

  /** Some seats stay held back. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#acting;
  }

  async #act(): Promise<void> {
    while (!this.#isOver) {
      await this.#next().then(
        () => {
          this.done += 1;
        },
        (error: unknown) => {
          if (error instanceof Refusal && !EXPECTED_REFUSALS.has(error.code))
            this.wrong.push(`the organizer was refused with ${error.code}`);
        },
      );
      await wait(ACTS_EVERY_MS);
    }
  }

  #next(): Promise<void> {
    const { random } = this;
    const heldBack = [...this.#heldBack];
    if (heldBack.length < HELD_BACK_MAX && (heldBack.length === 0 || random.chance(HOLD_BACK_PERCENT)))
      return this.#holdBack(random.below(this.sale.seats) + 1);
    const seat = random.pick(heldBack);
    return this.#invitations < INVITATIONS_MAX && random.chance(INVITE_PERCENT)
      ? this.#invite(seat)
      : this.#release(seat);
  }

  /** The seat and its neighbour. */
  async #holdBack(seat: number): Promise<void> {
    const seatNumbers = seat < this.sale.seats ? [seat, seat + 1] : [seat];
    try {
      await this.#ask(HOLD_BACK, { input: { eventId: this.sale.eventId, seatNumbers, label: 'Sponsors' } });
    } catch (error) {
      // Without an answer they may be held back.
      if (!(error instanceof Refusal)) for (const each of seatNumbers) this.#heldBack.add(each);
      throw error;
    }
    for (const each of seatNumbers) this.#heldBack.add(each);
  }

  async #release(seat: number): Promise<void> {
    await this.#ask(RELEASE_HELD_BACK, { eventId: this.sale.eventId, seatNumbers: [seat] });
    this.#heldBack.delete(seat);
  }

  async #invite(seat: number): Promise<void> {
    this.#invitations += 1;
    this.#heldBack.delete(seat);
    // The next round has the same organizer.
    const requestId = `${this.sale.eventId} ${this.#invitations}`;
    const contactEmail = 'guest@example.com';
    await this.#ask(BOOK_HELD_BACK, {
      input: { eventId: this.sale.eventId, seatNumbers: [seat], contactEmail, requestId },
    });
  }

  #ask = (operation: string, variables: object) => this.sale.api.ask(operation, variables, this.sale.token);
}
