import { FeedServer } from './feed-server.js';
import { Truth } from './truth.js';

/** @typedef {import('./feed-server.js').Subscription} Subscription */

/** A client that subscribes more often in one scenario is in a loop. */
const SUBSCRIPTIONS_MAX = 20;
/** Long enough for a client to react to a message. */
const REACTION_MS = 300;

/** What the client got wrong, in words for its author. */
export class Finding extends Error {}

/** Ends a scenario that does not apply to this client. */
export class NotApplicable extends Error {}

/**
 * Starts the client under test.
 *
 * @typedef {object} ClientHandle
 * @property {() => void | Promise<void>} stop
 * @typedef {object} ClientEvents
 * @property {(line: string) => void} line A line that the client has printed.
 * @property {(why: string) => void} ended The client has ended by itself.
 * @typedef {(server: { url: string, eventId: string }, events: ClientEvents) => ClientHandle} StartClient
 */

/** One scenario with one client: what the server does, and what the client should show. */
export class Session {
  #timeoutMs;
  /** @type {Subscription[]} */
  #arrived = [];
  /** @type {Subscription | undefined} The newest one. */
  #current;
  /** What the client has shown last. @type {{ version: number, statuses: string } | undefined} */
  shown;
  /** @type {Finding | undefined} */
  #finding;
  /** Whether the client cannot know yet that its map is wrong. */
  expectsWrongMap = false;
  #wake = () => {};

  /** @param {{ seed: number, timeoutMs: number }} options */
  constructor({ seed, timeoutMs }) {
    this.#timeoutMs = timeoutMs;
    this.truth = new Truth(seed);
    this.server = new FeedServer(this.truth);
    this.server.onSubscription = (subscription) => {
      this.#arrived.push(subscription);
      this.#wake();
    };
  }

  /** @param {StartClient} startClient @param {(session: Session) => Promise<void>} play */
  async run(startClient, play) {
    const url = await this.server.listen();
    const client = startClient(
      { url, eventId: this.server.eventId },
      {
        line: (line) => this.#judge(line),
        ended: (why) => this.#fail(`The client has ended: ${why}`),
      },
    );
    try {
      await play(this);
      if (this.#finding) throw this.#finding;
    } finally {
      await client.stop();
      this.server.close();
    }
  }

  /**
   * The client's next subscription. Answers nothing.
   *
   * @param {string} because what the client should have noticed
   */
  async subscribed(because) {
    await this.#until(
      () => this.#arrived.length > 0,
      () => `${because}, and the client did not subscribe.`,
    );
    this.#current = this.#arrived.pop();
    this.#arrived.length = 0;
    return /** @type {Subscription} */ (this.#current);
  }

  /** Sends a message to the newest subscription. @param {unknown} message */
  send(message) {
    this.#current?.send(message);
  }

  /** Answers the newest subscription as the real server does. @param {Subscription} subscription */
  answer(subscription) {
    const { truth } = this;
    const { since } = subscription;
    subscription.send(since !== null && truth.knows(since) ? truth.changes(since) : truth.snapshot());
  }

  /** The client subscribes for the first time, is answered, and shows the map. */
  async begin() {
    const subscription = await this.subscribed('The server is ready');
    this.answer(subscription);
    await this.showsMap();
    return subscription;
  }

  /** The client subscribes again, is answered, and shows the map. @param {string} because */
  async recovers(because) {
    const subscription = await this.subscribed(because);
    this.answer(subscription);
    await this.showsMap();
    return subscription;
  }

  /** The client subscribes again with the version that it shows. @param {string} because */
  async resumes(because) {
    const subscription = await this.subscribed(because);
    const version = this.shown?.version;
    if (subscription.since !== version)
      throw new Finding(
        `${because}. The client subscribed again with since: ${subscription.since}, but its map is at version ${version}. Send the map's version with every new connection.`,
      );
    return subscription;
  }

  /** Waits until the client shows the newest version. */
  showsMap() {
    return this.#until(
      () => this.shown?.version === this.truth.version,
      () => this.#notShown(),
    );
  }

  /** Waits until the client shows the newest version. If it subscribes again instead, that is answered. @param {string} because */
  async showsMapOrRecovers(because) {
    await this.#until(
      () => this.shown?.version === this.truth.version || this.#arrived.length > 0,
      () => this.#notShown(),
    );
    if (this.#arrived.length > 0) await this.recovers(because);
  }

  /** Shows the newest version without a new subscription. @param {string} because why it needs none */
  async showsMapWithoutSubscribing(because) {
    await this.#until(
      () => this.shown?.version === this.truth.version || this.#arrived.length > 0,
      () => this.#notShown(),
    );
    await this.staysSubscribed(REACTION_MS, because);
  }

  #notShown() {
    const { version } = this.truth;
    return this.shown === undefined
      ? `The server has sent version ${version}, and the client has not printed a map.`
      : `The server has sent version ${version}, and the client still shows version ${this.shown.version}.`;
  }

  /**
   * The client does not subscribe again.
   *
   * @param {number} ms @param {string} because why it might
   */
  async staysSubscribed(ms, because) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.#finding) throw this.#finding;
    if (this.#arrived.length > 0)
      throw new Finding(`The client subscribed again (since: ${this.#arrived[0]?.since}). ${because}`);
  }

  /** @param {string} line */
  #judge(line) {
    if (this.#finding) return;
    let printed;
    try {
      printed = JSON.parse(line);
    } catch {
      this.#fail(`The client printed a line that is not JSON: ${line.slice(0, 200)}`);
      return;
    }
    const { version, statuses } = printed ?? {};
    if (!Number.isInteger(version) || typeof statuses !== 'string') {
      this.#fail(`The client printed ${line.slice(0, 200)}. A line is {"version": 7, "statuses": "AALB"}.`);
      return;
    }
    this.shown = { version, statuses };
    const wrong = this.#faultOf(version, statuses);
    if (wrong && !this.expectsWrongMap) this.#fail(wrong);
    this.#wake();
  }

  /** @param {number} version @param {string} statuses */
  #faultOf(version, statuses) {
    const { truth } = this;
    if (!truth.knows(version)) return `The client shows version ${version}, which the server has never had.`;
    if (statuses.length !== truth.totalSeats)
      return `The client shows ${statuses.length} seats. The event has ${truth.totalSeats}.`;
    const wrong = [...statuses].flatMap((letter, index) =>
      truth.allows(version, index + 1, letter) ? [] : [index + 1],
    );
    if (wrong.length === 0) return undefined;
    const [seat = 0, ...others] = wrong;
    const right = truth.at(version).get(seat)?.status ?? 'AVAILABLE';
    const more = others.length > 0 ? ` ${others.length} more seats are wrong too.` : '';
    return `At version ${version} the client shows ${statuses[seat - 1]} for seat ${seat}, which is ${right}.${more}`;
  }

  /** @param {string} what */
  #fail(what) {
    this.#finding ??= new Finding(what);
    this.#wake();
  }

  /** @param {() => boolean} isReached @param {() => string} otherwise */
  async #until(isReached, otherwise) {
    const endMs = performance.now() + this.#timeoutMs;
    for (;;) {
      if (this.server.subscriptions > SUBSCRIPTIONS_MAX)
        this.#fail(`The client subscribed ${this.server.subscriptions} times: it is in a loop.`);
      if (this.#finding) throw this.#finding;
      if (isReached()) return;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Finding(otherwise());
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}
