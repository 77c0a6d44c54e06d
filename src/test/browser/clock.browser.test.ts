import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { CONFIRM_BOOKING, EXTEND_LOCK, LOCK_SEAT, SIMULATE_PAYMENT } from '../support/operations.js';
import { EVENT_INPUT } from '../support/seat-map-page.js';

/** The page's idea of time: while the device sleeps, afterwards, and when somebody sets its clock. */

/** How long the page may take after a sleep until it shows the truth. */
const RIGHT_WITHIN_MS = 2_000;
const LOCK_MS = 300_000;
/** The map's, the event's and the viewer's. */
const SUBSCRIPTIONS = 3;

describeOnPage('the time on the page', {}, (site) => {
  /** A page that shows a seat held by its viewer for another so many seconds. The page's clocks stand still. */
  const holder = async (secondsLeft: number, lifeMs = LOCK_MS) => {
    const user = await site.app.user();
    const eventId = await site.app.event(user, EVENT_INPUT);
    const { lockSeat } = await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
    for (let lifeLeftMs = lifeMs; lifeLeftMs > LOCK_MS; lifeLeftMs -= LOCK_MS / 2) {
      site.app.clock.advance(LOCK_MS / 2);
      await site.app.ok(EXTEND_LOCK, { lockId: lockSeat.id }, user);
    }
    site.app.clock.advance(LOCK_MS - secondsLeft * 1_000);
    const fan = await site.open({ user });
    const { page } = fan;
    await page.clock.install();
    let areMessagesLost = false;
    const subscribed: string[] = [];
    await page.routeWebSocket(/graphql/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        if (areMessagesLost) return;
        if (JSON.parse(String(message)).type === 'subscribe') subscribed.push(String(message));
        server.send(message);
      });
      server.onMessage((message) => {
        if (!areMessagesLost) socket.send(message);
      });
    });
    await fan.goToEvent(eventId);
    await fan.held.waitFor();
    const deviceMs = async () => (await page.evaluate('Date.now()')) as number;
    await page.clock.pauseAt((await deviceMs()) + 1_000);
    await expect.poll(() => subscribed.length).toBe(SUBSCRIPTIONS);
    const setByHand = async (seconds: number) =>
      page.clock.setSystemTime((await deviceMs()) + seconds * 1_000);
    return {
      fan,
      eventId,
      subscribed,
      setByHand,
      loseMessages: () => {
        areMessagesLost = true;
      },
      /** Simulates a sleep: the device's clock advances, `performance.now()` does not. No real time passes. */
      sleep: (seconds: number) => {
        site.app.clock.advance(seconds * 1_000);
        return setByHand(seconds);
      },
      /** The page notices, and asks the server again. */
      asksAgain: async (times = 1) => {
        await page.clock.runFor(RIGHT_WITHIN_MS / 4);
        await expect.poll(() => subscribed.length).toBe((1 + times) * SUBSCRIPTIONS);
        await fan.isLive();
        await page.clock.runFor(RIGHT_WITHIN_MS / 4);
      },
      secondsLeft: async () => {
        const [minutes, seconds] = (await fan.held.getByRole('timer').innerText()).split(':').map(Number);
        return Number(minutes) * 60 + Number(seconds);
      },
    };
  };

  test('a device that slept shows, with its socket open, the time left of a hold, or that it has ended, and is live', async () => {
    const { fan, sleep, asksAgain, secondsLeft } = await holder(100);
    await sleep(30);
    await asksAgain(1);
    await expect.poll(secondsLeft).toBeLessThanOrEqual(70);
    expect(await secondsLeft()).toBeGreaterThan(50);
    expect(fan.complaints).toEqual([]);
    await sleep(80);
    await asksAgain(2);
    await fan.page.getByText('Your hold has ended.', { exact: true }).waitFor();
    expect(await fan.held.count()).toBe(0);
  });

  test('if messages are lost after a sleep, the map is marked as not live and the hold as ended within two seconds', async () => {
    const { fan, sleep, loseMessages } = await holder(20);
    loseMessages();
    await sleep(30);
    await fan.page.clock.runFor(RIGHT_WITHIN_MS);
    await fan.page.getByText('Not live.', { exact: true }).waitFor();
    await fan.page.getByText('Your hold has ended.', { exact: true }).waitFor();
  });

  test('setting the device’s clock ends no hold; a page that was frozen, or left and shown again, asks the server again', async () => {
    const { fan, setByHand, asksAgain, secondsLeft } = await holder(100);
    await setByHand(600);
    await asksAgain(1);
    expect(await secondsLeft()).toBeGreaterThan(60);
    await setByHand(-3_600);
    await asksAgain(2);
    expect(await secondsLeft()).toBeGreaterThan(60);
    // Dispatches the browser's events: headless, it freezes no visible page and keeps none that was left.
    await fan.page.evaluate(`document.dispatchEvent(new Event('resume'))`);
    await asksAgain(3);
    await fan.page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    await asksAgain(4);
  });

  test('a payment that starts seconds before the hold ends is booked, since the hold is extended first', async () => {
    const { fan, eventId } = await holder(8);
    // The network is so slow that the hold would have ended by the time the payment arrives.
    await fan.page.route('**/graphql', (route) => {
      if (route.request().postDataJSON()?.operationName === 'CheckOut') site.app.clock.advance(10_000);
      return route.continue();
    });
    await fan.pay('Everyday card');
    await fan.page.getByRole('dialog').getByText('Paid and booked.').waitFor();
    expect(await site.app.database.bookings.countDocuments({ eventId, status: 'confirmed' })).toBe(1);
    expect(fan.complaints).toEqual([]);
  });

  test('in the last seconds of a hold that cannot be extended nothing is paid, and the page says so', async () => {
    // Locked 15 minutes ago: the longest life of a lock.
    const { fan, eventId } = await holder(4, 900_000);
    await fan.pay('Everyday card');
    await fan.page.getByRole('dialog').getByText('Nothing was paid.').waitFor();
    expect(await site.app.database.payments.countDocuments({ eventId })).toBe(0);
  });

  test('an open list counts down to an event and shows its start, independent of the device’s date', async () => {
    const eventDate = new Date(site.app.clock.now().getTime() + 92_000).toISOString();
    const eventId = await site.app.event(await site.app.user(), { ...EVENT_INPUT, eventDate });
    const fan = await site.open();
    await fan.page.clock.install({ time: '2029-01-01T10:00:00Z' });
    await fan.goTo('/');
    const card = fan.page.locator(`a[href="/events/${eventId}"]`);
    await card.scrollIntoViewIfNeeded();
    await card.getByText('in 2 minutes').waitFor();
    await card.getByText('74 of 74 left').waitFor();
    // Each jump fires a timer once, and is too short for a device that slept.
    const pass = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 2) await fan.page.clock.fastForward(2_000);
    };
    await pass(6);
    await card.getByText('in 1 minute').waitFor();
    await pass(88);
    await card.getByText('has begun').waitFor();
    expect(await card.innerText()).not.toMatch(/left|ago/);
  });

  test('dates are in the venue’s zone, with its name, and in the viewer’s own beside', async () => {
    const fan = await site.app.user();
    const eventId = await site.app.event(fan, {
      ...EVENT_INPUT,
      eventDate: '2026-12-23T00:30:00.000Z',
      timeZone: 'America/New_York',
    });
    const { lockSeat } = await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, fan);
    const payment = {
      lockIds: [lockSeat.id],
      amount: 4_500,
      currency: 'USD',
      cardStatus: 'SUCCESS' as const,
    };
    const { simulatePayment } = await site.app.ok(SIMULATE_PAYMENT, { input: payment }, fan);
    const booking = { lockId: lockSeat.id, paymentId: simulatePayment.paymentId, requestId: 'seat 1' };
    await site.app.ok(CONFIRM_BOOKING, { input: booking }, fan);
    const visitor = await site.open({ user: fan, timezone: 'Europe/London' });
    const there = 'Tue, Dec 22, 2026, 7:30 PM Eastern Standard Time';
    await visitor.goTo('/');
    await visitor.page.locator(`a[href="/events/${eventId}"]`).getByText(there).waitFor();
    await visitor.goTo('/bookings');
    await visitor.page.getByText(there).waitFor();
    await visitor.goToEvent(eventId);
    await visitor.page.getByText(there).waitFor();
    await visitor.page.getByText('Your time: Wed, Dec 23, 2026, 12:30 AM Greenwich Mean Time').waitFor();
    await visitor.goTo(`/events/${eventId}/sales`);
    await visitor.page.getByRole('cell', { name: /EST$/ }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('the organizer’s form refuses a time that clocks skip, and asks which of two equal times is meant', async () => {
    const user = await site.app.user();
    const { page, ...organizer } = await site.open({ user, timezone: 'Europe/Vienna' });
    await page.goto(`${site.app.url}/create-event`);
    const date = page.getByLabel('Date and time, at the venue');
    const zone = page.getByLabel('Time zone of the venue');
    const create = page.getByRole('button', { name: 'Create the event' });
    expect(await zone.inputValue()).toBe('Europe/Vienna');
    await page.getByLabel('Name', { exact: true }).fill('Late show');
    await zone.fill('America/Gotham');
    await create.click();
    await page.getByText('A zone such as Europe/Vienna').waitFor();
    await zone.fill('America/New_York');
    await date.fill('2027-03-14T02:30');
    await create.click();
    await page.getByText('There is no such time in America/New_York').waitFor();
    await date.fill('2027-11-07T01:30');
    await create.click();
    await page.getByText('Choose one of the two.').waitFor();
    expect(await site.app.database.events.countDocuments({ organizerId: user.id })).toBe(0);
    await page.getByLabel('1:30 AM Eastern Standard Time').check();
    await create.click();
    await page.waitForURL(/\/sales$/);
    expect(await site.app.database.events.find({ organizerId: user.id }).lean()).toMatchObject([
      { eventDate: new Date('2027-11-07T06:30:00.000Z'), timeZone: 'America/New_York' },
    ]);
    expect(organizer.complaints).toEqual([]);
  });
});
