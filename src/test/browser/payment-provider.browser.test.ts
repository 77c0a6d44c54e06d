import { describe, expect, onTestFinished, test } from 'vitest';
import { hasBrowser, launchBrowser, WEB_ROOT } from '../support/browser.js';
import { LOCK_SEATS } from '../support/operations.js';
import { HALL, Visitor } from '../support/seat-map-page.js';
import { TestApp } from '../support/test-app.js';

/** The page says who takes the money, and offers no payment where nobody does. */
describe.skipIf(!hasBrowser)('the page of an event', () => {
  test.each([
    ['simulated', 'Cards are simulated; nothing is charged.', 1],
    ['none', 'Nobody can pay here at present: seats can be held, not booked.', 0],
  ] as const)('with PAYMENT_PROVIDER=%s says "%s"', async (paymentProvider, words, payButtons) => {
    const app = await TestApp.start({ webRoot: WEB_ROOT, config: { paymentProvider } });
    const browser = await launchBrowser();
    onTestFinished(async () => {
      await browser.close();
      await app.close();
    });
    const user = await app.user();
    const eventId = await app.event(user, HALL);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1] } }, user);
    const fan = await Visitor.open(app, browser, { user });
    await fan.goToEvent(eventId);
    await fan.page.getByText(words).waitFor();
    await fan.held.getByText('seat 1').waitFor();
    expect(await fan.held.getByRole('button', { name: /^Pay/ }).count()).toBe(payButtons);
  });
});
