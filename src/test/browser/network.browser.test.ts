import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { CONFIRM_BOOKING, LOCK_SEAT, SIMULATE_PAYMENT } from '../support/operations.js';
import { TestApp, type TestUser, WEB_ROOT } from '../support/test-app.js';

/** The seat-map page on a broken network: it shows nothing that may be out of date, loses nothing, does nothing twice. */

const EVENT_INPUT = {
  sections: [{ name: 'Stalls', rows: 5, seatsPerRow: 10, price: { amount: 4_500, currency: 'USD' } }],
};

/** How often the page sends a repeatable call before it asks the user. */
const TRIES = 6;
/** Compressed size limit of an event's page: about today's size, so that no large addition goes unnoticed. */
const LOADED_KB_MAX = 210;

describeOnPage('the seat map on a bad network', {}, (site) => {
  const newEvent = async () => site.app.event(await site.app.user(), EVENT_INPUT);
  const lock = async (eventId: string, seatNumber: number) =>
    site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, await site.app.user());
  const counts = async (eventId: string) => ({
    payments: await site.app.database.payments.countDocuments({ eventId }),
    bookings: await site.app.database.bookings.countDocuments({ eventId }),
  });

  test('offline the page says so; online again it resumes from its version with the missed changes', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    const subscribed: { id: string; variables: { since?: number | null } }[] = [];
    const kinds: string[] = [];
    fan.page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        const message = JSON.parse(String(payload));
        const isOfMap = /seatAvailabilityChanged/.test(message.payload?.query);
        if (message.type === 'subscribe' && isOfMap) subscribed.push(message.payload);
      });
      socket.on('framereceived', ({ payload }) => {
        const update = JSON.parse(String(payload)).payload?.data?.seatAvailabilityChanged;
        if (update) kinds.push(update.kind);
      });
    });
    await fan.goToEvent(eventId);
    await lock(eventId, 1);
    await fan.count('locked', 1);
    await fan.context.setOffline(true);
    await fan.page.getByText('Not live.', { exact: true }).waitFor();
    await fan.says('The connection is lost. The map is not live.');
    expect(await fan.focusedSeat()).toContain('not up to date');
    await lock(eventId, 2);
    await lock(eventId, 3);

    await fan.context.setOffline(false);
    await fan.isLive();
    await fan.count('locked', 3);
    await fan.says('The map is live again.');
    expect(subscribed.map(({ variables }) => variables.since)).toEqual([0, 1]);
    expect(new Set(kinds)).toEqual(new Set(['CHANGES']));
  });

  test('subscriptions that the server completes are started again, the map’s from its version', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const fan = await site.open({ user });
    await fan.page.clock.install();
    const subscribed: { id: string; kind: string; since: unknown }[] = [];
    let complete = (_id: string) => {};
    await fan.page.routeWebSocket(/graphql/, (socket) => {
      const server = socket.connectToServer();
      complete = (id) => {
        socket.send(JSON.stringify({ id, type: 'complete' }));
        server.send(JSON.stringify({ id, type: 'complete' }));
      };
      socket.onMessage((message) => {
        const { id, type, payload } = JSON.parse(String(message));
        const kind = /eventChanged|myReservations|seatAvailability/.exec(payload?.query)?.[0] ?? 'unknown';
        if (type === 'subscribe') subscribed.push({ id, kind, since: payload.variables.since });
        server.send(message);
      });
    });
    await fan.goToEvent(eventId);
    await lock(eventId, 1);
    await fan.count('locked', 1);
    await expect.poll(() => subscribed.length).toBe(3);
    for (const { id } of [...subscribed]) complete(id);
    await fan.says('The connection is lost. The map is not live.');
    await fan.page.clock.runFor(5_000);
    const kinds = ['eventChanged', 'myReservations', 'seatAvailability'];
    const twice = kinds.flatMap((kind) => [kind, kind]);
    await expect.poll(() => subscribed.map(({ kind }) => kind).sort()).toEqual(twice);
    const ofMap = subscribed.filter(({ kind }) => kind === 'seatAvailability');
    expect(ofMap.map(({ since }) => since)).toEqual([0, 1]);
    // They deliver changes again.
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, user);
    await fan.count('locked', 2);
    await fan.held.getByText('Stalls, row A, seat 2').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('a busy server gets no calls for as long as it asks, and the page says that it waits', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.page.clock.install();
    let sent = 0;
    await fan.page.route('**/graphql', (route) => {
      if (operationOf(route) !== 'LockSeats') return route.continue();
      sent += 1;
      if (sent > 1) return route.continue();
      const details = { retryAfterMs: 20_000 };
      const errors = [{ message: 'Too busy.', extensions: { code: 'TOO_BUSY', details } }];
      return route.fulfill({ json: { data: null, errors } });
    });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 44);
    const nowMs = (await fan.page.evaluate('Date.now()')) as number;
    await fan.page.clock.pauseAt(nowMs + 5_000);
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.page
      .locator('.server-busy')
      .getByText('The server is busy. It goes on by itself in 20 seconds.')
      .waitFor();
    await fan.page.clock.runFor(19_000);
    await fan.page.locator('.server-busy').getByText('It goes on by itself in 1 second.').waitFor();
    expect(sent).toBe(1);
    await fan.page.clock.resume();
    await fan.held.getByText('Stalls, row E, seat 4').waitFor();
    expect(sent).toBe(2);
    expect(fan.complaints).toEqual([]);
  });

  test('an answer that arrives after a newer live message does not overwrite it', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    let isHeldBack = false;
    let letGo: (() => void) | undefined;
    await fan.page.route('**/graphql', async (route) => {
      if (operationOf(route) !== 'Events' || !isHeldBack) return route.continue();
      const response = await route.fetch();
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      return route.fulfill({ response });
    });
    const card = fan.page.locator(`a[href="/events/${eventId}"]`);
    await fan.goTo('/');
    await card.getByText('50 of 50 left').waitFor();
    await card.click();
    await fan.isLive();
    isHeldBack = true;
    const held = fan.page.waitForRequest((request) => request.postData()?.includes('query Events(') === true);
    await fan.page.getByRole('link', { name: 'Seat Booking Live' }).click();
    const answered = held.then((request) => request.response());
    await held;
    await expect.poll(() => letGo).toBeDefined();
    await lock(eventId, 1);
    await card.scrollIntoViewIfNeeded();
    await card.getByText('49 of 50 left').waitFor();
    letGo?.();
    await answered;
    await fan.page.evaluate('new Promise(requestAnimationFrame)');
    expect(await card.innerText()).toContain('49');
  });

  test('the event and its map are requested in parallel', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    let askedForMap = () => {};
    const isAsked = new Promise<void>((resolve) => {
      askedForMap = resolve;
    });
    await fan.page.route('**/graphql', async (route) => {
      if (operationOf(route) === 'SeatMap') askedForMap();
      // Answered only when both were sent: if one waited for the other, neither would be answered.
      if (operationOf(route) === 'Event') await isAsked;
      return route.continue();
    });
    await fan.goToEvent(eventId);
    expect(fan.complaints).toEqual([]);
  });

  test('if no socket can be opened, the map is live over event streams; without them it says that it is not', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    await fan.page.routeWebSocket(/graphql/, (socket) => socket.close());
    await fan.goTo(`/events/${eventId}`);
    await fan.isLive();
    await lock(eventId, 1);
    await fan.count('locked', 1);
    await fan.page.route('**/graphql/stream', (route) => route.abort('connectionrefused'));
    await fan.goTo(`/events/${eventId}?again`);
    await fan.page.getByText('Not live.', { exact: true }).waitFor();
  });

  test('the page is visible before its code has loaded, and says so if a part of the code never loads', async () => {
    const fan = await site.open();
    await fan.page.route(/\.js$/, (route) => route.abort());
    await fan.goTo('/');
    await fan.page.getByText('Seat Booking Live').waitFor();
    await fan.page.getByText('Loading…').waitFor();
    await fan.page.unrouteAll();
    await fan.page.route(/create-event.*\.js$/, (route) => route.abort());
    await fan.goTo('/');
    await fan.page.getByRole('link', { name: 'Create an event' }).click();
    await fan.page.getByText('This page could not be loaded').waitFor();
    await fan.page.unrouteAll();
    await fan.button('Load it again').click();
    await fan.page.getByLabel('Name', { exact: true }).waitFor();
  });

  test('the session is requested again when its answer is lost, and the viewer is not treated as signed out', async () => {
    const fan = await site.open({ user: await site.app.user() });
    let lost = 0;
    await fan.page.route('**/graphql', (route) => {
      if (operationOf(route) !== 'Viewer' || lost === 1) return route.continue();
      lost += 1;
      return route.abort('connectionreset');
    });
    await fan.goTo('/bookings');
    await fan.page.getByText('You have booked nothing yet.').waitFor();
    await fan.button('Account').waitFor();
    expect(lost).toBe(1);
  });

  test('a booking from another device that could not be fetched is requested again, and the list stays visible', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const book = async (seatNumber: number) => {
      const { lockSeat } = await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
      const payment = {
        lockIds: [lockSeat.id],
        amount: 4_500,
        currency: 'USD',
        cardStatus: 'SUCCESS' as const,
      };
      const { simulatePayment } = await site.app.ok(SIMULATE_PAYMENT, { input: payment }, user);
      const input = {
        lockId: lockSeat.id,
        paymentId: simulatePayment.paymentId,
        requestId: `seat ${seatNumber}`,
      };
      await site.app.ok(CONFIRM_BOOKING, { input }, user);
    };
    await book(1);
    const fan = await site.open({ user });
    await fan.page.clock.install();
    let lost = 0;
    let isLosing = true;
    let heldBack: number | undefined;
    await fan.page.route('**/graphql', (route) => {
      if (operationOf(route) !== 'MyBookings' || !isLosing) return route.continue();
      lost += 1;
      if (lost === heldBack) return;
      return route.abort('connectionreset');
    });
    // The same for the first fetch: the user need not reload the page.
    await fan.goTo('/bookings');
    await fan.page.getByText('The server cannot be reached.').waitFor();
    isLosing = false;
    const appears = async (seat: number) => {
      await expect
        .poll(async () => {
          await fan.page.clock.runFor(1_000);
          return fan.page.getByText(`Stalls, row A, seat ${seat}`, { exact: true }).count();
        })
        .toBe(1);
    };
    await appears(1);
    await expect.poll(() => fan.page.getByText('The server cannot be reached.').count()).toBe(0);

    isLosing = true;
    const before = lost;
    const nowMs = (await fan.page.evaluate('Date.now()')) as number;
    await fan.page.clock.pauseAt(nowMs + 60_000);
    site.app.clock.advance(1);
    await book(2);
    await expect.poll(() => lost).toBe(before + 1);
    await fan.page.getByText('Stalls, row A, seat 1', { exact: true }).waitFor();
    // Not at once: an unreachable server is not called in quick succession.
    expect(lost).toBe(before + 1);
    // The error stays visible during the retry: otherwise the list would jump.
    const error = fan.page.getByText('The server cannot be reached.');
    await error.waitFor();
    heldBack = before + 2;
    await expect
      .poll(async () => {
        await fan.page.clock.runFor(1_000);
        return lost;
      })
      .toBe(heldBack);
    await fan.page.clock.runFor(1_000);
    expect(await error.count()).toBe(1);
    isLosing = false;
    await appears(2);
    await error.waitFor({ state: 'detached' });
  });

  test('an event that could not be fetched is requested again automatically', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    let isLosing = true;
    await fan.page.route('**/graphql', (route) =>
      operationOf(route) === 'Event' && isLosing ? route.abort('connectionreset') : route.continue(),
    );
    await fan.goTo(`/events/${eventId}`);
    await fan.page.getByText('The server cannot be reached.').waitFor();
    isLosing = false;
    await fan.isLive();
  });

  test('offline nothing claims to know a seat’s current state: not the picks, the offers, the sections or the list', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user(), width: 320, height: 700 });
    await fan.goToEvent(eventId);
    for (const seat of [5, 6]) {
      await fan.walkTo(1, seat);
      await fan.page.keyboard.press('Enter');
    }
    await lock(eventId, 6);
    const picks = fan.page.getByRole('region', { name: 'Your picks' });
    await picks.getByText('seat 6 is taken; your other picks are still free.').waitFor();
    await fan.context.setOffline(true);
    await fan.page.getByText('Not live.', { exact: true }).waitFor();
    await picks.getByText('seat 6 was taken.').waitFor();
    await picks.getByText('Nearest that were free, held with one tap if they still are:').waitFor();
    await fan.page.getByRole('button', { name: /^Stalls\s*49 were left/ }).waitFor();
    await fan.walkTo(1, 6);
    await fan.page.locator('.seat-map-tip').getByText('held by somebody, not up to date').waitFor();
    await fan.page.keyboard.press('Enter');
    await fan.says('Stalls, row A, seat 6 was taken');
    // Its longest text is not cut off at the map's edge.
    await fan.walkTo(3, 1);
    const tip = await fan.page.locator('.seat-map-tip').boundingBox();
    expect(tip?.x).toBeGreaterThanOrEqual(0);
    expect((await picks.textContent()) ?? '').not.toMatch(/is taken|are still free\.|Nearest free/);
    // The notice does not cover the links to other pages.
    await fan.page.getByRole('link', { name: 'My bookings' }).click();

    await fan.context.setOffline(false);
    await fan.goTo('/');
    const card = fan.page.locator(`a[href="/events/${eventId}"]`);
    await card.scrollIntoViewIfNeeded();
    await card.getByText('49 of 50 left', { exact: true }).waitFor();
    await fan.context.setOffline(true);
    await card.getByText('49 of 50 were left', { exact: true }).waitFor();
    await fan.context.setOffline(false);
    await card.getByText('49 of 50 left', { exact: true }).waitFor();
  });

  test('a browser without storage shows the map', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    await fan.page.addInitScript(`Object.defineProperty(globalThis, 'sessionStorage', {
      get() { throw new DOMException('Access is denied', 'SecurityError'); },
    });`);
    await fan.goToEvent(eventId);
    expect(fan.complaints).toEqual([]);
  });

  test('the map page loads no organizer’s forms and no editor, and every file is compressed', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    const texts: Promise<string>[] = [];
    const loaded: { name: string; encoding: string | undefined; bytes: number }[] = [];
    fan.page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (!/\.(js|css)$/.test(pathname)) return;
      texts.push(response.text());
      const { 'content-encoding': encoding, 'content-length': length } = response.headers();
      loaded.push({ name: pathname, encoding, bytes: Number(length) });
    });
    await fan.goToEvent(eventId);
    // Recognised by texts that only these parts contain, in any file.
    const code = (await Promise.all(texts)).join('\n');
    const ownTexts = [
      'Pick a seat on the map',
      'Sections, from the stage back',
      'organizer sees its sales',
      'graphiql-',
    ];
    expect(ownTexts.filter((each) => code.includes(each))).toEqual(['Pick a seat on the map']);
    const plain = loaded.filter(
      ({ encoding, bytes }) => bytes > 1_000 && encoding !== 'br' && encoding !== 'gzip',
    );
    expect(plain).toEqual([]);
    const kilobytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000;
    process.stdout.write(
      `An event's page loads ${kilobytes.toFixed(0)} KB of code and styles (${loaded[0]?.encoding})\n`,
    );
    expect(kilobytes).toBeLessThan(LOADED_KB_MAX);
  });

  test('a server that restarts is found again automatically, and the map stays live', async () => {
    const port = new URL(site.app.url).port;
    const first = await TestApp.start({ webRoot: WEB_ROOT });
    const address = new URL(first.url).port;
    expect(address).not.toBe(port);
    const eventId = await first.event(await first.user(), EVENT_INPUT);
    const fan = await site.open({}, first);
    await fan.goToEvent(eventId);
    await first.close({ keepData: true });
    await fan.page.getByText('Not live.', { exact: true }).waitFor();
    const second = await TestApp.start({
      webRoot: WEB_ROOT,
      databaseName: first.databaseName,
      config: { port: Number(address) },
    });
    try {
      await second.ok(LOCK_SEAT, { input: { eventId, seatNumber: 4 } }, await second.user());
      await fan.isLive();
      await fan.count('locked', 1);
    } finally {
      await second.close();
    }
  });

  test('an answer about a check-out that is lost: sent again, paid once and booked once', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 11, 12);
    await fan.hold();
    let lost = 0;
    await fan.page.route('**/graphql', async (route) => {
      if (operationOf(route) !== 'CheckOut' || lost === 2) return route.continue();
      lost += 1;
      // The server has executed the call; its answer is lost.
      await route.fetch();
      return route.abort('connectionreset');
    });
    await fan.pay('Everyday card');
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    expect([lost, await counts(eventId)]).toEqual([2, { payments: 1, bookings: 2 }]);
  });

  test('an answer about a declined card that is lost: the retry returns the same payment, and no second one is made', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 11);
    await fan.hold();
    let isLost = false;
    await fan.page.route('**/graphql', async (route) => {
      if (operationOf(route) !== 'CheckOut' || isLost) return route.continue();
      isLost = true;
      await route.fetch();
      return route.abort('connectionreset');
    });
    await fan.pay('Blocked card');
    await fan.page.getByRole('dialog').getByText('Card was declined.').waitFor();
    expect([isLost, await counts(eventId)]).toEqual([true, { payments: 1, bookings: 0 }]);
  });

  test.each([
    ['sent and not arrived', false],
    ['done, and its answer is lost', true],
  ])('a reload during a check-out, %s: the page continues with the same one', async (_when, isDone) => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 21);
    await fan.hold();
    let isHeldBack = false;
    let letThrough = () => {};
    const mayGo = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    const heldBack = new Promise<void>((resolve) => {
      void fan.page.route('**/graphql', async (route) => {
        if (operationOf(route) !== 'CheckOut') return route.continue();
        if (isHeldBack) {
          await mayGo;
          return route.continue();
        }
        isHeldBack = true;
        if (isDone) await route.fetch();
        // Neither an answer nor an error, also while the route exists: without it, the browser would send the call after
        // all, and this tab might book before it is closed.
        resolve();
      });
    });
    await fan.pay('Everyday card');
    await heldBack;
    const done = isDone ? 1 : 0;
    expect(await counts(eventId)).toEqual({ payments: done, bookings: done });
    await fan.page.reload();
    // What is being paid for is visible again before it is booked.
    if (!isDone) await fan.page.getByRole('dialog').getByText('Stalls, row C, seat 1').waitFor();
    letThrough();
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    await fan.page.getByRole('dialog').getByText('Stalls, row C, seat 1').waitFor();
    expect(await counts(eventId)).toEqual({ payments: 1, bookings: 1 });
    await fan.button('Back to the map').click();
    await fan.page.reload();
    await fan.bookings.getByText('Booked').waitFor();
    expect([await counts(eventId), fan.complaints]).toEqual([{ payments: 1, bookings: 1 }, []]);
  });

  test('checked out on one device that then disappears: the other one, about to pay, says that the seats are booked', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const lostPhone = await site.open({ user });
    const laptop = await site.open({ user });
    await lostPhone.goToEvent(eventId);
    await laptop.goToEvent(eventId);
    await lostPhone.click(eventId, 31);
    await lostPhone.hold();
    await laptop.payButton.click();
    const done = new Promise<void>((resolve) => {
      void lostPhone.page.route('**/graphql', async (route) => {
        if (operationOf(route) !== 'CheckOut') return route.continue();
        await route.fetch();
        resolve();
      });
    });
    await lostPhone.pay('Everyday card');
    await done;
    await lostPhone.page.close();
    const dialog = laptop.page.getByRole('dialog', { name: 'Booked already' });
    await dialog.getByText('Nothing was paid twice.').waitFor();
    await dialog.getByRole('button', { name: 'Back to the map' }).click();
    await laptop.bookings.getByText('Booked').waitFor();
    expect([await counts(eventId), laptop.complaints]).toEqual([{ payments: 1, bookings: 1 }, []]);
  });

  test('creating an event: a double click, lost answers and a retry make one event', async () => {
    const organizer = await site.open({ user: await site.app.user() });
    await organizer.page.clock.install();
    await organizer.goTo('/create-event');
    await organizer.page.getByLabel('Name', { exact: true }).fill('Just one');
    await organizer.page.getByLabel(/Date and time/).fill('2031-05-01T19:30');
    let sent = 0;
    let isLosing = true;
    await organizer.page.route('**/graphql', async (route) => {
      if (operationOf(route) !== 'CreateEvent') return route.continue();
      sent += 1;
      if (!isLosing) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await organizer.button('Create the event').dblclick();
    await organizer.saysLater('The server cannot be reached.');
    expect(sent).toBe(TRIES);
    isLosing = false;
    await organizer.button('Create the event').click();
    await organizer.page.getByText('No bookings yet.').waitFor();
    expect(await site.app.database.events.countDocuments({ name: 'Just one' })).toBe(1);
  });

  test('an unanswered payment while the map is live: the dialog can be closed, and nothing more is sent', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.page.clock.install();
    let sent = 0;
    await fan.page.route('**/graphql', (route) => {
      if (operationOf(route) !== 'CheckOut') return route.continue();
      sent += 1;
      return route.abort('connectionreset');
    });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 42);
    await fan.hold();
    await fan.pay('Everyday card');
    const dialog = fan.page.getByRole('dialog');
    await fan.saysLater('No answer from the server yet.');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent).toBe(TRIES);
  });

  test('an unanswered payment is continued in its own user’s session and in no other', async () => {
    const eventId = await newEvent();
    const [payer, other] = (await site.app.users(2)) as [TestUser, TestUser];
    const fan = await site.open({ user: payer });
    await fan.page.clock.install();
    let sent = 0;
    let isLost = true;
    await fan.page.route('**/graphql', async (route) => {
      if (operationOf(route) !== 'CheckOut') return route.continue();
      sent += 1;
      if (!isLost) return route.continue();
      // It is paid, and the answer is lost.
      if (sent === 1) await route.fetch();
      return route.abort('connectionreset');
    });
    /** Does what another tab of this browser would do. */
    const signIn = async ({ token }: TestUser) => {
      await fan.context.request.post(`${site.app.url}/session`, { data: { token } });
      await fan.page.evaluate("new BroadcastChannel('account').postMessage('changed')");
    };
    await fan.goToEvent(eventId);
    await fan.click(eventId, 43);
    await fan.hold();
    await fan.pay('Everyday card');
    const dialog = fan.page.getByRole('dialog');
    await fan.saysLater('No answer from the server yet.');
    isLost = false;
    await signIn(other);
    await dialog.waitFor({ state: 'detached' });
    // Longer than the pause before an attempt is continued.
    await fan.page.clock.runFor(20_000);
    expect(sent).toBe(TRIES);
    await signIn(payer);
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    expect(await counts(eventId)).toEqual({ payments: 1, bookings: 1 });
  });

  test('a payment sent while offline says so, and is executed once when the connection is back', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.page.clock.install();
    await fan.goToEvent(eventId);
    await fan.click(eventId, 41);
    await fan.hold();
    await fan.context.setOffline(true);
    await fan.pay('Everyday card');
    await fan.saysLater('No answer from the server yet.');
    await fan.context.setOffline(false);
    await fan.saysLater('The seats are yours');
    expect(await counts(eventId)).toEqual({ payments: 1, bookings: 1 });
  });
});

function operationOf(route: Route): string | undefined {
  return route.request().postDataJSON()?.operationName;
}
