import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { animationsEnd, describeOnPage } from '../support/browser.js';
import { LOCK_SEAT } from '../support/operations.js';
import { EVENT_INPUT, type Visitor } from '../support/seat-map-page.js';

/** The seat-map page is usable by keyboard, on a phone, in dark mode, with reduced motion and in other locales. */

const WIDTHS = [320, 768, 1280] as const;

/** Returns once the page has been laid out after a change of its size. */
const twoFrames = ({ page }: Visitor) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

describeOnPage('the seat map for everybody', {}, (site) => {
  test('a whole booking by keyboard alone, each seat with its name', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open();
    const { keyboard } = fan.page;
    await fan.goToEvent(eventId);
    const tabTo = async (isThere: () => Promise<boolean>) => {
      for (let press = 0; press < 40; press++) {
        if (await isThere()) return;
        await keyboard.press('Tab');
      }
      throw new Error('The focus never came there');
    };
    const focused = (selector: string) => async () =>
      (await fan.page.locator(`${selector}:focus`).count()) === 1;
    await tabTo(focused('.seat-map-grid'));
    expect(await fan.focusedSeat()).toBe('Stalls, row A, seat 1, 45 US dollars, available');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'PageDown']) await keyboard.press(key);
    expect(await fan.focusedSeat()).toBe('Circle, row A, seat 2, 20.50 US dollars, available');
    for (const key of ['ArrowUp', 'End', 'Enter']) await keyboard.press(key);

    // Holding needs no account.
    expect(await fan.focusedSeat()).toBe('Stalls, row E, seat 10, 45 US dollars, picked by you');
    await tabTo(
      async () =>
        (await fan.page
          .getByRole('button', { name: /^Hold this seat/ })
          .and(fan.page.locator(':focus'))
          .count()) === 1,
    );
    await keyboard.press('Enter');
    await fan.held.waitFor();
    await fan.says('Held for you: Stalls, row E, seat 10.');
    await tabTo(async () => (await fan.payButton.and(fan.page.locator(':focus')).count()) === 1);
    await keyboard.press('Enter');
    await fan.page.getByRole('dialog').waitFor();
    await keyboard.type('fan@example.com');
    await tabTo(focused('[data-action=pay]'));
    await keyboard.press('Enter');
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    await fan.says('Paid. The seats are yours.');
    await keyboard.press('Escape');
    await fan.bookings.getByText('Booked').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('at 320 px nothing is cut off, and a tap picks the intended seat', async () => {
    const price = { amount: 4_500, currency: 'USD' };
    const wide = { sections: [{ name: 'Stalls', rows: 8, seatsPerRow: 30, price }] };
    const eventId = await site.app.event(await site.app.user(), wide);
    const fan = await site.open({
      user: await site.app.user(),
      width: 320,
      height: 700,
      touch: true,
    });
    await fan.goToEvent(eventId);
    const [at = { x: 0, y: 0 }] = await fan.pointsOf(eventId, [94]);
    // The seat is too small for a finger: the first tap zooms in to the middle and picks nothing.
    await fan.page.touchscreen.tap(at.x, at.y);
    expect(await fan.page.getByRole('region', { name: 'Your picks' }).count()).toBe(0);
    const box = await fan.page.locator('.seat-map-grid').boundingBox();
    if (!box) throw new Error('There is no map');
    await fan.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    await fan.page.getByRole('region', { name: 'Your picks' }).getByText('Stalls, row D, seat 4').waitFor();
    // On a short screen the bar, which comes up with the pick, would cover it.
    await fan.button('Remove Stalls, row D, seat 4').click();
    await fan.page.setViewportSize({ width: 320, height: 420 });
    await fan.walkTo(4, 4);
    await fan.page.evaluate('scrollTo(0, 0)');
    await fan.page.keyboard.press('Enter');
    const isPickSeen = () =>
      fan.page.evaluate(`(() => {
        const { left, top, width, height } = document.querySelector('.seat-map-spot').getBoundingClientRect();
        const at = document.elementFromPoint(left + width / 2, top + height / 2);
        return at !== null && document.querySelector('.seat-map-frame').contains(at);
      })()`);
    await fan.page.getByRole('button', { name: 'Hold this seat' }).waitFor();
    await expect.poll(isPickSeen).toBe(true);
    await fan.page.setViewportSize({ width: 320, height: 700 });
    await fan.hold();
    // Picks another seat while the first is held: the payment panel does not cover it.
    await fan.walkTo(1, 2);
    await fan.page.keyboard.press('Enter');
    await fan.page.getByRole('button', { name: 'Hold this seat' }).tap();
    await fan.held.getByText('Stalls, row A, seat 2').waitFor();
    await fan.pay('Everyday card');
    await fan.button('Back to the map').click();
    await fan.bookings.getByText('Booked').nth(1).waitFor();
    // The largest possible count fits in one line.
    await fan.goToEvent(await site.app.event(await site.app.user(), { totalSeats: 100_000 }));
    const heights =
      '[...document.querySelectorAll(".seat-map-legend dt, .seat-map-legend dd")].map((part) => part.clientHeight)';
    const found = (await fan.page.evaluate(heights)) as number[];
    expect(found.length).toBe(14);
    expect(Math.max(...found)).toBeLessThan(Math.min(...found) * 1.5);
    expect(fan.complaints).toEqual([]);
  });

  test('on a phone, the reason why seats could not be held is visible at every scroll position', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const user = await site.app.user();
    const fan = await site.open({ user, width: 320, height: 640 });
    const refusal = { code: 'RATE_LIMITED', details: { retryAfterMs: 90_000 } };
    await fan.page.route('**/graphql', (route) => {
      const { operationName } = route.request().postDataJSON();
      if (!['LockSeats', 'ExtendLock'].includes(operationName)) return route.continue();
      return route.fulfill({
        json: { data: null, errors: [{ message: 'Too many calls.', extensions: refusal }] },
      });
    });
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, user);
    await fan.goToEvent(eventId);
    await fan.held.waitFor();
    const isSeen = () =>
      fan.page.evaluate(`(() => {
        const isWanted = ({ textContent }) => /That was too much at once. Nothing was done/.test(textContent);
        const notice = [...document.querySelectorAll('.notice')].find(isWanted);
        if (!notice) return false;
        const { top, bottom, left } = notice.getBoundingClientRect();
        return document.elementFromPoint(left + 4, (top + bottom) / 2) === notice;
      })()`);
    await fan.button('More time').click();
    await fan.page.evaluate('scrollTo(0, 0)');
    await expect.poll(isSeen).toBe(true);
    await fan.button('Give back').click();
    await fan.held.waitFor({ state: 'detached' });
    await fan.walkTo(1, 5);
    await fan.page.keyboard.press('Enter');
    await fan.page.getByRole('button', { name: /^Hold th/ }).click();
    await fan.page.evaluate('scrollTo(0, 0)');
    await expect.poll(isSeen).toBe(true);
  });

  test('on a phone a focused element is not covered by elements fixed to the screen’s edge', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open({ user: await site.app.user(), width: 320, height: 640 });
    await fan.goToEvent(eventId);
    await fan.walkTo(1, 5);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await fan.page.locator('.seat-map-grid').focus();
    const focused = async () =>
      (await fan.page.evaluate(`(() => {
        const { activeElement: at } = document;
        const { left, right, top, bottom } = at.getBoundingClientRect();
        const isSeen = at.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
        return (at.getAttribute('aria-label') ?? at.textContent) + (isSeen ? ' is seen' : ' is covered');
      })()`)) as string;
    let last = '';
    for (let step = 0; step < 20 && !last.startsWith('GraphQL playground'); step++) {
      await fan.page.keyboard.press('Tab');
      await expect.poll(focused).toMatch(/is seen$/);
      last = await focused();
    }
    expect(last).toBe('GraphQL playground is seen');
  });

  test('at 320, 768 and 1280 px no page has to be scrolled sideways', async () => {
    const organizer = await site.app.user();
    const sections = [{ ...EVENT_INPUT.sections[0], name: 'W'.repeat(100) }, EVENT_INPUT.sections[1]];
    const eventId = await site.app.event(organizer, { name: 'W'.repeat(200), sections });
    const unpriced = await site.app.event(organizer, { name: 'Yours to price', totalSeats: 30 });
    const fan = await site.open({ user: organizer, width: WIDTHS[0], height: 700 });
    const found: string[] = [];
    /** Measures the page as it is at each width. The narrowest comes last and stays. */
    const measure = async (where: string, hasTable = false) => {
      for (const width of WIDTHS.toReversed()) {
        await fan.page.setViewportSize({ width, height: 700 });
        await twoFrames(fan);
        const beyond = await fan.page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (beyond !== 0) found.push(`${where} at ${width} px: ${beyond} px`);
        const cells =
          'Array.from(document.querySelectorAll("td"), (cell) => cell.getBoundingClientRect().right)';
        const isCut = ((await fan.page.evaluate(cells)) as number[]).some((right) => right > width);
        if (hasTable && isCut && width < 768) found.push(`${where}: its table is cut off`);
      }
    };
    await fan.goTo('/');
    await fan.page.getByText('Yours to price').first().waitFor();
    await measure('events');
    await fan.goTo('/create-event');
    await fan.button('Create the event').click();
    await fan.page.getByText('Name the event.').waitFor();
    await measure('create an event');
    await fan.goToEvent(unpriced);
    await fan.walkTo(1, 1);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await measure('held');
    await fan.payButton.click();
    await fan.page.locator('[data-action=pay]').click();
    await fan.page.getByText('Name an amount in USD.').waitFor();
    await measure('pay');
    await fan.page.keyboard.press('Escape');
    await fan.goToEvent(eventId);
    await measure('an event');
    await fan.walkTo(1, 1);
    await fan.page.keyboard.press('Enter');
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, await site.app.user());
    await fan.page.getByText('Somebody else was faster.', { exact: true }).waitFor();
    await measure('a lost pick');
    await fan.page.getByRole('button', { name: /^Hold A2/ }).click();
    await fan.pay('Slow card');
    await fan.button('Back to the map').click();
    await measure('a pending booking');
    await fan.walkTo(2, 1);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await fan.pay('Empty card');
    await fan.page.getByText('Insufficient funds in account.').first().waitFor();
    for (const [path, text] of [
      ['/bookings', 'Payment pending'],
      ['/payments', 'Insufficient funds in account'],
      ['/my-events', 'Yours to price'],
      [`/events/${eventId}/sales`, 'Payment pending'],
      [`/events/${eventId}/check-in`, 'Scan a ticket'],
    ] as const) {
      await fan.goTo(path);
      await fan.page.getByText(text).first().waitFor();
      await measure(path, true);
    }
    expect([found, fan.complaints]).toEqual([[], []]);
  });

  test.each([
    ['spreads', false],
    ['stands still for who wants no motion', true],
  ])('a ring around what somebody else has just changed %s', async (_name, reducedMotion) => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open({ reducedMotion });
    // The distinct sizes of the rings drawn over the map.
    await fan.page.addInitScript(`
      globalThis.rings = new Set();
      const { roundRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.roundRect = function (x, y, width, ...rest) {
        if (this.canvas === document.querySelectorAll('.seat-map-frame canvas')[1]) globalThis.rings.add(width);
        return roundRect.call(this, x, y, width, ...rest);
      };`);
    await fan.page.clock.install();
    await fan.goToEvent(eventId);
    const nowMs = (await fan.page.evaluate('Date.now()')) as number;
    await fan.page.clock.pauseAt(nowMs + 5_000);
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 7 } }, await site.app.user());
    await fan.count('locked', 1);
    // Runs enough frames to show whether the ring moves, also on a slow machine.
    await fan.page.clock.runFor(500);
    const sizes = (await fan.page.evaluate('globalThis.rings.size')) as number;
    if (reducedMotion) expect(sizes).toBe(1);
    else expect(sizes).toBeGreaterThan(3);
    await fan.page.clock.resume();
    // The same holds for animations in style sheets: the spinner of a map that is not live.
    await fan.context.setOffline(true);
    await fan.page.locator('.seat-map-notice .seat-map-spinner').waitFor();
    const isSpinning = await fan.page.evaluate(
      'document.getAnimations().some(({ effect }) => effect.getComputedTiming().duration > 1)',
    );
    expect(isSpinning).toBe(!reducedMotion);
  });

  test('behind a dialog the page stays where it is, and a press beside the dialog closes it', async () => {
    const fan = await site.open({ width: 900, height: 420 });
    await fan.goTo('/create-event');
    // The form is rendered after the frame around it. Before that there is nothing to scroll.
    await fan.button('Create the event').waitFor();
    const scrolledPx = () => fan.page.evaluate('scrollY');
    /** Scrolls the wheel over the page, and waits until the page has handled it. */
    const scrollWheel = async () => {
      await fan.page.mouse.move(20, 200);
      await fan.page.evaluate(`globalThis.wheelHandled = new Promise((done) => {
        const twoFramesLater = () => requestAnimationFrame(() => requestAnimationFrame(done));
        addEventListener('wheel', twoFramesLater, { once: true, passive: true });
      }), undefined`);
      await fan.page.mouse.wheel(0, 200);
      await fan.page.evaluate('globalThis.wheelHandled');
    };
    // The compositor may learn later than the page that it can scroll, so the wheel is repeated until it does.
    const scrolledByWheel = async () => {
      await scrollWheel();
      return scrolledPx();
    };
    await expect.poll(scrolledByWheel).toBeGreaterThan(0);

    await fan.page.evaluate('scrollTo(0, 0)');
    await fan.button('Sign in').click();
    const dialog = fan.page.getByRole('dialog');
    await dialog.waitFor();
    const before = await scrolledPx();
    for (let round = 0; round < 3; round++) expect(await scrolledByWheel()).toBe(before);
    await fan.page.mouse.click(20, 200);
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(scrolledByWheel).toBeGreaterThan(before as number);
    expect(fan.complaints).toEqual([]);
  });

  test('a map that is higher than its viewport follows a drag', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open();
    await fan.goToEvent(eventId);
    await fan.walkTo(4, 5);
    for (let zoomed = 0; zoomed < 4; zoomed++) await fan.page.keyboard.press('+');
    const box = await fan.page.locator('.seat-map-grid').boundingBox();
    if (!box) throw new Error('There is no map');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await fan.walkTo(4, 6);
    const tipTop = () =>
      fan.page
        .locator('.seat-map-tip')
        .evaluate((tip: unknown) => Number.parseFloat((tip as { style: { top: string } }).style.top));
    const before = await tipTop();
    await fan.page.mouse.move(x, y);
    await fan.page.mouse.down();
    await fan.page.mouse.move(x, y - 20);
    await fan.page.mouse.move(x, y - 40);
    await fan.page.mouse.up();
    // The tooltip follows the pointer while it is over a seat.
    await fan.page.mouse.move(2, 2);
    await expect.poll(async () => Math.round((await tipTop()) - before)).toBe(-40);
  });

  test('the map is zoomed by wheel, pinch, keyboard and buttons', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open({ touch: true });
    await fan.goToEvent(eventId);
    /** Width of a seat with its gap: how far the tooltip moves from one seat to the next. */
    const seatPx = async () => {
      const left = () =>
        fan.page
          .locator('.seat-map-tip')
          .evaluate((tip: unknown) => Number.parseFloat((tip as { style: { left: string } }).style.left));
      await fan.walkTo(4, 5);
      const before = await left();
      await fan.page.keyboard.press('ArrowRight');
      return (await left()) - before;
    };
    const box = await fan.page.locator('.seat-map-grid').boundingBox();
    if (!box) throw new Error('There is no map');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const debug = await fan.context.newCDPSession(fan.page);
    const pinch = async () => {
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', reach: number) =>
        debug.send('Input.dispatchTouchEvent', {
          type,
          touchPoints:
            type === 'touchEnd'
              ? []
              : [
                  { x: x - reach, y },
                  { x: x + reach, y },
                ],
        });
      await touch('touchStart', 60);
      await touch('touchMove', 70);
      await touch('touchMove', 80);
      await touch('touchEnd', 80);
    };
    const wheel = async () => {
      await fan.page.mouse.move(x, y);
      await fan.page.mouse.wheel(0, -120);
    };
    const whole = await seatPx();
    for (const [name, zoomIn] of [
      ['wheel', wheel],
      ['pinch', pinch],
      ['keyboard', () => fan.page.keyboard.press('+')],
      ['button', () => fan.button('Zoom in').click()],
    ] as const) {
      await zoomIn();
      // The tooltip follows the pointer while it is over a seat.
      await fan.page.mouse.move(2, 2);
      expect([name, await seatPx()]).toEqual([name, expect.toSatisfy((px: number) => px > whole + 1)]);
      await fan.page.keyboard.press('0');
      expect(await seatPx()).toBeCloseTo(whole, 3);
    }
    expect(fan.complaints).toEqual([]);
  });

  test('a typed amount is parsed in the format the page shows, or refused with a message', async () => {
    const { page, ...organizer } = await site.open({ user: await site.app.user() });
    await page.goto(`${site.app.url}/create-event`);
    const [currency, price] = [page.getByLabel('Currency'), page.getByLabel(/^Price/)];
    const create = page.getByRole('button', { name: 'Create the event' });
    await page.getByLabel('Name', { exact: true }).fill('Dear night');
    await price.fill('30,000,000');
    await create.click();
    await page.getByText('At most $21,474,836.47.').waitFor();
    await currency.fill('kwd');
    await price.fill('1.000');
    await create.click();
    await page.getByText('“1.000” can be read in two ways.').waitFor();
    await price.fill('1,000');
    await page.getByText('KWD 1,000.000').waitFor();
    await create.click();
    await page.waitForURL(/\/sales$/);
    await page.getByRole('link', { name: 'Live map' }).click();
    await page.getByRole('button', { name: /^Stalls.*KWD.1,000/ }).waitFor();
    expect(organizer.complaints).toEqual([]);
  });

  test('dates are in the venue’s zone and the viewer’s language, money in their locale', async () => {
    const organizer = await site.app.user();
    const eventId = await site.app.event(organizer, {
      ...EVENT_INPUT,
      eventDate: '2026-12-24T18:30:00.000Z',
      timeZone: 'America/New_York',
    });
    for (const [locale, timezone, date, price] of [
      ['en-US', 'America/New_York', 'Thu, Dec 24, 2026, 1:30 PM', '$20.50'],
      ['de-DE', 'Europe/Berlin', 'Do., 24. Dez. 2026, 13:30', '20,50 $'],
      ['ja-JP', 'Asia/Tokyo', '2026年12月24日(木) 13:30', '$20.50'],
    ] as const) {
      const fan = await site.open({ locale, timezone });
      await fan.goToEvent(eventId);
      // The zone's name differs between versions of ICU.
      const shown = (await fan.page.locator('.event-head time').textContent()) ?? '';
      expect(shown.slice(0, date.length).replaceAll(/\s/g, ' ')).toBe(date);
      expect(shown.slice(date.length)).toMatch(/^\s\S{4}/);
      await fan.page
        .getByRole('button', { name: new RegExp(`Circle.*${price.replace('$', '\\$')}`) })
        .waitFor();
      expect(fan.complaints).toEqual([]);
    }
  });

  describe('in light, and in dark on a phone, axe finds nothing serious', () => {
    /** @param load loads a page that does not follow a change of its look */
    const check = async (where: string, { page }: Visitor, load?: () => Promise<void>) => {
      for (const [look, colorScheme, width, height] of [
        ['in dark on a phone', 'dark', 320, 700],
        ['in light', 'light', 1280, 860],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await load?.();
        await animationsEnd(page);
        // Injected by the debugger, which no content security policy stops.
        if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
        const violations = await page.evaluate(async () => {
          const { axe: runner } = globalThis as unknown as { axe: typeof axe };
          const { violations: found } = await runner.run({ resultTypes: ['violations'] });
          return found.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map(({ html }) => html) }));
        });
        expect([
          where,
          look,
          violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
        ]).toEqual([where, look, []]);
      }
    };

    test('on any page that needs no booking, and in the sign-in dialog', async () => {
      const organizer = await site.app.user();
      const eventId = await site.app.event(organizer, EVENT_INPUT);
      const fan = await site.open({ user: organizer });
      await fan.goTo('/');
      await fan.page
        .getByRole('link', { name: /A night out/ })
        .first()
        .waitFor();
      await check('events', fan);
      await fan.goTo('/create-event');
      await fan.button('Create the event').click();
      await fan.page.getByText('Name the event.').waitFor();
      await check('create an event, with an error', fan);
      await fan.page.getByLabel('Rows from a spreadsheet or a CSV file').check();
      await fan.page.getByLabel('Rows, pasted or from the file').fill('section,row\nStalls,A');
      await fan.page.getByText(/^Line 1, seat/).waitFor();
      await check('rows with faults', fan);
      await fan.button('arena').click();
      await fan.page.getByRole('img', { name: 'Preview of the map' }).waitFor();
      await check('the preview of a map', fan);
      await fan.goToEvent(eventId);
      await fan.page.getByRole('button', { name: 'Account' }).click();
      await fan.button('Sign out').click();
      await fan.button('Sign in').first().click();
      await fan.page.getByRole('dialog').waitFor();
      await check('signing in', fan);
      await fan.page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
      await fan.page.getByText('Enter a password.').waitFor();
      await check('signing in, with errors', fan);
      await fan.button('Forgot password?').click();
      await fan.button('Send a link').click();
      await fan.page.getByText('Enter your e-mail address.').waitFor();
      await check('a forgotten password', fan);
      await fan.page.keyboard.press('Escape');
      await fan.goTo('/reset-password#forged');
      await fan.page.getByLabel('New password').fill('a long password');
      await fan.button('Show password').click();
      await fan.button('Set password').click();
      await fan.page.getByText('This link was used already').waitFor();
      await check('setting a new password', fan);
      await fan.goToEvent(eventId);
      await fan.context.setOffline(true);
      await fan.page.getByText('Not live.', { exact: true }).waitFor();
      await check('not live', fan);
      await fan.context.setOffline(false);
      await fan.isLive();
      await check('playground', fan, async () => {
        await fan.goTo('/playground');
        await fan.page.locator('.graphiql-query-editor', { hasText: /mutation\sStartGuest/ }).waitFor();
      });
      // The browser itself logs attempts to reconnect while it is offline, which a slow machine has time for.
      expect(fan.complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
      // The browser itself logs each 404.
      await fan.goTo('/nowhere');
      await fan.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      await check('nothing', fan);
      await fan.page.getByRole('link', { name: 'See all events' }).click();
      await fan.page.getByRole('heading', { name: 'Events' }).waitFor();
    });

    /** Then the focus is back where it was. */
    const closeDialog = async (fan: Visitor) => {
      await fan.page.keyboard.press('Escape');
      await fan.page.getByRole('dialog').waitFor({ state: 'detached' });
      // A key that is pressed before the focus is back would reach the button that opened the dialog.
      await fan.page.locator(':focus').waitFor();
    };

    test('from the first pick to a booking, and the pages that show it', async () => {
      const organizer = await site.app.user();
      const eventId = await site.app.event(organizer, EVENT_INPUT);
      await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, await site.app.user());
      const fan = await site.open({ user: organizer });
      await fan.page.clock.install();
      await fan.goToEvent(eventId);
      for (const seat of [5, 6]) {
        await fan.walkTo(1, seat);
        await fan.page.keyboard.press('Enter');
      }
      await check('picks', fan);
      await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 5 } }, await site.app.user());
      await fan.page.getByText('Somebody else was faster.').waitFor();
      await check('a lost pick', fan);
      let isBusy = true;
      const retryAfterMs = 50_000;
      await fan.page.route('**/graphql', (route) => {
        if (!isBusy || route.request().postDataJSON()?.operationName !== 'LockSeats') return route.continue();
        isBusy = false;
        const extensions = { code: 'TOO_BUSY', details: { retryAfterMs } };
        return route.fulfill({ json: { data: null, errors: [{ message: 'Too busy.', extensions }] } });
      });
      await fan.page.getByRole('button', { name: /^Hold th/ }).click();
      await fan.page.locator('.server-busy').waitFor();
      await check('a server that is busy', fan);
      expect(await fan.page.locator('.server-busy').count()).toBe(1);
      await fan.page.clock.fastForward(retryAfterMs);
      await fan.held.waitFor();
      await check('held', fan);
      await fan.pay('Blocked card');
      await fan.page.getByRole('dialog').getByText('Card was declined.').waitFor();
      await check('a declined card', fan);
      await fan.pay('Slow card');
      await fan.button('Back to the map').click();
      await fan.bookings.getByText('Payment pending').waitFor();
      await check('a pending booking', fan);
      await fan.page.getByRole('button', { name: /^Cancel Stalls/ }).click();
      await fan.page.getByRole('dialog').waitFor();
      await check('cancelling', fan);
      await fan.goTo('/bookings');
      await fan.page.getByText('Payment pending').waitFor();
      await check('my bookings', fan);
      await fan.button('Accepts').click();
      await fan.page.getByRole('link', { name: /^Ticket for/ }).click();
      await fan.page.getByRole('img', { name: /^QR code/ }).waitFor();
      await check('a ticket', fan);
      await fan.goTo(`/events/${eventId}/sales`);
      await fan.page.getByRole('cell').first().waitFor();
      await fan.page.getByRole('img', { name: /in an hour/ }).waitFor();
      await check('sales', fan);
      await fan.button('Stalls, row A, seat 6').press('Enter');
      await fan.page.getByText('Held, by the buyer').first().waitFor();
      await check('the history of a seat', fan);
      await closeDialog(fan);
      // By keyboard: two seats are the corners of a rectangle.
      await fan.button('Choose seats on the map').press('Enter');
      await fan.page.getByLabel('Rectangle').check();
      await fan.walkTo(1, 7);
      await fan.page.keyboard.press('Enter');
      await fan.page.getByText('press the opposite corner').waitFor();
      await fan.walkTo(2, 8);
      await fan.page.keyboard.press('Enter');
      await fan.page.getByText('4 seats chosen', { exact: true }).waitFor();
      await check('seats to hold back', fan);
      await fan.page.getByLabel('For whom or why').fill('Press');
      await fan.button('Hold back 4 seats').press('Enter');
      await fan.page.getByText('4 seats held back.').waitFor();
      await check('seats that are held back', fan);
      await fan.button('Release Press, 4 seats').press('Enter');
      await fan.page.getByText('No seat is held back.').waitFor();
      await fan.button('Change the event').press('Enter');
      await check('changing the event', fan);
      await closeDialog(fan);
      await fan.button('Cancel the event').press('Enter');
      await check('cancelling the event', fan);
      await closeDialog(fan);
      await fan.page.getByRole('link', { name: 'Check-in' }).click();
      await fan.page.getByText('Scan a ticket').waitFor();
      for (const verdict of ['No ticket', 'No ticket']) {
        await fan.page.keyboard.type('nonsense');
        await fan.page.keyboard.press('Enter');
        await fan.page.locator('.verdict strong', { hasText: verdict }).waitFor();
      }
      await check('check-in', fan);
      expect(fan.complaints).toEqual([]);
    });

    test('a session that has ended, while paying and afterwards', async () => {
      const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
      const fan = await site.open({ user: await site.app.user() });
      await fan.goToEvent(eventId);
      await fan.walkTo(1, 8);
      await fan.page.keyboard.press('Enter');
      await fan.hold();
      await fan.payButton.click();
      await fan.context.clearCookies();
      await fan.page.locator('[data-action=pay]').click();
      await fan.page.getByText('You are no longer signed in.').waitFor();
      await check('a session that is over, while paying', fan);
      await fan.page.keyboard.press('Escape');
      await fan.page.getByRole('region', { name: 'Session' }).getByText('Your session is over.').waitFor();
      await check('a session that is over', fan);
    });
  });
});
