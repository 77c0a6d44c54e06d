import { setTimeout as wait } from 'node:timers/promises';
import type { Intent } from '../../../src/test/support/fake-stripe.js';
import { SeededRandom } from '../../../src/test/support/seeded-random.js';
import { Deadline, withRetries } from '../../rush/retry.js';
import { type Data, Refusal, ServerApi } from '../../rush/server-api.js';
import type { ChaosEnvironment } from '../chaos-environment.js';
import { NOTHING_FOUND, type RoundResult } from '../round.js';
import { auditBooks, type Books, isSettled } from './books-audit.js';
import { PENDING_SECONDS, type ProviderFault } from './provider-faults.js';

const BUYERS = 24;
const SEATS = 30;
const PRICE = { amount: 2_500, currency: 'EUR' };
const BUYING_MS_MAX = 60_000;
const SETTLE_MS_MAX = 60_000;
const CHECK_EVERY_MS = 250;
const TRIES_MAX = 200;
const EVENT_AHEAD_MS = 30 * 24 * 60 * 60 * 1_000;
const SEED_LIMIT = 2 ** 31;
const LATE_MS = (PENDING_SECONDS + 2) * 1_000;

const CREATE_EVENT = 'mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }';
const LOCK = 'mutation($input: LockSeatsInput!) { lockSeats(input: $input) { id } }';
const CHECK_OUT = `mutation($input: CheckOutInput!) {
  checkOut(input: $input) { payment { paymentId status } bookings { id } clientSecret }
}`;
const BOOKING = 'query($id: ID!) { booking(id: $id) { status } }';
const CANCEL = 'mutation($id: ID!) { cancelBooking(id: $id) { id } }';

interface CheckedOut {
  readonly payment: { readonly paymentId: string; readonly status: string };
  readonly bookings: readonly { readonly id: string }[];
  readonly clientSecret: string | null;
}

/** A sale whose buyers pay at the provider, give some seats back, or never pay, while the fault lasts; then an audit. */
export class ProviderRound {
  readonly #api: ServerApi;
  state = 'preparing';
  #calls = 0;
  #repeated = 0;

  constructor(
    private readonly environment: ChaosEnvironment,
    private readonly fault: ProviderFault,
    private readonly random: SeededRandom,
  ) {
    this.#api = new ServerApi(new URL('/graphql', environment.server.url));
  }

  async run(): Promise<RoundResult> {
    const { environment, random } = this;
    try {
      const [organizer = '', ...buyers] = await environment.users.tokens(BUYERS + 1, 0);
      const eventDate = new Date(Date.now() + EVENT_AHEAD_MS).toISOString();
      const input = { name: 'Chaos', eventDate, totalSeats: SEATS, price: PRICE };
      const { createEvent } = await this.#ask(CREATE_EVENT, { input }, organizer);
      const { id: eventId } = createEvent as { id: string };
      const end = this.fault.start(environment, random);
      this.state = 'selling';
      const faults: string[] = [];
      await Promise.all(
        buyers.map((token, buyer) =>
          this.#buy(eventId, token, buyer, new SeededRandom(random.below(SEED_LIMIT))).catch((error: Error) =>
            faults.push(`buyer ${buyer}: ${error.message}`),
          ),
        ),
      );
      this.state = 'recovering';
      await end();
      await environment.restore();
      const fromMs = performance.now();
      const books = await this.#settled(eventId);
      const confirmed = books.bookings.filter(({ status }) => status === 'confirmed').length;
      const { calls } = environment.stripe;
      const wrong = [...faults, ...auditBooks(books)];
      if (!isSettled(books)) wrong.push('payments were left open');
      return {
        findings: { ...NOTHING_FOUND, books: wrong },
        calls: this.#calls,
        unknown: 0,
        bookings: confirmed,
        repeated: this.#repeated,
        resumes: 0,
        seatOperations: 0,
        writesContinuedMs: null,
        figures: {
          'settled after ms': performance.now() - fromMs,
          payments: books.payments.length,
          refunds: books.refunds.length,
          'calls to Stripe': calls.splice(0).length,
        },
      };
    } finally {
      await this.#api.close();
    }
  }

  /** Holds one or two seats, checks out, and pays, or does not. Who has paid sometimes gives a seat back. */
  async #buy(eventId: string, token: string, buyer: number, random: SeededRandom): Promise<void> {
    await wait(random.below(2_000));
    const first = random.below(SEATS) + 1;
    const seatNumbers = random.below(2) === 0 ? [first] : [first, (first % SEATS) + 1];
    try {
      await this.#ask(LOCK, { input: { eventId, seatNumbers } }, token);
      const { payment, bookings } = await this.#checkOut(eventId, token, `${eventId} ${buyer}`);
      const [intent] = this.environment.stripe.intentsOf(payment.paymentId);
      if (intent === undefined) return;
      await this.#pay(intent, random);
      await this.#giveBack(bookings, token, random);
    } catch (error) {
      // Somebody else was faster, or the hold has ended during the fault.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  async #checkOut(eventId: string, token: string, requestId: string): Promise<CheckedOut> {
    const input = { eventId, requestId };
    for (let tries = 1; ; tries++) {
      const { checkOut } = (await this.#ask(CHECK_OUT, { input }, token)) as unknown as {
        checkOut: CheckedOut;
      };
      const mayBeStarted = this.environment.stripe.intentsOf(checkOut.payment.paymentId).length > 0;
      if (checkOut.clientSecret !== null || checkOut.payment.status !== 'PENDING' || tries === 10)
        return checkOut;
      if (mayBeStarted && tries > 3) return checkOut;
      this.#repeated += 1;
      await wait(CHECK_EVERY_MS);
    }
  }

  async #pay(intent: Intent, random: SeededRandom): Promise<void> {
    const { stripe } = this.environment;
    await wait(this.fault.paysLate ? LATE_MS : random.below(1_500));
    const fate = random.below(10);
    if (fate === 0) return;
    if (fate <= 2) stripe.decline(intent);
    if (fate <= 8) stripe.pay(intent);
  }

  async #giveBack(bookings: CheckedOut['bookings'], token: string, random: SeededRandom): Promise<void> {
    const [given] = bookings;
    if (given === undefined || random.below(3) > 0) return;
    const deadline = new Deadline(this.fault.paysLate ? 3_000 : 2 * PENDING_SECONDS * 1_000);
    while (deadline.leftMs > 0) {
      const { booking } = await this.#ask(BOOKING, { id: given.id }, token);
      if ((booking as { status: string }).status !== 'PENDING') break;
      await wait(CHECK_EVERY_MS);
    }
    await this.#ask(CANCEL, { id: given.id }, token);
  }

  /** Waits until both sides are final. Messages and comparisons that wait for minutes are made due at once. */
  async #settled(eventId: string): Promise<Books> {
    this.state = 'auditing';
    const { database } = this.environment;
    const deadline = new Deadline(SETTLE_MS_MAX);
    for (;;) {
      const books = await this.#books(eventId);
      const waiting = await database.collection('outbox').countDocuments({ state: 'waiting' });
      const isRight = waiting === 0 && isSettled(books) && auditBooks(books).length === 0;
      if (isRight || deadline.leftMs <= 0) return books;
      const now = new Date();
      await database.collection('outbox').updateMany({ state: 'waiting' }, { $set: { dueAt: now } });
      await database
        .collection('providerpayments')
        .updateMany({ checkAt: { $exists: true } }, { $set: { checkAt: now, checks: 0 } });
      await wait(4 * CHECK_EVERY_MS);
    }
  }

  async #books(eventId: string): Promise<Books> {
    const { database, stripe } = this.environment;
    const read = <Document>(name: string, filter: object) =>
      database.collection(name).find(filter).toArray() as unknown as Promise<Document[]>;
    const intents = [...stripe.intents.values()].filter(({ metadata }) =>
      metadata.paymentId?.includes(eventId),
    );
    const ids = new Set(intents.map(({ id }) => id));
    return {
      payments: await read<Books['payments'][number]>('payments', { eventId }),
      bookings: await read<Books['bookings'][number]>('bookings', { eventId }),
      price: PRICE.amount,
      intents,
      refunds: stripe.refunds.filter(({ payment_intent }) => ids.has(payment_intent)),
      failedMessages: (await read<{ _id: string }>('outbox', { state: 'failed' })).map(({ _id }) => _id),
    };
  }

  /** Repeats what got no answer, and waits while the server is away. */
  #ask(operation: string, variables: object, token: string): Promise<Data> {
    return withRetries(
      () => {
        this.#calls += 1;
        return this.#api.ask(operation, variables, token);
      },
      new Deadline(BUYING_MS_MAX, TRIES_MAX),
      this.random,
      () => {
        this.#repeated += 1;
      },
    );
  }
}
