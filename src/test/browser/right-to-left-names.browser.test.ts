import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';

/** Right-to-left names do not change the order of the text around them. */

const STALLS = 'יציע מזרחי';
const EVENT_NAME = 'ערב 2027 (מופע)';
const EVENT_INPUT = {
  name: EVENT_NAME,
  sections: [
    { name: STALLS, rows: 4, seatsPerRow: 14, price: { amount: 4_500, currency: 'USD' } },
    { name: 'المدرج 3', rows: 2, seatsPerRow: 8, price: { amount: 2_050, currency: 'USD' } },
  ],
};

describeOnPage('names from right to left', {}, (site) => {
  /** The given parts of an element's text in their visual order, from left to right on one line. */
  async function seenOrder(page: Page, selector: string, parts: readonly string[]): Promise<string[]> {
    const lefts = (await page.evaluate(`(() => {
      const root = document.querySelector(${JSON.stringify(selector)});
      if (root === null) return [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const nodes = [];
      while (walker.nextNode()) nodes.push(walker.currentNode);
      return ${JSON.stringify(parts)}.map((part) => {
        const node = nodes.find(({ data }) => data.includes(part));
        if (node === undefined) return null;
        const range = document.createRange();
        range.setStart(node, node.data.indexOf(part));
        range.setEnd(node, node.data.indexOf(part) + part.length);
        return range.getBoundingClientRect().left;
      });
    })()`)) as (number | null)[];
    const found = parts.flatMap((part, index) => {
      const left = lefts[index];
      return left == null ? [] : [{ part, left }];
    });
    return found.sort((a, b) => a.left - b.left).map(({ part }) => part);
  }

  /** The error shown for the focused field. */
  async function errorBeside(page: Page, field: Locator): Promise<string | null> {
    const focused = field.and(page.locator(':focus[aria-invalid=true]'));
    if ((await focused.count()) === 0) return null;
    return page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).textContent();
  }

  test.each([
    ['in Hebrew', STALLS],
    ['of an earlier release, which reverses what follows it', `\u202e${STALLS}`],
  ])(
    'a picked and a held seat read section, row, seat and price in this order: a name %s',
    async (_, name) => {
      const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
      await site.app.database.events.updateOne({ _id: eventId }, { 'sections.0.name': name });
      const fan = await site.open({ user: await site.app.user() });
      await fan.goToEvent(eventId);
      await fan.walkTo(3, 12);
      expect(await fan.focusedSeat()).toContain(`\u2068${STALLS}\u2069, row C, seat 12, 45 US dollars`);
      await fan.page.keyboard.press('Enter');
      const order = [STALLS, ', row C', ', seat 12', '$45'];
      await expect.poll(() => seenOrder(fan.page, '.seat-lines li', order)).toEqual(order);
      await fan.hold();
      await expect.poll(() => seenOrder(fan.page, '.seat-lines li', order)).toEqual(order);
      expect(fan.complaints).toEqual([]);
    },
  );

  test('the list of sections has name, seats left and price in this order', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open();
    await fan.goToEvent(eventId);
    for (const [index, order] of [
      [1, [STALLS, '56 left', '$45']],
      [2, ['المدرج', '16 left', '$20.50']],
    ] as const) {
      expect(await seenOrder(fan.page, `.sections li:nth-child(${index})`, order)).toEqual(order);
    }
  });

  test('the name of an event leaves the order of its page, of the list and of the title', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open();
    await fan.goToEvent(eventId);
    await expect.poll(() => fan.page.title()).toBe(`\u2068${EVENT_NAME}\u2069 · Seat Booking Live`);
    expect(await fan.page.locator('h1 bdi').textContent()).toBe(EVENT_NAME);
    await fan.goTo('/');
    expect(await fan.page.locator('.event-card-name bdi').first().textContent()).toBe(EVENT_NAME);
  });

  test('on the map the name of a section is drawn apart from its price, to the left of it', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open();
    await fan.page.addInitScript({
      content: `globalThis.drawn = [];
        const draw = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
          const { width } = this.measureText(text);
          const left = { center: x - width / 2, right: x - width }[this.textAlign] ?? x;
          drawn.push({ text, left, right: left + width, top: y });
          draw.call(this, text, x, y, ...rest);
        };`,
    });
    await fan.goToEvent(eventId);
    type Drawn = { text: string; left: number; right: number; top: number };
    const spaceBetween = async () => {
      const drawn = (await fan.page.evaluate('drawn')) as Drawn[];
      const name = drawn.findLast(({ text }) => text === STALLS);
      const price = drawn.findLast(({ text, top }) => text === '$45' && top === name?.top);
      return (price?.left ?? Number.NaN) - (name?.right ?? Number.NaN);
    };
    await expect.poll(spaceBetween).toBeGreaterThan(0);
  });

  test('a name that the server refuses is reported beside its field, which gets the focus', async () => {
    const fan = await site.open({ user: await site.app.user() });
    await fan.goTo('/create-event');
    const name = fan.page.getByLabel('Name', { exact: true });
    await name.fill('\u202eGala');
    await fan.page.getByLabel('Section', { exact: true }).fill('\u200b');
    await fan.button('Create the event').click();
    await expect.poll(() => errorBeside(fan.page, name)).toContain('direction of text');
    await name.fill('Gala');
    await fan.button('Create the event').click();
    const section = fan.page.getByLabel('Section', { exact: true });
    await expect.poll(() => errorBeside(fan.page, section)).toContain('visible character');
    await section.fill(STALLS);
    await fan.button('Create the event').click();
    await fan.page.waitForURL(/\/sales$/);
    expect(await fan.page.locator('.crumb bdi').textContent()).toBe('Gala');
  });
});
