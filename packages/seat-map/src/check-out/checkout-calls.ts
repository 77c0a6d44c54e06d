import { isSessionEnded } from '../core/api-error.js';
import {
  CheckOutDocument,
  ConfirmBookingsDocument,
  PaymentDocument,
  ViewerIdDocument,
} from '../core/generated/operations.js';
import type { Call } from '../core/session.js';
import type { CheckoutCalls } from './attempt.js';

/** A GraphQL Int has no more. */
const INT_MAX = 2 ** 31 - 1;

export const checkoutCalls = (call: Call): CheckoutCalls => ({
  async checkOut({ eventId, seatNumbers, total, isNamed, card, contactEmail, requestId }) {
    // A sum above GraphQL's Int can only come from prices, which the server knows.
    const expectedTotal = total.amount <= INT_MAX ? total : null;
    const input = {
      ...{ eventId, seatNumbers: [...seatNumbers], expectedTotal, simulatedCard: card ?? null },
      ...{ amount: isNamed ? total : null, contactEmail: contactEmail ?? null, requestId },
    };
    return (await call(CheckOutDocument, { input })).checkOut;
  },
  async confirm(paymentId) {
    const { payment } = await call(PaymentDocument, { paymentId });
    // The same on every device, so that the seats are booked once.
    const input = { lockIds: payment.lockIds, paymentId, requestId: `confirm ${paymentId}` };
    return { payment, bookings: (await call(ConfirmBookingsDocument, { input })).confirmBookings };
  },
  async viewerId() {
    try {
      return (await call(ViewerIdDocument, {})).me.id;
    } catch (error) {
      if (isSessionEnded(error)) return null;
      throw error;
    }
  },
});
