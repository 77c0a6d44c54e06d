export { type Attempt, awaitsBuyer, type Outcome, type Purchase, settled } from './attempt.js';
export { Checkout, type CheckoutState, createCheckout, type Order } from './checkout.js';
export { PAY_LATEST_MS } from './time-to-pay.js';
