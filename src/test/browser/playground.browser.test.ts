import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { faintTexts } from '../support/contrast.js';
import { LOCK_SEAT } from '../support/operations.js';

/** The playground as a developer uses it: built, served under the content security policy, in a real browser. */
describeOnPage('the playground', {}, (site) => {
  test('goes through a booking and shows the live map, without another host and without console output', async () => {
    const page: Page = await site.browser.newPage({ viewport: { width: 1920, height: 1000 } });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== site.app.url)
        complaints.push(`asked ${url.origin}`);
    });

    await page.goto(`${site.app.url}/playground`);
    for (const step of [
      'StartGuest',
      'CreateEvent',
      'HoldSeats',
      'CheckOut',
      'ReadBooking',
      'MyBookings',
      'LockSeat',
      'Pay',
      'ConfirmBooking',
    ]) {
      expect(await run(page, step), step).not.toContain('"errors"');
    }
    expect(await site.app.database.bookings.countDocuments({ status: 'confirmed' })).toBe(3);

    await run(page, 'SeatAvailabilityChanged');
    await shown(page, '.result-window', '"SNAPSHOT"');
    const { _id: eventId } = (await site.app.database.events.findOne().lean()) ?? { _id: '' };
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 7 } }, await site.app.user());
    await shown(page, '.result-window', '"seatNumber": 7');

    expect(complaints).toEqual([]);
  });

  test('a tab that is pressed before the editors are there does not get the operation of another', async () => {
    const page = await site.browser.newPage({ viewport: { width: 1920, height: 1000 } });
    let bringEditors = () => {};
    const pressed = new Promise<void>((resolve) => {
      bringEditors = resolve;
    });
    await page.route('**/assets/lite-*.js', async (route) => {
      await pressed;
      await route.continue();
    });
    await page.goto(`${site.app.url}/playground`);
    const tab = page.locator('.graphiql-tab', { hasText: /^MyBookings/ });
    await tab.waitFor();
    await tab.click({ force: true });
    bringEditors();
    await shown(page, '.graphiql-query-editor', ' StartGuest');
    expect(await page.locator('.graphiql-tab-active').textContent()).toContain('StartGuest');
    await tab.click();
    await shown(page, '.graphiql-query-editor', ' MyBookings');
  });

  // Axe cannot check an editor, whose lines overlap.
  test.each(['light', 'dark'] as const)('in %s, all text has enough contrast', async (colorScheme) => {
    const page = await site.browser.newPage({ viewport: { width: 1920, height: 1000 }, colorScheme });
    await page.goto(`${site.app.url}/playground`);
    expect(await run(page, 'MyBookings')).toContain('"errors"');
    expect(await faintTexts(page)).toEqual([]);

    await page.getByRole('button', { name: /Documentation/ }).click();
    await page.locator('.graphiql-doc-explorer-type-name', { hasText: 'Mutation' }).click();
    await page.locator('.graphiql-doc-explorer-field-name', { hasText: 'lockSeat' }).first().waitFor();
    expect(await faintTexts(page)).toEqual([]);

    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('query ($a: [Int!] = [1, 2.5]) { event(id: "a\\q") { id @skip(if: true) na');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'name' }).first().waitFor();
    expect(await faintTexts(page)).toEqual([]);

    // Dark or light as its own setting says, or else as the system's.
    const other = colorScheme === 'dark' ? 'light' : 'dark';
    await expect.poll(() => baseOf(page)).toBe(BASES[colorScheme]);
    await choose(page, `graphiql-${other}`);
    await expect.poll(() => baseOf(page)).toBe(BASES[other]);
    await choose(page, 'none');
    await expect.poll(() => baseOf(page)).toBe(BASES[colorScheme]);
    await page.emulateMedia({ colorScheme: other });
    await expect.poll(() => baseOf(page)).toBe(BASES[other]);
  });
});

const BASES = { light: '180, 8%, 100%', dark: '180, 14%, 10%' };

/** The background colour of the page. */
const baseOf = (page: Page) =>
  page.evaluate(
    `getComputedStyle(document.querySelector('.graphiql-container')).getPropertyValue('--color-base')`,
  );

/** The way GraphiQL stores the theme chosen in its settings. */
const choose = (page: Page, theme: string) =>
  page.evaluate(
    `document.body.classList.remove('graphiql-light', 'graphiql-dark'), document.body.classList.add('${theme}')`,
  );

/** Opens a step's tab, runs it once the editors show it, and waits for its answer. */
async function run(page: Page, step: string): Promise<string> {
  await page.locator('.graphiql-tab', { hasText: new RegExp(`^${step}`) }).click();
  await shown(page, '.graphiql-query-editor', ` ${step}`);
  await page.locator('.graphiql-execute-button').click();
  await shown(page, '.result-window', '"data"');
  return (await page.locator('.result-window').textContent()) ?? '';
}

/** Waits until an editor contains the text, however it renders spaces. */
async function shown(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(editor, { hasText: new RegExp(text.replaceAll(' ', '\\s')) }).waitFor();
}
