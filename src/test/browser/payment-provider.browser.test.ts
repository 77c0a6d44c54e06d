import { expect, onTestFinished, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { FakeStripe, STRIPE_KEYS } from '../support/fake-stripe.js';
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

  test('with PAYMENT_PROVIDER=stripe is paid in the form of Stripe, which alone the policy lets in', async () => {
    const stripe = await FakeStripe.start();
    onTestFinished(() => stripe.close());
    const app = await site.ownServer({ paymentProvider: 'stripe', ...STRIPE_KEYS, stripeApiUrl: stripe.url });
    const user = await app.user();
    const eventId = await app.event(user, EVENT_INPUT);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1] } }, user);
    const fan = await site.open({ user }, app);
    const { page } = fan;
    await page.route('https://js.stripe.com/**', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: STRIPE_JS }),
    );
    let cards = 0;
    await page.exposeFunction('payAtStripe', async (clientSecret: string) => {
      const intent = [...stripe.intents.values()].find((each) => each.client_secret === clientSecret);
      if (intent === undefined) throw new Error('There is no such PaymentIntent');
      // The first card is declined.
      if (cards++ === 0) return 'Your card was declined.';
      stripe.pay(intent);
      return null;
    });
    await fan.goToEvent(eventId);
    await fan.held.getByRole('button', { name: /^Pay/ }).click();
    expect(await page.getByText('Simulated card').count()).toBe(0);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Pay $45.00' }).click();
    await dialog.getByText('The form of Stripe').waitFor();
    expect(await page.getByText('The simulated card network').count()).toBe(0);
    // A reload in the middle of it brings the same payment back.
    await page.reload();
    await dialog.getByText('The form of Stripe').waitFor();
    // So does a button beside the booking, once the dialog was closed.
    await dialog.getByRole('button', { name: 'Back to the map' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pay now' }).click();
    await dialog.getByText('The form of Stripe').waitFor();
    await dialog.getByRole('button', { name: 'Pay $45.00' }).click();
    await dialog.getByText('Your card was declined.').waitFor();
    await dialog.getByRole('button', { name: 'Pay $45.00' }).click();
    await dialog.getByText('The payment is made.').waitFor();
    await stripe.deliver(app.url, app.clock.now().getTime());
    await dialog.getByText('Paid and booked.').waitFor();
    expect(stripe.intents.size).toBe(1);
    // Once for each load of the page, and no other host.
    expect(new Set(fan.complaints)).toEqual(new Set(['asked https://js.stripe.com']));

    const policy = async (url: string) => (await fetch(url)).headers.get('content-security-policy') ?? '';
    const hosts = [...(await policy(app.url)).matchAll(/https:[^ ;]+/g)].map(([host]) => host);
    expect(new Set(hosts)).toEqual(
      new Set([
        'https://js.stripe.com',
        'https://*.js.stripe.com',
        'https://hooks.stripe.com',
        'https://api.stripe.com',
      ]),
    );
    expect(await policy(site.app.url)).not.toContain('stripe');
  });
});

/** Stands for Stripe.js: no test calls Stripe. */
const STRIPE_JS = `window.Stripe = () => {
  let secret;
  return {
    retrievePaymentIntent: async () => ({ paymentIntent: { status: 'requires_payment_method' } }),
    elements: ({ clientSecret }) => {
      secret = clientSecret;
      return {
        create: () => ({
          mount: (place) => { place.textContent = 'The form of Stripe'; },
          on: (event, listener) => { if (event === 'ready') setTimeout(listener, 0); },
          destroy: () => {},
        }),
      };
    },
    confirmPayment: async () => {
      const message = await window.payAtStripe(secret);
      return message === null ? { paymentIntent: { status: 'succeeded' } } : { error: { message } };
    },
  };
};`;
