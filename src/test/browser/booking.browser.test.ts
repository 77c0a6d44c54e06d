import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { captureLog } from '../support/captured-log.js';
import {
  BOOKING_TICKET,
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EVENT,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  LOG_IN,
  LOG_OUT_EVERYWHERE,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { EVENT_INPUT, type Visitor } from '../support/seat-map-page.js';
import type { TestUser } from '../support/test-app.js';

/** Booking on the seat-map page, in real browsers, against the real server and database. */

const MINUTE_MS = 60_000;
/** Mails are in the log, because there is no mail server. */
const { log, lines } = captureLog();
describeOnPage('booking on the seat map', { log }, (site) => {
  const newEvent = async () => site.app.event(await site.app.user(), EVENT_INPUT);
  const password = 'correct horse battery';
  /** A user who can log in again: users made by `app.user()` have no password. */
  const newAccount = async () => {
    const { email } = await site.app.user();
    const input = { email: `again-${email}`, password };
    const { signUp } = await site.app.ok(SIGN_UP, { input });
    return { id: signUp.user.id, email: input.email, token: signUp.token };
  };
  /** Locks, pays and books seats of 45 dollars each. Returns the bookings in the order of the seats. */
  const book = async (eventId: string, seatNumbers: readonly number[], user: TestUser) => {
    const { lockSeats } = await site.app.ok(
      LOCK_SEATS,
      { input: { eventId, seatNumbers: [...seatNumbers] } },
      user,
    );
    const lockIds = lockSeats.map(({ id }) => id);
    const amount = 4_500 * lockIds.length;
    const { simulatePayment } = await site.app.ok(
      SIMULATE_PAYMENT,
      { input: { lockIds, amount, currency: 'USD', cardStatus: 'SUCCESS' } },
      user,
    );
    const { paymentId } = simulatePayment;
    const input = { lockIds, paymentId, requestId: paymentId };
    return (await site.app.ok(CONFIRM_BOOKINGS, { input }, user)).confirmBookings;
  };
  /** Ends all sessions of an account from another device. */
  const endSessions = async ({ email }: TestUser) => {
    // Tokens of the instant at which sessions end are not ended.
    site.app.clock.advance(1_000);
    const { logIn } = await site.app.ok(LOG_IN, { input: { email, password } });
    await site.app.ok(LOG_OUT_EVERYWHERE, undefined, logIn);
  };
  /** Fills in the account dialog and waits until it is closed. */
  const fillIn = async (fan: Visitor, title: string, button: string, email: string) => {
    const dialog = fan.page.getByRole('dialog', { name: title });
    await dialog.getByLabel('E-mail address').fill(email);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  /** Logs in where the page asks for it because the session has ended. */
  const logInAgain = (fan: Visitor, { email }: TestUser) => fillIn(fan, 'Sign in', 'Sign in', email);

  test('a stranger books with four presses and one text field, the address for the tickets, and keeps the tickets by a sign-up afterwards', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    await fan.goToEvent(eventId);
    const [seat = { x: 0, y: 0 }] = await fan.pointsOf(eventId, [12]);
    const presses =
      "(window.presses = 0, addEventListener('pointerdown', () => { window.presses += 1 }, true))";
    await fan.page.evaluate(presses);
    await fan.page.mouse.click(seat.x, seat.y);
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.payButton.click();
    const dialog = fan.page.getByRole('dialog');
    expect(await dialog.locator('input:not([type=radio])').count()).toBe(1);
    // The field has the focus already.
    await fan.page.keyboard.type('stranger@example.com');
    await fan.page.locator('[data-action=pay]').click();
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    expect(await fan.page.evaluate('window.presses')).toBe(4);

    await fan.button('Create an account to keep your tickets').click();
    await fillIn(fan, 'Create an account', 'Create account', 'stranger@example.com');
    await fan.button('Back to the map').click();
    await fan.button('Account').waitFor();
    await fan.bookings.locator('[data-status=CONFIRMED]').waitFor();
    const elsewhere = await site.open();
    await elsewhere.goToEvent(eventId);
    await elsewhere.button('Sign in').click();
    await fillIn(elsewhere, 'Sign in', 'Sign in', 'stranger@example.com');
    await elsewhere.bookings.locator('[data-status=CONFIRMED]').waitFor();
    expect([...fan.complaints, ...elsewhere.complaints]).toEqual([]);
  });

  test('a ticket opens from its booking, and for whoever has its link, on a phone and on one sheet of paper', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const [booking] = await book(eventId, [12], user);
    const { id = '' } = booking ?? {};
    const ticket = (await site.app.ok(BOOKING_TICKET, { id }, user)).booking?.ticket;

    const fan = await site.open({ user });
    await fan.goTo('/bookings');
    await fan.page.getByRole('link', { name: 'Ticket for Stalls, row B, seat 2' }).click();
    await fan.page.getByText('Stalls, row B, seat 2').waitFor();
    await fan.page.getByText(/^Payment [0-9A-Z]{3}-[0-9A-Z]{3}$/).waitFor();
    const stranger = await site.open({ width: 390, height: 844, dark: true });
    await stranger.goTo(`/bookings/${id}/ticket#${ticket?.code}`);
    const image = stranger.page.getByRole('img', { name: /^QR code/ });
    await image.waitFor();
    await stranger.page.getByText('Stalls, row B, seat 2').waitFor();
    expect(await stranger.page.getByText(/^Payment/).count()).toBe(0);
    await stranger.page.getByText('Coordinated Universal Time').waitFor();
    const { width = 0, x = 0 } = (await image.boundingBox()) ?? {};
    expect(width).toBeGreaterThanOrEqual(240);
    expect(x + width).toBeLessThanOrEqual(390);
    const isDrawn = 'document.querySelector(".ticket-code").naturalWidth > 0';
    await expect.poll(() => stranger.page.evaluate(isDrawn)).toBe(true);
    const calendar = stranger.page.waitForEvent('download');
    await stranger.page.getByRole('link', { name: 'Add to calendar' }).click();
    expect((await calendar).suggestedFilename()).toBe('ticket.ics');
    const sheets = (await stranger.page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g);
    expect(sheets).toHaveLength(1);

    await site.app.ok(CANCEL_BOOKING, { id }, user);
    for (const { page } of [fan, stranger]) {
      await page.reload();
      await page.getByText('This booking was cancelled, so the ticket is not valid.').waitFor();
      expect(await page.getByRole('img', { name: /^QR code/ }).count()).toBe(0);
    }
    await stranger.goTo(`/bookings/${id}/ticket#${ticket?.code.slice(0, -4)}`);
    await stranger.page.getByRole('heading', { name: 'There is no such ticket' }).waitFor();
    expect([...fan.complaints, ...stranger.complaints]).toEqual([]);
  });

  test('at the entrance a phone admits a ticket once, says what else it reads, and sends what it scanned without a network', async () => {
    const organizer = await site.app.user();
    const eventId = await site.app.event(organizer, EVENT_INPUT);
    const buyer = await site.app.user();
    const codes: string[] = [];
    for (const { id } of await book(eventId, [1, 2], buyer)) {
      const { booking } = await site.app.ok(BOOKING_TICKET, { id }, buyer);
      codes.push(booking?.ticket?.code ?? '');
    }
    const gate = await site.open({ user: organizer, width: 390, height: 844, touch: true });
    await gate.goTo(`/events/${eventId}/check-in`);
    await gate.page.getByText('Scan a ticket').waitFor();
    // A scanner types, wherever the focus is.
    const scan = async (code = '', verdict = '', detail = '') => {
      await gate.page.keyboard.type(code);
      await gate.page.keyboard.press('Enter');
      await gate.page.locator('.verdict strong', { hasText: verdict }).waitFor();
      await gate.says(`${verdict}. ${detail}`);
    };
    await scan(codes[0], 'Admitted', 'Stalls, row A, seat 1');
    await gate.page.keyboard.type(codes[0] ?? '');
    await gate.page.keyboard.press('Enter');
    await gate.page.locator('.verdict strong', { hasText: /^Already admitted at \d/ }).waitFor();
    await scan('nonsense', 'No ticket', 'This code is no ticket of ours.');
    expect(await gate.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(gate.complaints).toEqual([]);

    await gate.context.setOffline(true);
    await scan(codes[1], 'Not checked yet', 'There is no network.');
    await gate.page.getByText('One scan waits for the network.').waitFor();
    await gate.context.setOffline(false);
    await gate.page.locator('.verdict strong', { hasText: 'Admitted' }).waitFor();
    await gate.page.getByText('One scan waits for the network.').waitFor({ state: 'detached' });
    expect(await site.app.database.bookings.countDocuments({ eventId, checkedInAt: { $ne: null } })).toBe(2);
  });

  test('the page renews a guest’s token in time, and the guest keeps the seats', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    await fan.goToEvent(eventId);
    await fan.click(eventId, 12);
    await fan.hold();
    const [before] = await fan.context.cookies();
    site.app.clock.advance(1_000);
    await fan.page.evaluate("localStorage.setItem('renewSessionAt', '0')");
    await fan.page.reload();
    await expect.poll(async () => (await fan.context.cookies())[0]?.value).not.toBe(before?.value);
    await fan.held.getByText('Stalls, row B, seat 2').waitFor();
    await fan.isLive();
    expect(await fan.page.evaluate("localStorage.getItem('renewSessionAt') > Date.now()")).toBe(true);
    expect(fan.complaints).toEqual([]);
  });

  test('a guest whose three cards are refused keeps the seats, and a double click pays once', async () => {
    const eventId = await newEvent();
    const fan = await site.open();
    await fan.goToEvent(eventId);
    await fan.click(eventId, 12, 13);
    await fan.hold();
    await fan.held.getByText('Stalls, row B, seat 2').waitFor();
    await fan.count('locked', 2);
    for (const [card, reason, advice] of [
      ['Blocked card', 'Card was declined', 'Try again, or take another card.'],
      ['Empty card', 'Insufficient funds in account', 'Try again, or take another card.'],
      ['Old card', 'Card has expired', 'This card cannot be used; take another one.'],
    ] as const) {
      await fan.pay(card);
      await fan.page.getByRole('dialog').getByText(`${reason}.`).waitFor();
      await fan.page.getByRole('dialog').getByText(advice).waitFor();
    }
    // The seats stayed held, and a double click pays once.
    await fan.page.getByRole('dialog').getByRole('radio', { name: 'Everyday card' }).check();
    await fan.page.locator('[data-action=pay]').dblclick();
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    await fan.button('Back to the map').click();
    await fan.count('booked', 2);
    expect(await fan.bookings.locator('[data-status=CONFIRMED]').count()).toBe(2);
    expect(await site.app.database.payments.countDocuments({ eventId, status: 'completed' })).toBe(1);
    expect(await site.app.database.bookings.countDocuments({ eventId })).toBe(2);
    expect(fan.complaints).toEqual([]);
  });

  test('the best seats are held with one press and changed with another, and places to stand by their number', async () => {
    const eventId = await site.app.event(await site.app.user(), {
      sections: [
        {
          name: 'Stalls',
          rowList: [
            { label: 'A', seats: 4, seatLabels: ['7', '5', '3', '1'], aislesAfter: [2] },
            { label: 'B', seats: 4, features: [{ seat: 1, feature: 'WHEELCHAIR' }] },
          ],
          price: { amount: 4_500, currency: 'USD' },
        },
        { name: 'Floor', kind: 'STANDING', capacity: 3, price: { amount: 2_000, currency: 'USD' } },
      ],
    });
    const fan = await site.open();
    await fan.goToEvent(eventId);
    const heldNames = fan.held.locator('.seat-lines li > span:first-child');
    // The section and the price are said before anything is held.
    await fan.button('Hold 2 best seats in Stalls · $90').click();
    await fan.payButton.waitFor();
    const first = await heldNames.allTextContents();
    expect(first).toEqual(['Stalls, row A, seat 7', 'Stalls, row A, seat 5']);
    await fan.button('Other seats in Stalls').click();
    await expect
      .poll(() => heldNames.allTextContents())
      .toEqual(['Stalls, row B, seat 2', 'Stalls, row B, seat 3']);
    expect(await site.app.database.locks.countDocuments({ eventId, status: 'active' })).toBe(2);

    // Only the other price: the keyboard cannot reach the first section any more.
    await fan.page.getByRole('button', { name: /^\$20/ }).click();
    await fan.page.locator('.seat-map-grid').focus();
    await expect.poll(() => fan.focusedSeat()).toBe('Floor, standing, 20 US dollars, 3 places left');
    for (const key of ['PageUp', 'ArrowUp', 'Enter', 'Enter']) await fan.page.keyboard.press(key);
    const picks = fan.page.getByRole('region', { name: 'Your picks' });
    await picks.getByText('2 seats picked').waitFor();
    expect(await fan.focusedSeat()).toContain('2 places are yours');
    // Somebody takes a place, perhaps one of these: another one is as good.
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 9 } }, await site.app.user());
    await fan.count('locked', 3);
    await picks.getByRole('button', { name: 'Hold these 2 seats · $40' }).click();
    await expect.poll(() => heldNames.filter({ hasText: /^Floor, place [23]$/ }).count()).toBe(2);
    expect(fan.complaints).toEqual([]);
  });

  test.each([
    ['Accepts', 'CONFIRMED', 'The seats are yours', 1],
    ['Declines', 'CANCELLED', 'declined the payment after all', 0],
  ] as const)(
    'a slow card is PENDING until its network %s, then %s, without reloading',
    async (answer, status, text, booked) => {
      const eventId = await newEvent();
      const user = await site.app.user();
      const fan = await site.open({ user });
      const elsewhere = await site.open({ user });
      await fan.goToEvent(eventId);
      await elsewhere.goToEvent(eventId);
      await fan.click(eventId, 5);
      await fan.hold();
      await fan.pay('Slow card');
      await fan.page.getByRole('heading', { name: 'Payment pending' }).waitFor();
      // The network's answer, sent from the user's other device, arrives while the dialog is open.
      await elsewhere.bookings.getByRole('button', { name: answer }).click();
      await fan.says(new RegExp(text));
      await fan.page.keyboard.press('Escape');
      await fan.page.locator(`[data-status=${status}]`).first().waitFor({ state: 'attached' });
      await fan.count('booked', booked);
      expect([...fan.complaints, ...elsewhere.complaints]).toEqual([]);
    },
  );

  test('a booking is cancelled, its seat is free for everybody, and the money goes back', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    const other = await site.open();
    await fan.goToEvent(eventId);
    await other.goToEvent(eventId);
    await fan.click(eventId, 51);
    await fan.hold();
    await fan.pay('Everyday card');
    await fan.button('Back to the map').click();
    await other.count('booked', 1);
    await fan.goTo('/bookings');
    await fan.button('Cancel Circle, row A, seat 1').click();
    await fan.page.getByRole('dialog').getByText('$20.50 goes back to your card').waitFor();
    await fan.button('Cancel the booking').click();
    await fan.page.getByText('Cancelled, paid back').waitFor();
    await other.count('booked', 0);
    expect(await site.app.database.payments.countDocuments({ eventId, status: 'refunded' })).toBe(1);
    expect([...fan.complaints, ...other.complaints]).toEqual([]);
  });

  test('two people see each other’s holds, race for a seat, and the slower one has another with one tap', async () => {
    const eventId = await newEvent();
    const people = await Promise.all((await site.app.users(2)).map((user) => site.open({ user })));
    const [ana, ben] = people as [Visitor, Visitor];
    for (const person of people) await person.goToEvent(eventId);
    await ana.click(eventId, 1);
    await ana.hold();
    await ben.count('locked', 1);

    // Both have picked the same two seats, and both hold them at the same time.
    for (const person of people) await person.click(eventId, 24, 25);
    // Clicked in the page itself: the map may be faster and remove the button, then the click does nothing.
    const buttons = await Promise.all(
      people.map((person) => person.page.getByRole('button', { name: /^Hold th/ }).elementHandle()),
    );
    await Promise.all(
      buttons.map((button) =>
        button?.evaluate((element) => (element as unknown as { click(): void }).click()),
      ),
    );
    const [winner, loser] = (await Promise.race([
      ana.page
        .getByText('Somebody else was faster.')
        .waitFor()
        .then(() => [ben, ana]),
      ben.page
        .getByText('Somebody else was faster.')
        .waitFor()
        .then(() => [ana, ben]),
    ])) as [Visitor, Visitor];
    await winner.held.getByText('Stalls, row C, seat 4').waitFor();
    await loser.page
      .getByRole('button', { name: /^Hold C\d/ })
      .first()
      .click();
    await loser.held
      .getByText(/Stalls, row C/)
      .first()
      .waitFor();
    await ana.count('locked', 5);
    const locks = await site.app.database.locks.find({ eventId, status: 'active' }).lean();
    expect(new Set(locks.map(({ seatNumber }) => seatNumber)).size).toBe(5);
    expect(
      locks.filter(({ seatNumber }) => [24, 25].includes(seatNumber)).map(({ userId }) => userId),
    ).toEqual(Array(2).fill(locks.find(({ seatNumber }) => seatNumber === 24)?.userId));
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  });

  test('a seat taken before the map showed it is refused, all seats or none, and near seats are offered', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    let isSlow = false;
    const late: (() => void)[] = [];
    await fan.page.routeWebSocket(/graphql/, (socket) => {
      socket.connectToServer().onMessage((message) => {
        if (isSlow) late.push(() => socket.send(message));
        else socket.send(message);
      });
    });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 14, 15);
    isSlow = true;
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 15 } }, await site.app.user());
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.page.getByText('Somebody else was faster.', { exact: true }).waitFor();
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(1);
    await fan.button('Hold B6 · $45: Stalls, row B, seat 6').click();
    await fan.held.getByText('Stalls, row B, seat 4').waitFor();
    await fan.held.getByText('Stalls, row B, seat 6').waitFor();
    // A late answer changes nothing of it.
    isSlow = false;
    for (const send of late.splice(0)) send();
    await fan.count('locked', 3);
    expect(await fan.page.getByText('Somebody else was faster.', { exact: true }).count()).toBe(0);
    expect(fan.complaints).toEqual([]);
  });

  test('a seat picked while other seats are being held stays picked, unless somebody takes it meanwhile', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    let letGo = () => {};
    const isLetGo = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await fan.page.route('**/graphql', async (route) => {
      if (route.request().postDataJSON()?.operationName === 'LockSeats') await isLetGo;
      return route.continue();
    });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 21);
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.page.getByText('Holding…').waitFor();
    await fan.click(eventId, 23, 27);
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 27 } }, await site.app.user());
    // The seat that is being held counts already.
    await fan.page.getByRole('button', { name: /^Stalls\s*48 left/ }).waitFor();
    letGo();
    await fan.held.getByText('Stalls, row C, seat 1').waitFor();
    const picks = fan.page.getByRole('region', { name: 'Your picks' });
    await picks.getByText('1 seat picked').waitFor();
    await picks.getByText('Stalls, row C, seat 3').waitFor();
    await picks.getByText('Somebody else was faster. Stalls, row C, seat 7 is taken').waitFor();
    await fan.hold();
    await fan.held.getByText('Stalls, row C, seat 3').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('a picked seat that somebody else takes is reported as lost at once, and near seats are offered', async () => {
    const eventId = await newEvent();
    const fan = await site.open({ user: await site.app.user() });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 7);
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 7 } }, await site.app.user());
    await fan.page.getByText('Somebody else was faster.').waitFor();
    await fan.button('Hold A6 · $45: Stalls, row A, seat 6').waitFor();
    // Somebody takes the offered seat as well.
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 6 } }, await site.app.user());
    await fan.button('Hold A6 · $45: Stalls, row A, seat 6').waitFor({ state: 'detached' });
    await fan.button('Hold A8 · $45: Stalls, row A, seat 8').click();
    await fan.held.getByText('Stalls, row A, seat 8').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('a hold counts down by the server’s clock, warns a minute before, is extended while it may be, and expires', async () => {
    const own = await site.ownServer();
    const eventId = await own.event(await own.user(), EVENT_INPUT);
    const fan = await site.open({ user: await own.user() }, own);
    // A device clock that is years late changes nothing.
    await fan.page.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() - 1e11;
    });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 3);
    await fan.hold();
    await fan.held
      .getByRole('timer')
      .getByText(/^(5:00|4:5\d)$/)
      .waitFor();

    // Time passes on the server. Its next message, about any seat, carries the new time.
    const pass = async (ms: number, seatNumber: number) => {
      own.clock.advance(ms);
      await own.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, await own.user());
    };
    await pass(4 * MINUTE_MS + 5_000, 20);
    await fan.held.getByText('Less than a minute left.').waitFor();
    await fan.says(/Your seats are held for another \d+ seconds/);
    await fan.button('More time').click();
    await fan.held
      .getByRole('timer')
      .getByText(/^(5:00|4:5\d)$/)
      .waitFor();

    // A lock lives for at most a quarter of an hour.
    for (const seatNumber of [21, 22]) {
      await pass(4 * MINUTE_MS, seatNumber);
      await fan.button('More time').click();
      await fan.held
        .getByRole('timer')
        .getByText(seatNumber === 21 ? /^(5:00|4:5\d)$/ : /^(3:0\d|2:5\d)$/)
        .waitFor();
    }
    await fan.button('More time').click();
    await fan.page.getByText('No more time can be added.').waitFor();

    own.clock.advance(3 * MINUTE_MS);
    await fan.page.getByText('Your hold has ended.', { exact: true }).waitFor();
    await fan.held.waitFor({ state: 'detached' });
    await fan.says('Your hold has ended. Others can take the seats now.');
    expect(fan.complaints).toEqual([]);
  });

  test('all tabs and devices of a user show the same state, also after a reload, and log out together', async () => {
    const eventId = await newEvent();
    const user = await site.app.user();
    const phone = await site.open({ user });
    const laptop = await site.open({ user });
    const tab = await laptop.tab();
    for (const place of [phone, laptop, tab]) await place.goToEvent(eventId);
    // A background tab draws no frames, and a click waits for a frame.
    await laptop.page.bringToFront();
    await laptop.click(eventId, 8, 9);
    await laptop.hold();
    for (const place of [phone, tab]) await place.held.getByText('Stalls, row A, seat 9').waitFor();
    await laptop.page.reload();
    await laptop.held.getByText('Stalls, row A, seat 8').waitFor();

    await phone.button('Give Stalls, row A, seat 8 back').click();
    await laptop.held.getByText('Stalls, row A, seat 8').waitFor({ state: 'detached' });
    await phone.pay('Everyday card');
    for (const place of [laptop, tab]) await place.bookings.getByText('Booked').waitFor();

    await tab.page.bringToFront();
    await tab.page.getByRole('button', { name: 'Account' }).click();
    await tab.button('Sign out').click();
    await laptop.button('Sign in').waitFor();
    await laptop.bookings.waitFor({ state: 'detached' });
    expect(await laptop.context.cookies()).toEqual([]);
    // The other device has its own session.
    await phone.page.reload();
    await phone.bookings.waitFor();
    expect([phone, laptop, tab].flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  test('signing in in one tab closes the sign-in dialog in another, which continues what the same user wanted', async () => {
    const eventId = await newEvent();
    const user = await newAccount();
    const picking = await site.open();
    const signingIn = await picking.tab();
    for (const tab of [picking, signingIn]) await tab.goTo(`/events/${eventId}`);
    const pick = async (seat: number) => {
      await picking.page.bringToFront();
      await picking.isLive();
      await picking.walkTo(1, seat);
      await picking.page.keyboard.press('Enter');
    };
    const signInElsewhere = async (account: TestUser) => {
      await signingIn.page.bringToFront();
      await signingIn.button('Sign in').click();
      await logInAgain(signingIn, account);
      await picking.page.getByRole('dialog').waitFor({ state: 'detached' });
      await picking.button('Account').waitFor();
    };
    const picks = picking.page.getByRole('region', { name: 'Your picks' });
    await pick(3);
    await picking.button('Sign in').click();
    await picking.page.getByRole('dialog').waitFor();
    await signInElsewhere(user);
    // A seat that was only picked stays picked.
    await picks.getByText('Stalls, row A, seat 3').waitFor();
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(0);

    const holdAfterSessionEnd = async () => {
      await endSessions(user);
      await picking.page.bringToFront();
      await picking.page.getByRole('region', { name: 'Session' }).waitFor();
      await picking.page.getByRole('button', { name: /^Hold th/ }).click();
      await picking.page.getByRole('dialog').waitFor();
    };
    await holdAfterSessionEnd();
    await signInElsewhere(user);
    await picking.held.getByText('Stalls, row A, seat 3').waitFor();
    // If another user signs in, it is not done.
    await pick(5);
    await holdAfterSessionEnd();
    await signInElsewhere(await newAccount());
    await picks.getByText('Stalls, row A, seat 5').waitFor();
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(1);
  });

  test('an action that waits for a sign-in is dropped when its page is left', async () => {
    const eventId = await newEvent();
    const user = await newAccount();
    const fan = await site.open({ user });
    const dialog = fan.page.getByRole('dialog');
    let answer = () => {};
    const isAnswered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let locks = 0;
    await fan.page.route('**/graphql', async (route) => {
      const { operationName } = route.request().postDataJSON();
      if (operationName === 'LogIn') await isAnswered;
      if (operationName === 'LockSeats') locks += 1;
      await route.continue();
    });
    const backAndPick = async () => {
      await fan.page.goBack();
      await fan.isLive();
      await fan.walkTo(1, 3);
      await fan.page.keyboard.press('Enter');
    };
    await fan.goToEvent(eventId);
    await fan.button('Account').waitFor();
    await endSessions(user);
    await fan.page.getByRole('region', { name: 'Session' }).waitFor();
    await fan.page.getByRole('link', { name: 'My bookings' }).click();
    await fan.button('Sign in').first().waitFor();
    await backAndPick();

    const askAndLeave = async (then?: () => Promise<void>) => {
      await fan.page.getByRole('button', { name: /^Hold th/ }).click();
      await dialog.waitFor();
      await then?.();
      await fan.page.goForward();
      await dialog.waitFor({ state: 'detached' });
    };
    await askAndLeave();
    await backAndPick();
    // The same if the answer arrives after that.
    await askAndLeave(async () => {
      await dialog.getByLabel('E-mail address').fill(user.email);
      await dialog.getByLabel('Password').fill(password);
      await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
      await dialog.getByText('One moment…').waitFor();
    });
    answer();
    await fan.says(`Signed in as ${user.email}`);
    await fan.button('Account').waitFor();
    await fan.goToEvent(eventId);
    expect(locks).toBe(0);
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(0);
  });

  test('a seat picked in two tabs and held in one of them is never shown as taken by somebody else', async () => {
    const eventId = await newEvent();
    const holding = await site.open({ user: await site.app.user() });
    const picking = await holding.tab();
    await picking.page.clock.install();
    for (const tab of [holding, picking]) {
      await tab.page.bringToFront();
      await tab.goToEvent(eventId);
      await tab.walkTo(1, 3);
      await tab.page.keyboard.press('Enter');
      await tab.page.getByRole('button', { name: 'Hold this seat · $45' }).waitFor();
    }
    // The map learns of the lock first, and of its owner later. The delay depends on the machine.
    const nowMs = (await picking.page.evaluate('Date.now()')) as number;
    await picking.page.clock.pauseAt(nowMs + MINUTE_MS / 2);
    await holding.page.bringToFront();
    await holding.hold();
    await picking.held.getByText('Stalls, row A, seat 3').waitFor();
    await picking.page.clock.runFor(2_000);
    expect(await picking.page.getByText(/faster/).count()).toBe(0);
    await picking.page.getByRole('region', { name: 'Your picks' }).waitFor({ state: 'detached' });
  });

  test('if the session has ended when seats are to be held, the page asks for a sign-in, keeps the picks, and then holds them', async () => {
    const eventId = await newEvent();
    const user = await newAccount();
    const fan = await site.open({ user });
    await fan.goToEvent(eventId);
    await fan.click(eventId, 31, 32);
    await fan.context.clearCookies();
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await logInAgain(fan, user);
    for (const seat of [1, 2]) await fan.held.getByText(`Stalls, row D, seat ${seat}`).waitFor();
    expect(await site.app.database.locks.countDocuments({ eventId })).toBe(2);
    // The browser itself logs each refusal.
    expect(fan.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  test('a session ended elsewhere: the page is anonymous at once and requests nothing more until somebody logs in', async () => {
    const eventId = await newEvent();
    const user = await newAccount();
    const fan = await site.open({ user });
    await fan.page.clock.install();
    const sent: string[] = [];
    fan.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const { type, payload: operation } = JSON.parse(String(payload));
        if (type === 'subscribe') sent.push(operation.query);
      }),
    );
    await fan.goToEvent(eventId);
    await fan.click(eventId, 41);
    await fan.hold();
    await fan.click(eventId, 42);
    await fan.button('Account').click();
    await site.app.ok(LOG_OUT_EVERYWHERE, undefined, user);
    await fan.says('Your session is over. Sign in again.');
    const notice = fan.page.getByRole('region', { name: 'Session' });
    await notice.getByText('Your session is over.').waitFor();
    await fan.button('Sign in').waitFor();
    await fan.held.waitFor({ state: 'detached' });
    await fan.isLive();
    sent.length = 0;
    // Long enough for a refused subscription to be retried, if it were retried.
    await fan.page.clock.fastForward(3_000);
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.page.getByRole('dialog').waitFor();
    // The map may be requested again: to the page, a jump of the clock means that the device slept.
    expect(sent.filter((query) => query.includes('myReservationsChanged'))).toEqual([]);
    await logInAgain(fan, user);
    for (const seat of [1, 2]) await fan.held.getByText(`Stalls, row E, seat ${seat}`).waitFor();
    await notice.waitFor({ state: 'detached' });
    // What was open in the earlier session does not reopen in this one.
    await fan.button('Account').waitFor();
    expect(await fan.page.getByRole('dialog').count()).toBe(0);
  });

  test.each([
    ['before anything is sent', false],
    ['by the time of paying', true],
  ])(
    'a session that ends in the pay dialog, %s: the dialog says so, and after logging in everything is paid once',
    async (_when, isPressed) => {
      const eventId = await newEvent();
      const user = await newAccount();
      const fan = await site.open({ user });
      await fan.goToEvent(eventId);
      await fan.click(eventId, 33, 34);
      await fan.hold();
      await fan.payButton.click();
      const dialog = fan.page.getByRole('dialog', { name: 'Pay' });
      if (isPressed) {
        await fan.context.clearCookies();
        await fan.page.locator('[data-action=pay]').click();
      } else await site.app.ok(LOG_OUT_EVERYWHERE, undefined, user);
      await dialog.getByText('You are no longer signed in.').waitFor();
      await dialog.getByText('Stalls, row D, seat 3').waitFor();
      await dialog.getByRole('button', { name: 'Sign in again' }).click();
      await logInAgain(fan, user);
      // An action that was started continues by itself; otherwise the user starts it.
      if (!isPressed) await fan.pay('Everyday card');
      await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
      expect(await site.app.database.payments.countDocuments({ eventId })).toBe(1);
      expect(await site.app.database.bookings.countDocuments({ eventId, status: 'confirmed' })).toBe(2);
    },
  );

  test.each([
    ['is not known any more', (user: TestUser) => site.app.ok(LOG_OUT_EVERYWHERE, undefined, user)],
    ['has run out', (_user: TestUser, fan: Visitor) => fan.context.clearCookies()],
  ])('the sales page notices by its own calls that the session %s', async (_how, end) => {
    const user = await site.app.user();
    const eventId = await site.app.event(user, EVENT_INPUT);
    const organizer = await site.open({ user });
    await organizer.page.clock.install();
    // The page does not learn that the socket closed: its last frame may be lost with the connection.
    await organizer.page.routeWebSocket(/graphql/, (socket) => {
      socket.connectToServer().onClose(() => {});
    });
    await organizer.goTo(`/events/${eventId}/sales`);
    await organizer.page.getByText('No bookings yet.').waitFor();
    await organizer.button('Account').waitFor();
    await end(user, organizer);
    await organizer.page.clock.fastForward(6_000);
    await organizer.page
      .getByRole('region', { name: 'Session' })
      .getByText('Your session is over.')
      .waitFor();
  });

  test('one of several holds that expires alone is reported on the page, to screen readers and in the dialog; so is one that cannot be extended', async () => {
    const own = await site.ownServer();
    const beginsAt = new Date(own.clock.now().getTime() + 20 * MINUTE_MS).toISOString();
    const eventId = await own.event(await own.user(), { ...EVENT_INPUT, eventDate: beginsAt });
    const user = await own.user();
    const { lockSeat } = await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
    for (let extension = 0; extension < 3; extension++) {
      own.clock.advance(4 * MINUTE_MS);
      await own.ok(EXTEND_LOCK, { lockId: lockSeat.id }, user);
    }
    const fan = await site.open({ user }, own);
    await fan.goToEvent(eventId);
    await fan.click(eventId, 2);
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.held.getByText('Stalls, row A, seat 2').waitFor();
    own.clock.advance(30_000);
    await fan.button('More time').click();
    await fan.held
      .getByText('More time for Stalls, row A, seat 2. Cannot be held longer: Stalls, row A, seat 1.')
      .waitFor();
    const [second] = await own.database.locks.find({ eventId, seatNumber: 2 }).lean();
    expect(second?.expiresAt).toEqual(new Date(own.clock.now().getTime() + 5 * MINUTE_MS));
    await fan.held.getByText(/seat 2 · (5:00|4:5\d)/).waitFor();
    await fan.held.getByText(/seat 1 · 2:[0-3]\d/).waitFor();

    await fan.payButton.click();
    own.clock.advance(3 * MINUTE_MS);
    await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 20 } }, await own.user());
    const dialog = fan.page.getByRole('dialog');
    await dialog.getByText('No longer held: Stalls, row A, seat 1. Its time is over').waitFor();
    await fan.says('No longer held: Stalls, row A, seat 1. Your other seats still are.');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await fan.page.getByRole('complementary').getByText('No longer held: Stalls, row A, seat 1.').waitFor();
    await fan.pay('Everyday card');
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    const payments = await own.database.payments.find({ eventId }).lean();
    expect(payments.map(({ amount }) => amount)).toEqual([4_500]);
    await fan.button('Back to the map').click();
    await fan.bookings.getByText('Stalls, row A, seat 2').waitFor();
    expect(await fan.page.getByText('Your hold has ended.').count()).toBe(0);

    // When the event starts, picks are removed, and that is announced.
    await fan.click(eventId, 6);
    own.clock.moveTo(new Date(Date.parse(beginsAt) - 1_000));
    await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 21 } }, await own.user());
    await fan.page
      .getByRole('alert')
      .getByText('It has begun: no more seats are booked.')
      .waitFor({ state: 'attached' });
    // After the start the map can be viewed, but seats cannot be picked.
    own.clock.advance(10 * MINUTE_MS);
    await fan.page.reload();
    await fan.isLive();
    await fan.page.getByRole('complementary').getByText('It has begun: no more seats are booked.').waitFor();
    await fan.click(eventId, 5);
    await fan.page.getByRole('status').getByText('It has begun').waitFor({ state: 'attached' });
    expect(await fan.page.getByRole('region', { name: 'Your picks' }).count()).toBe(0);
    expect(fan.complaints).toEqual([]);
  });

  test('the list of events updates how many seats are left of each', async () => {
    // Earlier than the events of the other tests: the list starts with it.
    const eventDate = new Date(site.app.clock.now().getTime() + 24 * 60 * MINUTE_MS).toISOString();
    const eventId = await site.app.event(await site.app.user(), { ...EVENT_INPUT, eventDate });
    const visitor = await site.open();
    await visitor.goTo('/');
    const card = visitor.page.locator(`a[href="/events/${eventId}"]`);
    await card.scrollIntoViewIfNeeded();
    await card.getByText('74 of 74 left').waitFor();
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 7 } }, await site.app.user());
    await card.getByText('73 of 74 left').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('a guest’s sign-up with a known address leads to sign-in and keeps the held seat; a wrong password is reported', async () => {
    const eventId = await newEvent();
    const first = await site.open();
    const again = await site.open();
    for (const visitor of [first, again]) {
      await visitor.goToEvent(eventId);
      await visitor.click(eventId, visitor === first ? 1 : 2);
      await visitor.hold();
      await visitor.button('Guest').click();
      await visitor.button('Create an account').click();
      const dialog = visitor.page.getByRole('dialog', { name: 'Create an account' });
      await dialog.getByLabel('E-mail address').fill('known@example.com');
      await dialog
        .getByLabel('Password')
        .fill(visitor === first ? 'correct horse battery' : 'wrong horse battery');
      await dialog.getByRole('button', { name: 'Create account' }).click();
      if (visitor === first) await dialog.waitFor({ state: 'detached' });
    }
    const dialog = again.page.getByRole('dialog');
    await dialog.getByText('There is an account with this address already.').waitFor();
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.getByText('The address or the password is wrong.').waitFor();
    await dialog.getByLabel('Password').fill('correct horse battery');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    // What the account holds already and what the guest held are held together now.
    for (const seat of [1, 2]) await again.held.getByText(`Stalls, row A, seat ${seat}`).waitFor();
    // A script finds no credentials on the page, and its address has none.
    const places = '[localStorage, sessionStorage, document.cookie, location.href]';
    const kept = await again.page.evaluate(`JSON.stringify(${places})`);
    expect(kept).not.toMatch(/eyJ/);
    expect([...first.complaints, ...again.complaints]).toEqual([]);
  });

  test('a forgotten password is set anew by the mailed link, with the keyboard alone', async () => {
    const { email } = await newAccount();
    const fan = await site.open();
    const { keyboard } = fan.page;
    const focused = () => fan.page.evaluate('document.activeElement.labels?.[0]?.textContent');
    await fan.goTo('/');
    await fan.button('Sign in').press('Enter');
    const dialog = fan.page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').waitFor();
    await keyboard.type(email);
    await dialog.getByRole('button', { name: 'Forgot password?' }).press('Enter');
    await dialog.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    expect(await focused()).toBe('E-mail address');
    await keyboard.press('Enter');
    await fan.says(/a link is on its way/);
    const link = () => lines.flatMap(({ text }) => /http\S+#\S+/.exec(String(text)) ?? []).at(-1);
    await expect.poll(link).toContain('/reset-password#');

    await fan.page.goto(link() as string);
    const field = fan.page.getByLabel('New password');
    await field.focus();
    await keyboard.type('short');
    await keyboard.press('Enter');
    await fan.says('A password has at least 8 characters.');
    await keyboard.type(' and now longer');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    // What is typed can be read, and the button hides it again.
    expect(await field.getAttribute('type')).toBe('text');
    expect(await field.inputValue()).toBe('short and now longer');
    await fan.button('Hide password').press('Enter');
    expect(await field.getAttribute('type')).toBe('password');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Enter');
    await fan.says(/Your new password is set/);
    await fan.button('Account').waitFor();
    expect(new URL(fan.page.url()).hash).toBe('');

    await fan.page.goto(link() as string);
    await fan.page.getByLabel('New password').fill('another password');
    await fan.button('Set password').press('Enter');
    await fan.says(/This link was used already/);
    await fan.button('Send another link').press('Enter');
    await dialog.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('an organizer pauses, changes, resumes and cancels a sale, and the pages of others follow without a reload', async () => {
    const user = await site.app.user();
    const eventId = await site.app.event(user, EVENT_INPUT);
    const organizer = await site.open({ user });
    await organizer.goTo(`/events/${eventId}/sales`);
    const fan = await site.open();
    const picture = 'https://pictures.example';
    const referrers: (string | undefined)[] = [];
    await fan.page.route(`${picture}/**`, (route) => {
      referrers.push(route.request().headers().referer);
      return route.fulfill({
        contentType: 'image/svg+xml',
        body: '<svg xmlns="http://www.w3.org/2000/svg"/>',
      });
    });
    await fan.goToEvent(eventId);
    await fan.page.getByText('Pick a seat on the map, or several.').waitFor();

    await organizer.button('Pause the sale').click();
    await organizer.page.getByText('Paused: nothing can be held.').waitFor();
    await fan.page.getByText('The sale is paused. Seats that you hold can be paid.').waitFor();
    expect(await fan.page.getByText('Pick a seat on the map, or several.').count()).toBe(0);

    await organizer.button('Change the event').click();
    const dialog = organizer.page.getByRole('dialog', { name: 'Change the event' });
    await dialog.getByLabel('Name', { exact: true }).fill('Another night');
    await dialog.getByLabel('Venue', { exact: true }).fill('Old Theatre');
    await dialog.getByLabel('Description').fill('Two acts.');
    await dialog.getByLabel('Address of a picture').fill(`${picture}/night.png`);
    await dialog.getByLabel(/^Stalls/).fill('99.50');
    await dialog.getByLabel(/Sale ends/).fill('2031-01-01T10:00');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('The sale must end before the event begins, or when it does.').waitFor();
    await dialog.getByLabel(/Sale ends/).fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await fan.page.getByRole('heading', { name: 'Another night' }).waitFor();
    await fan.page.getByText('Old Theatre').waitFor();
    await fan.page.getByText('Two acts.').waitFor();
    // The picture is loaded from where it is, which does not learn from which page.
    await expect.poll(() => referrers).toEqual([undefined]);
    expect((await site.app.ok(EVENT, { id: eventId })).event?.sections[0]?.price?.amount).toBe(9_950);

    await organizer.button('Resume the sale').click();
    await fan.page.getByText('Pick a seat on the map, or several.').waitFor();

    await organizer.button('Cancel the event').click();
    const question = organizer.page.getByRole('dialog', { name: 'Cancel the event?' });
    await question.getByLabel('Reason').fill('The roof leaks.');
    await question.getByLabel(/^To confirm/).fill('another night');
    await question.getByRole('button', { name: 'Cancel the event' }).click();
    await question.getByText('This is not the name of the event.').waitFor();
    await question.getByLabel(/^To confirm/).fill('Another night');
    await question.getByRole('button', { name: 'Cancel the event' }).click();
    await question.waitFor({ state: 'detached' });
    await organizer.page.getByText('All bookings are cancelled').waitFor();
    await fan.page.getByText('The roof leaks.').waitFor();
    expect(await organizer.button('Change the event').count()).toBe(0);
  });

  test('an organizer creates an event and sees what it sells as it is sold; nobody else does', async () => {
    const organizer = await site.open({ user: await site.app.user() });
    // The browser's clock differs from the server's here: the date is far ahead of both.
    await organizer.goTo('/create-event');
    await organizer.page.getByLabel('Name', { exact: true }).fill('Jazz in the Courtyard');
    await organizer.page.getByLabel(/Date and time/).fill('2031-05-01T19:30');
    await organizer.button('Add a section').click();
    for (const [part, value] of [
      ['Section', 'Balcony'],
      ['Rows', '2'],
      ['Seats a row', '5'],
      ['Price, USD', '20.50'],
    ] as const) {
      await organizer.page.getByLabel(part, { exact: true }).nth(1).fill(value);
    }
    await organizer.page.getByText('210 seats').waitFor();
    await organizer.button('Create the event').click();
    await organizer.page.getByText('No bookings yet.').waitFor();
    const eventId = new URL(organizer.page.url()).pathname.split('/')[2] as string;

    const buyer = await site.app.user();
    const { lockSeat } = await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 201 } }, buyer);
    const { simulatePayment } = await site.app.ok(
      SIMULATE_PAYMENT,
      { input: { lockIds: [lockSeat.id], amount: 2_050, currency: 'USD', cardStatus: 'SUCCESS' } },
      buyer,
    );
    const { paymentId } = simulatePayment;
    await site.app.ok(
      CONFIRM_BOOKING,
      { input: { lockId: lockSeat.id, paymentId, requestId: 'once' } },
      buyer,
    );
    await organizer.page.getByRole('cell', { name: 'Balcony, row A, seat 1' }).waitFor();
    await organizer.page.locator('.figure', { hasText: 'Revenue' }).getByText('$20.50').waitFor();
    await organizer.page.getByLabel('Search').fill('stalls A 1');
    await organizer.page.getByText('No booking is found by this.').waitFor();
    await organizer.page.getByLabel('Search').fill('balcony A 1');
    await organizer.page.getByRole('cell', { name: 'Balcony, row A, seat 1' }).waitFor();
    const download = organizer.page.waitForEvent('download');
    await organizer.page.getByRole('link', { name: 'All as CSV' }).click();
    const file = readFileSync(await (await download).path(), 'utf8');
    expect(file).toContain('"Balcony, row A, seat 1",Balcony,A,confirmed,20.50,0.00,USD,');
    await organizer.page.locator('.figure', { hasText: 'Available' }).getByText('209').waitFor();

    const stranger = await site.open({ user: buyer });
    await stranger.goTo(`/events/${eventId}/sales`);
    await stranger.page.getByText('Only the event’s organizer sees its sales.').waitFor();
    await stranger.goTo('/events/unknown/sales');
    await stranger.page.getByRole('heading', { name: 'There is no such event' }).waitFor();
    expect([...organizer.complaints, ...stranger.complaints]).toEqual([]);
  });

  test('an organizer pastes rows, sees their faults by line and then the map, and sells these seats', async () => {
    const organizer = await site.open({ user: await site.app.user() });
    const { page } = organizer;
    await organizer.goTo('/create-event');
    await page.getByLabel('Name', { exact: true }).fill('A night in boxes');
    await page.getByLabel(/Date and time/).fill('2031-05-01T19:30');
    await page.getByLabel('Sale starts, at the venue').fill('2031-04-01T10:00');
    await page.getByLabel('Seats per person, at most').fill('2');
    await page.getByLabel('Rows from a spreadsheet or a CSV file').check();
    const rows = page.getByLabel('Rows, pasted or from the file');
    await rows.fill('section\trow\tseat\tprice\nBoxes\t1\t7\t20.50\nBoxes\t1\t7\t\nFloor\t\t300\t');
    await page.getByText('Line 3, seat: Row 1 has a seat 7 already, in line 2.').waitFor();
    await organizer.button('Create the event').click();
    await page.getByText('The rows have faults, which are named below them.').waitFor();
    await organizer.button('theatre').click();
    await page.getByText('5 sections, 27 rows, 454 seats').waitFor();
    await page.getByRole('img', { name: 'Preview of the map' }).waitFor();
    await page.getByLabel('Keep it as a draft').check();
    await organizer.button('Create the event').click();
    await page.getByText('Draft: you alone see the event.').waitFor();
    const eventId = new URL(page.url()).pathname.split('/')[2] as string;
    const asStranger = await site.app.call(`{ event(id: "${eventId}") { name } }`);
    expect(asStranger.data).toEqual({ event: null });
    await organizer.button('Publish').click();
    await page.getByText('The sale has not started yet').waitFor();
    const { data } = await site.app.call<{ event: unknown }, object>(
      `{ event(id: "${eventId}") { status seatsPerViewerMax salesStartAt timeZone seat(seatNumber: 1) { label } } }`,
    );
    expect(data?.event).toMatchObject({
      status: 'SCHEDULED',
      seatsPerViewerMax: 2,
      seat: { label: 'Stalls, row A, seat 19' },
    });
    expect(organizer.complaints).toEqual([]);
  });

  test('the visible part of the organizer’s list is live, also far behind its first page', async () => {
    const organizer = await site.app.user();
    const eventId = await site.app.event(organizer, EVENT_INPUT);
    const buyers = await site.app.users(3);
    const [first] = await book(eventId, [1], buyers[0] as TestUser);
    for (const [index, buyer] of buyers.entries()) {
      site.app.clock.advance(1);
      await book(
        eventId,
        Array.from({ length: 9 }, (_, seat) => index * 10 + seat + 2),
        buyer,
      );
    }
    const visitor = await site.open({ user: organizer, height: 500 });
    await visitor.goTo(`/events/${eventId}/sales`);
    await visitor.button('Show more').click();
    const row = visitor.page.getByRole('row', { name: /^Stalls, row A, seat 1 \$/ });
    await row.scrollIntoViewIfNeeded();
    await row.getByText('Booked').waitFor();
    const shown = await row.elementHandle();
    await site.app.ok(CANCEL_BOOKING, { id: first?.id ?? '' }, buyers[0]);
    await row.getByText('Cancelled, paid back').waitFor();
    // It stayed there: a list that is fetched again keeps the pages after its first one.
    expect(await shown?.evaluate((element) => element.isConnected)).toBe(true);
    const rows = () => visitor.page.getByRole('table').last().getByRole('row').count();
    expect([await rows(), await visitor.button('Show more').count(), visitor.complaints]).toEqual([
      29,
      0,
      [],
    ]);

    // The next page cannot be fetched for a while: the page says so, and loads it when it can.
    const cut = await site.open({ user: organizer });
    await cut.goTo(`/events/${eventId}/sales`);
    await cut.button('Show more').waitFor();
    await cut.context.setOffline(true);
    await cut.button('Show more').click();
    await cut.page.getByRole('alert').getByText('The server cannot be reached').waitFor();
    await cut.context.setOffline(false);
    await cut.button('Show more').click();
    await cut.page.getByRole('row', { name: /^Stalls, row A, seat 1 \$/ }).waitFor();

    // A new entry at the top, while the end of the list is out of sight, removes nothing from the list.
    await visitor.page.evaluate('scrollTo(0, 0)');
    await book(eventId, [1], buyers[1] as TestUser);
    await visitor.page.getByRole('row', { name: /^Stalls, row A, seat 1 \$.*Booked/ }).waitFor();
    expect(await rows()).toBe(30);
  });

  test('of a long list only what is on the screen is subscribed to', async () => {
    const organizer = await site.app.user();
    const inOrder = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        site.app.event(organizer, {
          ...EVENT_INPUT,
          eventDate: new Date(site.app.clock.now().getTime() + (index + 1) * 60_000).toISOString(),
        }),
      ),
    );
    const visitor = await site.open({ height: 400 });
    const subscribed = new Set<string>();
    visitor.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const { type, payload: operation } = JSON.parse(String(payload));
        if (type === 'subscribe') subscribed.add(operation.variables.eventId);
      }),
    );
    await visitor.goTo('/');
    const [first = '', last = ''] = [inOrder[0], inOrder.at(-1)];
    await expect.poll(() => subscribed.has(first)).toBe(true);
    expect(subscribed.has(last)).toBe(false);
    await visitor.page.locator(`a[href="/events/${last}"]`).scrollIntoViewIfNeeded();
    await expect.poll(() => subscribed.has(last)).toBe(true);

    // The same for the viewer's bookings, whose newest comes first.
    for (const eventId of inOrder) {
      await book(eventId, [1], organizer);
      site.app.clock.advance(1);
    }
    const buyer = await site.open({ user: organizer, height: 400 });
    const own = new Set<string>();
    buyer.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const { type, payload: operation } = JSON.parse(String(payload));
        if (type === 'subscribe') own.add(operation.variables.eventId);
      }),
    );
    await buyer.goTo('/bookings');
    await expect.poll(() => own.has(last)).toBe(true);
    expect(own.has(first)).toBe(false);
    await buyer.page.locator(`a[href="/events/${first}"]`).scrollIntoViewIfNeeded();
    await expect.poll(() => own.has(first)).toBe(true);
    expect([...visitor.complaints, ...buyer.complaints]).toEqual([]);
  });
});
