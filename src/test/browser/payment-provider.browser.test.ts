import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { LOCK_SEATS } from '../support/operations.js';
import { EVENT_INPUT } from '../support/seat-map-page.js';

/** The page names the payment provider, and offers no payment without one. */
describeOnPage('the page of an event', {}, (site) => {
  test.each([
    ['simulated', 'Cards are simulated; nothing is charged.', 1],
    ['none', 'Nobody can pay here at present: seats can be held, not booked.', 0],
  ] as const)('with PAYMENT_PROVIDER=%s says "%s"', async (paymentProvider, text, payButtons) => {
    const app = await site.ownServer({ paymentProvider });
    const user = await app.user();
    const eventId = await app.event(user, EVENT_INPUT);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1] } }, user);
    const fan = await site.open({ user }, app);
    await fan.goToEvent(eventId);
    await fan.page.getByText(text).waitFor();
    await fan.held.getByText('seat 1').waitFor();
    expect(await fan.held.getByRole('button', { name: /^Pay/ }).count()).toBe(payButtons);
  });
});
