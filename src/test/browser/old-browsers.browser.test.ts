import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { EVENT_INPUT } from '../support/seat-map-page.js';

/** Features that a three-year-old browser lacks are removed from this one before the page's own code runs. */

/** Newer than Chrome 111, Firefox 114 or Safari 16.4. Some of the page's libraries use them if they exist. */
const NEWER_THAN_THE_OLDEST = `
  for (const [owner, names] of [
    [AbortSignal, ['any']],
    [Array, ['fromAsync']],
    [Array.prototype, ['toSorted', 'toReversed', 'toSpliced', 'with']],
    [Object, ['groupBy']],
    [Map, ['groupBy']],
    [Promise, ['withResolvers', 'try']],
    [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']],
    [String.prototype, ['isWellFormed', 'toWellFormed']],
    [URL, ['canParse', 'parse']],
    [Intl, ['supportedValuesOf', 'DurationFormat', 'Segmenter']],
    [RegExp, ['escape']],
    [Element.prototype, ['checkVisibility', 'setHTMLUnsafe']],
    [HTMLElement.prototype, ['showPopover', 'hidePopover', 'togglePopover']],
    [Document.prototype, ['startViewTransition']],
    [globalThis, ['scheduler', 'Iterator', 'requestIdleCallback', 'cancelIdleCallback', 'navigation', 'CloseWatcher']],
  ])
    for (const name of names) delete owner[name];`;

describeOnPage('the seat map in an older browser', {}, (site) => {
  test('a booking and a new event are made in a three-year-old browser', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open({ user: await site.app.user() });
    await fan.page.addInitScript(NEWER_THAN_THE_OLDEST);
    await fan.goToEvent(eventId);
    expect(await fan.page.evaluate('"any" in AbortSignal || "supportedValuesOf" in Intl')).toBe(false);
    await fan.click(eventId, 5, 6);
    await fan.hold();
    await fan.pay('Everyday card');
    await fan.page.getByRole('heading', { name: 'The seats are yours' }).waitFor();
    for (const path of ['/', '/bookings', '/payments', '/my-events']) {
      await fan.goTo(path);
      await fan.page.locator('main h1').waitFor();
    }
    await fan.goTo('/create-event');
    await fan.page.getByLabel('Name', { exact: true }).fill('Jazz in the Courtyard');
    await fan.page.getByLabel(/Date and time/).fill('2031-05-01T19:30');
    await fan.button('Create the event').click();
    await fan.page.getByText('No bookings yet.').waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test('without :has in its style sheets, picking and paying on a phone do not cover each other', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const fan = await site.open({ user: await site.app.user(), width: 320, height: 700 });
    // A browser that does not know `:has` drops a rule with such a selector.
    await fan.page.route('**/*.css', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll(':has(', ':unknown-pseudo-class(');
      return route.fulfill({ response, body, headers: { 'content-type': 'text/css' } });
    });
    await fan.goToEvent(eventId);
    await fan.walkTo(1, 1);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await fan.walkTo(1, 2);
    await fan.page.keyboard.press('Enter');
    const hold = fan.page.getByRole('button', { name: /^Hold this seat/ });
    await hold.click({ trial: true });
    await fan.payButton.click();
    await fan.page.getByRole('dialog', { name: 'Pay' }).waitFor();
    expect(fan.complaints).toEqual([]);
  });

  test.each([
    ['delete globalThis.CompressionStream', 'AbortSignal.any and much else'],
    ['delete CanvasRenderingContext2D.prototype.roundRect', 'rounded rectangles'],
  ])(
    'a browser that is too old for the page gets one sentence that says so, and nothing else (%s)',
    async (lack) => {
      const fan = await site.open();
      await fan.page.addInitScript(lack);
      const calls: string[] = [];
      fan.page.on('request', (request) => request.url().endsWith('/graphql') && calls.push(request.url()));
      await fan.goTo('/');
      await fan.page.getByText(/^\s*This browser is too old for the seat map\. It needs Chrome/).waitFor();
      await fan.page.waitForLoadState('networkidle');
      expect(await fan.page.getByText('Loading…').isVisible()).toBe(false);
      expect([calls, fan.complaints]).toEqual([[], []]);
    },
  );
});
