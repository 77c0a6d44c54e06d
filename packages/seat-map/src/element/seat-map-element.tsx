import { render } from 'preact';
import type { Outcome } from '../check-out/attempt.js';
import type { Order } from '../check-out/checkout.js';
import { journalIn } from '../check-out/journal.js';
import type { SeatMapClient } from '../core/client.js';
import type { BookedSeat, HeldSeat } from '../core/held-seats.js';
import type { HoldSnapshot, SeatHold } from '../core/seat-hold.js';
import seatMapCss from '../map/seat-map.css?inline';
import themeCss from '../map/theme.css?inline';
import { SeatMapProvider } from '../react/client-context.js';
import { clientOf } from '../react/endpoint-client.js';
import { type PickedSeat, SeatMap } from '../react/seat-map.js';
import type { Theme } from '../react/seat-map-root.js';

export interface SeatMapEvents {
  /** The viewer has picked other seats. */
  pick: CustomEvent<{ readonly seats: readonly PickedSeat[] }>;
  /** Other seats are held for the viewer, or the hold ends at another time. Without seats: nothing is held any more. */
  hold: CustomEvent<{ readonly locks: readonly HeldSeat[]; readonly endsAt: Date | null }>;
  /** Seats were booked, here or elsewhere in the name of the same user. */
  booked: CustomEvent<{ readonly bookings: readonly BookedSeat[] }>;
  /** A check-out has ended, also one that a reload had interrupted, or a pending payment was settled. */
  checkout: CustomEvent<{ readonly outcome: Outcome }>;
}

/** What `checkOut` may be told. Default: all held seats, at their own prices. */
export type CheckOutOptions = Partial<Omit<Order, 'seatNumbers'>>;

const HOST_CSS = ':host { display: block; } :host([hidden]) { display: none; }';

/** Made when the first map is shown: a server that renders pages has no style sheets. */
let styles: readonly CSSStyleSheet[] | undefined;

function stylesOfMap(): readonly CSSStyleSheet[] {
  styles ??= [HOST_CSS, themeCss, seatMapCss].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  return styles;
}

/** On a server that renders pages the class is imported, and never used. */
const BaseElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** `<seat-map event="…" endpoint="…">`: the live map of an event on any page, without a framework. */
export class SeatMapElement extends BaseElement {
  static readonly observedAttributes = ['event', 'endpoint', 'theme', 'picks-only'];

  readonly #root = this.attachShadow({ mode: 'open' });
  #picked: readonly PickedSeat[] = [];
  #watched: { readonly key: string; readonly hold: SeatHold; readonly stop: () => void } | undefined;

  /** The id of the event. */
  get event(): string {
    return this.getAttribute('event') ?? '';
  }

  set event(id: string) {
    this.setAttribute('event', id);
  }

  /** The address of the API. Default: `/graphql` of the page's own server. */
  get endpoint(): string {
    return this.getAttribute('endpoint') ?? '/graphql';
  }

  set endpoint(address: string) {
    this.setAttribute('endpoint', address);
  }

  /** The seats that the viewer has picked and does not hold yet. */
  get picked(): readonly PickedSeat[] {
    return this.#picked;
  }

  /** The seats that are held for the viewer. */
  get locks(): readonly HeldSeat[] {
    return this.#watched?.hold.getSnapshot().locks ?? [];
  }

  /** The client of the core, for everything else that the API can do. */
  get client(): SeatMapClient {
    return clientOf(this.endpoint);
  }

  /** Holds the picked seats, all or none. @throws SeatMapError */
  async hold(): Promise<readonly HeldSeat[]> {
    return this.#hold.lock(this.#picked.map(({ seatNumber }) => seatNumber));
  }

  /** Gives the held seats more time, as far as the event allows it. */
  async extend(): Promise<void> {
    await this.#hold.extend();
  }

  /** Gives the held seats back. */
  async release(): Promise<void> {
    await this.#hold.release();
  }

  /** Pays for the held seats and books them. @returns the outcome, also if nothing was booked @throws if nothing is held */
  async checkOut(options: CheckOutOptions = {}): Promise<Outcome> {
    const { createCheckout } = await checkoutModule();
    const checkout = createCheckout(this.client, this.#hold);
    const { locks } = this;
    if (locks.length === 0) throw new Error('No seats are held.');
    const total = {
      amount: locks.reduce((amount, { price }) => amount + (price?.amount ?? 0), 0),
      currency: locks[0]?.price?.currency ?? 'USD',
    };
    return new Promise((resolve) => {
      const stop = checkout.subscribe(() => {
        const state = checkout.getSnapshot();
        if (state.kind !== 'done') return;
        stop();
        resolve(state.outcome);
      });
      checkout.pay({ total, ...options, seatNumbers: locks.map(({ seatNumber }) => seatNumber) });
    });
  }

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [...stylesOfMap()];
    this.#adopt('event');
    this.#adopt('endpoint');
    this.#update();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#update();
  }

  disconnectedCallback(): void {
    this.#watched?.stop();
    this.#watched = undefined;
    this.#picked = [];
    render(null, this.#root);
  }

  /** A property that was set before this script was loaded hides the one of the class. */
  #adopt(name: 'event' | 'endpoint'): void {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    Reflect.deleteProperty(this, name);
    this[name] = value;
  }

  get #hold(): SeatHold {
    if (this.#watched === undefined) throw new Error('The seat map is not on a page, or has no event.');
    return this.#watched.hold;
  }

  #update(): void {
    const { event, client } = this;
    const key = `${event} ${this.endpoint}`;
    if (this.#watched?.key !== key) {
      this.#watched?.stop();
      this.#picked = [];
      this.#watched = event === '' ? undefined : { key, ...this.#watch(client, event) };
    }
    render(
      this.#watched === undefined ? null : (
        <SeatMapProvider client={client}>
          <SeatMap
            event={event}
            theme={(this.getAttribute('theme') as Theme | null) ?? 'device'}
            canHold={!this.hasAttribute('picks-only')}
            onPick={(seats) => {
              this.#picked = seats;
              this.#dispatch('pick', { seats });
            }}
          >
            <slot />
          </SeatMap>
        </SeatMapProvider>
      ),
      this.#root,
    );
  }

  /** Turns changes of what the viewer has into DOM events. */
  #watch(client: SeatMapClient, event: string) {
    const hold = client.hold(event);
    const stopCheckout = this.#continueCheckout(client, hold);
    let before = hold.getSnapshot();
    const stopHold = hold.subscribe(() => {
      const now = hold.getSnapshot();
      if (holdKeyOf(now) !== holdKeyOf(before)) {
        const endsAt = now.endsAtMs === null ? null : new Date(now.endsAtMs);
        this.#dispatch('hold', { locks: now.locks, endsAt });
      }
      // What was booked before the page was opened is no news.
      const bookings = before.isKnown ? newlyBooked(before, now) : [];
      before = now;
      if (bookings.length > 0) this.#dispatch('booked', { bookings });
    });
    const stop = () => {
      stopHold();
      stopCheckout();
    };
    return { hold, stop };
  }

  /** Opens the check-out once something is held, or was being paid for when the page was reloaded. */
  #continueCheckout(client: SeatMapClient, hold: SeatHold): () => void {
    let isWanted = true;
    let stops: readonly (() => void)[] = [];
    const stopAll = () => {
      for (const stop of stops) stop();
    };
    const open = async () => {
      stopAll();
      const { createCheckout } = await checkoutModule();
      if (!isWanted) return;
      const checkout = createCheckout(client, hold);
      const stop = checkout.subscribe(() => {
        const state = checkout.getSnapshot();
        if (state.kind === 'done') this.#dispatch('checkout', { outcome: state.outcome });
      });
      stops = [stop];
    };
    const openIfNeeded = () => {
      const { viewerId } = client;
      const isInterrupted =
        viewerId != null && journalIn(client.storage).read(viewerId, hold.eventId) !== null;
      if (isInterrupted || hold.getSnapshot().locks.length > 0) void open();
    };
    stops = [client.onViewer(openIfNeeded), hold.subscribe(openIfNeeded)];
    openIfNeeded();
    return () => {
      isWanted = false;
      stopAll();
    };
  }

  #dispatch<Name extends keyof SeatMapEvents>(name: Name, detail: SeatMapEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** In a file of its own, as many pages show a map and sell nothing. */
const checkoutModule = () => import('../check-out/checkout.js');

const holdKeyOf = ({ locks, endsAtMs }: HoldSnapshot): string =>
  `${locks.map(({ id }) => id).join()} ${endsAtMs}`;

function newlyBooked(before: HoldSnapshot, now: HoldSnapshot): BookedSeat[] {
  const isConfirmed = ({ status }: BookedSeat) => status === 'CONFIRMED';
  const known = new Set(before.reservations.bookings.filter(isConfirmed).map(({ id }) => id));
  return now.reservations.bookings.filter((booking) => isConfirmed(booking) && !known.has(booking.id));
}
