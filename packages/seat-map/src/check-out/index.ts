export { awaitsBuyer, type Outcome, type Purchase, settled } from './attempt.js';
export { Checkout, type CheckoutState, createCheckout, type Order } from './checkout.js';
export { expiredSince } from './expired-locks.js';
export type { Attempt } from './journal.js';
export { PAY_LATEST_MS } from './time-to-pay.js';
