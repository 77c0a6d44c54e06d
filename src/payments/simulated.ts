import { SIMULATED } from '../booking/payment.js';
import type { RefundingProvider } from './payment-provider.js';

/** Charges nobody. A check-out decides itself what its card answers, so only refunds come here, and nothing is given back. */
export const simulatedProvider: RefundingProvider = {
  name: SIMULATED,
  refund: () => Promise.resolve(),
};
