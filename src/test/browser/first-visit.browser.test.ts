import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKINGS,
  LOCK_SEAT,
  LOCK_SEATS,
  MY_BOOKINGS,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { EVENT_INPUT } from '../support/seat-map-page.js';
import type { TestUser } from '../support/test-app.js';

/** The seat-map page as a first-time visitor sees it, in real browsers, against the real server and database. */
describeOnPage('a newcomer on the seat map', {}, (site) => {
  const newEvent = async () => site.app.event(await site.app.user(), EVENT_INPUT);
  const lock = async (eventId: string, seatNumbers: readonly number[], user: TestUser) =>
    (
      await site.app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [...seatNumbers] } }, user)
    ).lockSeats.map(({ id }) => id);
  const pay = async (lockIds: string[], user: TestUser, cardStatus: 'SUCCESS' | 'PROCESSING' = 'SUCCESS') => {
    const input = { lockIds, amount: 4_500 * lockIds.length, currency: 'USD', cardStatus };
    return (await site.app.ok(SIMULATE_PAYMENT, { input }, user)).simulatePayment.paymentId;
  };
  const book = async (
    eventId: string,
    seatNumbers: readonly number[],
    user: TestUser,
    cardStatus: 'SUCCESS' | 'PROCESSING' = 'SUCCESS',
  ) => {
    const lockIds = await lock(eventId, seatNumbers, user);
    const paymentId = await pay(lockIds, user, cardStatus);
    const input = { lockIds, paymentId, requestId: paymentId };
    return (await site.app.ok(CONFIRM_BOOKINGS, { input }, user)).confirmBookings;
  };

  test('seats that another program has paid for are booked and not paid again; a third one stays held, and can be paid', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    await pay(await lock(eventId, [1, 2], user), user);
    await lock(eventId, [3], user);
    const fan = await site.open({ user });
    await fan.goToEvent(eventId);
    await fan.pay('Everyday card');
    const dialog = fan.page.getByRole('dialog', { name: 'The seats are yours' });
    await dialog.getByRole('button', { name: 'Back to the map' }).click();
    await fan.pay('Everyday card');
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    expect(await site.app.database.bookings.countDocuments({ eventId, status: 'confirmed' })).toBe(3);
    expect(await site.app.database.payments.distinct('amount', { eventId })).toEqual([4_500, 9_000]);
  });

  test('no more seats can be picked than one person may have, with those that are held and booked already', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    await book(eventId, [1], user);
    await lock(eventId, [2, 3], user);
    let calls = 0;
    const fan = await site.open({ user });
    await fan.page.route('**/graphql', (route) => {
      if (route.request().postDataJSON()?.operationName === 'LockSeats') calls += 1;
      return route.continue();
    });
    await fan.goToEvent(eventId);
    await fan.held.waitFor();
    const picks = fan.page.getByRole('region', { name: 'Your picks' });
    const text = 'One person can have at most 10 seats of this event. You have 3 already.';
    await fan.click(eventId, 11, 12, 13, 14, 15, 16, 17);
    await picks.getByRole('heading', { name: '7 seats picked' }).waitFor();
    expect(await picks.getByText(text).count()).toBe(0);
    await fan.click(eventId, 18);
    await picks.getByText(text).waitFor();
    await picks.getByRole('heading', { name: '7 seats picked' }).waitFor();

    // On another device one more is held: the page says what is too much, and the button disappears.
    await lock(eventId, [4], user);
    const over =
      'One person can have at most 10 seats of this event. You have 4 already. Remove one of these.';
    await picks.getByText(over).waitFor();
    expect(await picks.getByRole('button', { name: /^Hold/ }).count()).toBe(0);
    await fan.button('Remove Stalls, row B, seat 7').click();
    await picks.getByRole('button', { name: 'Hold these 6 seats · $270' }).click();
    await fan.held.getByText('Stalls, row B, seat 6').waitFor();
    expect(calls).toBe(1);
    expect(fan.complaints).toEqual([]);
  });

  test('a seat offered instead of a lost one shows its price, and how much more it costs', async () => {
    const eventId = await site.app.event(await site.app.user(), {
      sections: [
        { name: 'Stalls', rows: 1, seatsPerRow: 2, price: { amount: 4_500, currency: 'USD' } },
        { name: 'Box', rows: 1, seatsPerRow: 1, price: { amount: 9_500, currency: 'USD' } },
      ],
    });
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, await site.app.user());
    const fan = await site.open({ user: await site.app.user() });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 2);
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, await site.app.user());
    const offer = fan.button('Hold Box A1 · $95, $50 more: Box, row A, seat 1');
    await offer.waitFor();
    expect(await offer.textContent()).toBe('Box A1 · $95, $50 more');
    await fan.says(/Nearest free: Box, row A, seat 1, \$50 more\./);
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(2);
  });

  test('a pending payment that is declined while the page is open is reported on the page until it is dismissed', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const fan = await site.open({ user, width: 320, height: 700 });
    const [booking] = await book(eventId, [1, 2], user, 'PROCESSING');
    await fan.goToEvent(eventId);
    await fan.bookings.getByText('Payment pending').first().waitFor();
    const input = { paymentId: booking?.paymentId ?? '', outcome: 'FAILED' } as const;
    await site.app.ok(SETTLE_PAYMENT, { input }, user);
    const announcement = fan.page.getByRole('region', { name: 'News of your bookings' });
    await announcement
      .getByText(
        'The card network declined the payment. No longer booked: Stalls, row A, seat 1; Stalls, row A, seat 2.',
      )
      .waitFor();
    // Visible at every scroll position.
    const box = await announcement.boundingBox();
    expect(box && box.y >= 0 && box.y + box.height <= 700).toBe(true);
    await fan.button('Dismiss the news').click();
    await announcement.waitFor({ state: 'detached' });
    await fan.count('available', 74);
  });

  test('a pending payment that is declined while its dialog is open: the dialog says so and leads back to the map', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    await lock(eventId, [1, 2], user);
    const fan = await site.open({ user });
    await fan.goToEvent(eventId);
    await fan.pay('Slow card');
    await fan.page.getByRole('dialog', { name: 'Payment pending' }).waitFor();
    const { me } = await site.app.ok(MY_BOOKINGS, {}, user);
    const paymentId = me.bookings?.nodes[0]?.payment?.paymentId ?? '';
    const input = { paymentId, outcome: 'FAILED' } as const;
    await site.app.ok(SETTLE_PAYMENT, { input }, user);
    const dialog = fan.page.getByRole('dialog', { name: 'Not booked' });
    await dialog.getByText('The card network declined the payment after all.').waitFor();
    await dialog.getByRole('button', { name: 'Back to the map' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  test('a hold that ends after a card was declined: the page does not claim that the seats are still held', async () => {
    const own = await site.ownServer();
    const eventId = await own.event(await own.user(), EVENT_INPUT);
    const user = await own.user();
    const { lockSeat } = await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
    const fan = await site.open({ user }, own);
    await fan.goToEvent(eventId);
    await fan.pay('Blocked card');
    const stillHeld = fan.page.getByRole('dialog').getByText('your seats are still held');
    await stillHeld.waitFor();
    own.clock.moveTo(new Date(Date.parse(lockSeat.expiresAt) + 1));
    await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, await own.user());
    const dialog = fan.page.getByRole('dialog', { name: 'Not booked' });
    await dialog.getByText('The hold has ended').waitFor();
    expect(await stillHeld.count()).toBe(0);
    await dialog.getByRole('button', { name: 'Back to the map' }).click();
  });

  test('“Sign in” opens the sign-in dialog, and each mark on the map is in the legend, each seat in it once', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    await book(eventId, [1], user);
    await book(eventId, [2], user, 'PROCESSING');
    await lock(eventId, [3], user);
    await lock(eventId, [10], await site.app.user());
    const stranger = await site.open();
    await stranger.goToEvent(eventId);
    await stranger.button('Sign in').click();
    await stranger.page.getByRole('dialog', { name: 'Sign in' }).waitFor();

    const fan = await site.open({ user });
    await fan.goToEvent(eventId);
    await fan.held.waitFor();
    await fan.click(eventId, 4);
    const legend = fan.page.locator('.seat-map-legend');
    await expect
      .poll(async () => (await legend.innerText()).replaceAll(/\s+/g, ' ').trim())
      .toBe('Available 69 Held 1 Booked 0 Your picks 1 Held for you 1 Pending 1 Yours 1');
    // Each entry shows the mark used on the map.
    expect(await legend.locator('canvas').count()).toBe(7);
  });

  test.each([
    ['a screen', 1280],
    ['a phone', 320],
  ])(
    'a row of 100,000 seats is seen on %s, and zooming in from the middle ends on seats',
    async (_where, width) => {
      const price = { amount: 1_000, currency: 'USD' };
      const sections = [{ name: 'Lawn', rows: 1, seatsPerRow: 100_000, price }];
      const eventId = await site.app.event(await site.app.user(), { sections });
      const fan = await site.open({ width });
      await fan.goToEvent(eventId);
      // Share of the map that is painted.
      const share = () =>
        fan.page.evaluate(`(() => {
        const [canvas] = document.querySelectorAll('.seat-map-frame canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let painted = 0;
        for (let at = 3; at < data.length; at += 4) painted += data[at] > 0;
        return (4 * painted) / data.length;
      })()`) as Promise<number>;
      await expect.poll(share).toBeGreaterThan(0.15);
      for (let step = 0; step < 12; step++) await fan.button('Zoom in').click();
      await expect.poll(share).toBeGreaterThan(0.15);
      // A seat in the middle of the view is found and picked like any other.
      const grid = await fan.page.locator('.seat-map-grid').boundingBox();
      if (grid === null) throw new Error('There is no map');
      for (const down of [0, 24, 48, 72]) {
        await fan.page.mouse.click(grid.x + grid.width / 2, grid.y + grid.height / 2 + down);
        if ((await fan.page.getByRole('region', { name: 'Your picks' }).count()) > 0) break;
      }
      await fan.page
        .getByRole('region', { name: 'Your picks' })
        .getByText(/^Lawn, row A, seat \d+$/)
        .waitFor();
    },
  );

  test('payments and refunds have their own live page, linked from the account menu', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const [booking] = await book(eventId, [1, 2], user);
    const fan = await site.open({ user });
    await fan.goTo('/');
    await fan.button('Account').click();
    await fan.page.getByRole('link', { name: 'My payments' }).click();
    await fan.page.getByRole('dialog').waitFor({ state: 'detached' });
    const payment = fan.page.locator('.payment');
    await payment.getByText('$90.00').waitFor();
    await payment.getByText('Paid', { exact: true }).waitFor();
    await payment.getByText('Stalls, row A, seat 2').waitFor();
    expect(await payment.getByText('paid back').count()).toBe(0);
    await site.app.ok(CANCEL_BOOKING, { id: booking?.id ?? '' }, user);
    await payment.getByText('$45.00 paid back').waitFor();
    await payment.getByText('Stalls, row A, seat 1, paid back').waitFor();
    await fan.page.reload();
    await payment.getByText('$45.00 paid back').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('an organizer finds their own events, past ones too, and no others', async () => {
    const own = await site.ownServer();
    const organizer = await own.user();
    const soon = new Date(own.clock.now().getTime() + 60_000).toISOString();
    const past = await own.event(organizer, { ...EVENT_INPUT, eventDate: soon });
    own.clock.advance(120_000);
    const next = await own.event(organizer, EVENT_INPUT);
    await own.event(await own.user(), EVENT_INPUT);
    const visitor = await site.open({ user: organizer }, own);
    await visitor.goTo('/');
    await visitor.button('Account').click();
    await visitor.page.getByRole('link', { name: 'My events' }).click();
    const cards = visitor.page.locator('.event-card');
    await cards.nth(1).waitFor();
    const links = await cards.evaluateAll((all) => all.map((card) => card.getAttribute('href')));
    expect(links).toEqual([`/events/${next}`, `/events/${past}`]);
    const lefts = await cards
      .first()
      .locator('.event-card-text > *')
      .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().left));
    expect(new Set(lefts).size, 'name, date and prices are on lines of their own').toBe(1);
    await visitor.page.getByRole('link', { name: 'Sales of A night out' }).first().click();
    await visitor.page.getByText('No bookings yet.').waitFor();
    expect(visitor.complaints).toEqual([]);
  });
});
