import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { Layout } from '../../../packages/seat-map/src/map/layout.js';
import { Seating } from '../../../packages/seat-map/src/map/seating.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';
import { EVENT } from './operations.js';
import type { TestApp, TestUser } from './test-app.js';

/** An event small enough to be shown as a whole. */
export const EVENT_INPUT = {
  sections: [
    { name: 'Stalls', rows: 5, seatsPerRow: 10, price: { amount: 4_500, currency: 'USD' } },
    { name: 'Circle', rows: 3, seatsPerRow: 8, price: { amount: 2_050, currency: 'USD' } },
  ],
};

const SEAT_PX_MAX = 48;
const WAIT_MS_MAX = 60_000;
/** More rows than any section has in which a test walks. */
const WALK_STEPS_MAX = 100;

const LEGEND_ENTRIES = {
  available: ['available', 'picked'],
  locked: ['locked', 'held'],
  booked: ['booked', 'pending', 'yours'],
} as const;

export interface Visit {
  readonly user?: TestUser;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly touch?: boolean;
  readonly reducedMotion?: boolean;
  readonly timezone?: string;
  readonly locale?: string;
}

/** A browser profile with its own cookies and storage. Records everything that the browser complains about. */
export class Visitor {
  readonly complaints: string[] = [];

  private constructor(
    readonly app: TestApp,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    // Shorter than the test's own limit, so that a failure names what was waited for.
    page.setDefaultTimeout(WAIT_MS_MAX);
    this.#watch(page);
  }

  static async open(app: TestApp, browser: Browser, visit: Visit = {}): Promise<Visitor> {
    const {
      user,
      width = 1280,
      height = 860,
      dark = false,
      touch = false,
      timezone,
      locale,
      reducedMotion,
    } = visit;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      hasTouch: touch,
      reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
      timezoneId: timezone ?? 'UTC',
      locale: locale ?? 'en-US',
    });
    onTestFinished(() => context.close());
    if (user) {
      const response = await context.request.post(`${app.url}/session`, { data: { token: user.token } });
      expect(response.status()).toBe(204);
    }
    return new Visitor(app, context, await context.newPage());
  }

  /** Another tab of the same browser. */
  async tab(): Promise<Visitor> {
    return new Visitor(this.app, this.context, await this.context.newPage());
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.app.url + path);
  }

  /** Opens an event, and waits until its map is live. */
  async goToEvent(eventId: string): Promise<void> {
    await this.goTo(`/events/${eventId}`);
    await this.isLive();
  }

  async isLive(): Promise<void> {
    await this.page.locator('[data-count=available]', { hasText: /\d/ }).waitFor();
    await this.page.locator('.seat-map-notice').waitFor({ state: 'detached' });
  }

  /** Picks or unpicks seats with the mouse on the map. */
  async click(eventId: string, ...seats: readonly number[]): Promise<void> {
    const points = await this.pointsOf(eventId, seats);
    for (const { x, y } of points) await this.page.mouse.click(x, y);
  }

  /** The positions of seats on the screen, while the whole map is shown. */
  async pointsOf(eventId: string, seats: readonly number[]): Promise<{ x: number; y: number }[]> {
    const { event } = await this.app.ok(EVENT, { id: eventId });
    if (!event) throw new Error('There is no such event');
    const { sections, totalSeats, seatingPlanUrl } = event;
    const plan =
      seatingPlanUrl == null ? undefined : await (await fetch(this.app.url + seatingPlanUrl)).json();
    const layout = new Layout(new Seating(sections, totalSeats, plan as SeatingPlan | undefined));
    await this.page.getByRole('button', { name: 'Show the whole map' }).click();
    const grid = this.page.locator('.seat-map-grid');
    await grid.scrollIntoViewIfNeeded();
    const box = await grid.boundingBox();
    if (!box) throw new Error('There is no map');
    const { left, right, top, bottom } = layout.bounds;
    const scale = Math.min(box.width / (right - left), box.height / (bottom - top), SEAT_PX_MAX);
    return seats.map((seat) => {
      const { x, y } = layout.positionOf(seat);
      return {
        x: box.x + box.width / 2 + (x - (left + right) / 2) * scale,
        y: box.y + box.height / 2 + (y - (top + bottom) / 2) * scale,
      };
    });
  }

  /** Moves the focus on the map to a seat of the first section, with the keyboard only. */
  async walkTo(row: number, seatInRow: number): Promise<void> {
    const { keyboard } = this.page;
    await this.page.locator('.seat-map-grid').focus();
    // From any seat of the first two sections to the first seat of all.
    await keyboard.press('PageDown');
    await keyboard.press('PageUp');
    for (let step = 0; !/, row A,/.test(await this.focusedSeat()) && step < WALK_STEPS_MAX; step++) {
      await keyboard.press('ArrowUp');
    }
    await keyboard.press('Home');
    for (let step = 1; step < row; step++) await keyboard.press('ArrowDown');
    for (let step = 1; step < seatInRow; step++) await keyboard.press('ArrowRight');
  }

  /** The accessible name of the focused seat. */
  async focusedSeat(): Promise<string> {
    const id = await this.page.locator('.seat-map-grid').getAttribute('aria-activedescendant');
    return (await this.page.locator(`#${id}`).textContent()) ?? '';
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Holds the picked seats, and waits until they are held. */
  async hold(): Promise<void> {
    await this.page.getByRole('button', { name: /^Hold th/ }).click();
    await this.held.waitFor();
  }

  /** Pays for the held seats with one of the cards. A guest types an address. */
  async pay(card: string): Promise<void> {
    const dialog = this.page.getByRole('dialog');
    if (!(await dialog.isVisible())) await this.payButton.click();
    const address = dialog.getByLabel('E-mail address');
    if ((await address.inputValue()) === '') await address.fill('guest@example.com');
    await dialog.getByRole('radio', { name: card }).check();
    await this.page.locator('[data-action=pay]').click();
  }

  get payButton() {
    return this.held.getByRole('button', { name: /^Pay/ });
  }

  get held() {
    return this.page.getByRole('region', { name: 'Held for you' });
  }

  get bookings() {
    return this.page.getByRole('region', { name: 'Your bookings' });
  }

  /** Waits until the legend shows so many seats of a kind. The viewer's own seats have entries of their own. */
  async count(of: keyof typeof LEGEND_ENTRIES, wanted: number): Promise<void> {
    const entries = LEGEND_ENTRIES[of].map((name) => this.page.locator(`[data-count=${name}]`));
    const seats = async () => {
      const texts = await Promise.all(entries.map((entry) => entry.textContent()));
      return texts.reduce((sum, text) => sum + Number(text?.replaceAll(',', '')), 0);
    };
    await expect.poll(seats, { timeout: WAIT_MS_MAX }).toBe(wanted);
  }

  /** Waits for a text anywhere on the page, including texts for screen readers only. */
  async says(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'attached' });
  }

  /** Like `says`, but advances the page's fake clock until the text appears. */
  async saysLater(text: string): Promise<void> {
    const appeared = async () => {
      await this.page.clock.runFor(1_000);
      return this.page.getByText(text).count();
    };
    await expect.poll(appeared).toBeGreaterThan(0);
  }

  #watch(page: Page): void {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== this.app.url) {
        this.complaints.push(`asked ${url.origin}`);
      }
    });
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== new URL(this.app.url).host)
        this.complaints.push(`opened ${socket.url()}`);
    });
  }
}
