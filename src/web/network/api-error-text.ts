import { type ApiError, apiErrorOf, retryAfterMsOf } from 'seat-map';
import { formatMoney, type Money } from 'seat-map/map';
import { waitText } from '../text/time.js';

type Text = string | ((details: ApiError['details']) => string | undefined);

/** What an error code means to a person who books seats. Other codes show the server's message. */
const TEXTS: Readonly<Record<string, Text>> = {
  EVENT_NOT_FOUND: 'There is no such event.',
  EVENT_CLOSED: 'The event has begun: its seats are no longer sold.',
  SALE_NOT_OPEN: 'The sale has not begun yet.',
  SALE_PAUSED: 'The sale is paused. Try again later.',
  SEAT_NOT_FOUND: 'This event has no such seat. Reload the page.',
  SEAT_UNAVAILABLE: 'Somebody else was faster: these seats are taken.',
  SEAT_LIMIT_REACHED: ({ limit }) =>
    typeof limit === 'number' ? seatLimitText(limit) : 'You cannot have that many seats of this event.',
  LEAVES_ORPHAN:
    'These seats would leave a single seat free. Pick seats beside others, or take the best seats offered.',
  COMPANION_ONLY: 'A companion seat can only be had with the wheelchair seat beside it.',
  LOCK_NOT_FOUND: 'These seats are no longer held for you.',
  LOCK_EXPIRED: 'These seats are no longer held for you. Pick them again if they are still free.',
  HOLD_EXPIRED:
    'These seats are no longer held for you; nothing was paid. Pick them again if they are still free.',
  LOCK_ALREADY_USED: 'These seats are booked already. You find them under “My bookings”.',
  LOCK_ALREADY_PAID: 'These seats are paid for already.',
  LOCK_EXTENSION_LIMIT: 'These seats cannot be held longer.',
  AMOUNT_MISMATCH: ({ expectedAmount: amount, currency, atLeast }) => {
    if (typeof amount !== 'number' || typeof currency !== 'string') return undefined;
    const price = formatMoney({ amount, currency });
    return atLeast ? `These seats cost at least ${price}.` : `These seats cost ${price}.`;
  },
  TOTAL_CHANGED: ({ total }) => `These seats cost ${formatMoney(total as Money)} now; nothing was paid.`,
  PAYMENT_NOT_FOUND: 'There is no such payment among yours.',
  PAYMENT_MISMATCH: 'This payment is for other seats.',
  PAYMENT_FAILED: ({ reason }) =>
    typeof reason === 'string' ? `The payment did not go through: ${reason}.` : undefined,
  PAYMENT_ALREADY_SETTLED: 'The card network has answered already.',
  PAYMENT_PROVIDER_OTHER: 'Simulated cards are not taken here.',
  BOOKING_NOT_FOUND: 'There is no such booking among yours.',
  BOOKING_NOT_CANCELLABLE:
    'This booking can no longer be cancelled: the event has begun, or the ticket was used at the entrance.',
  TICKET_NOT_REISSUABLE: 'Only a confirmed booking whose ticket was not used yet gets a new ticket.',
  IDEMPOTENCY_CONFLICT: 'This was sent before with something else in it. Reload the page and try again.',
  REVISION_CONFLICT: 'Somebody else has changed this meanwhile. Reload the page and try again.',
  EMAIL_TAKEN: 'There is an account with this address already. Sign in with its password.',
  INVALID_CREDENTIALS: 'The address or the password is wrong.',
  RESET_LINK_INVALID:
    'This link was used already, or is too old. If you have set a new password, sign in with it.',
  UNAUTHENTICATED: 'Your session is over. Sign in again.',
  FORBIDDEN: 'Your account may not do this.',
  RATE_LIMITED: 'That was too much at once.',
  TOO_BUSY: 'The server is busy.',
  OUTCOME_UNKNOWN: 'It is not known whether that was done. See whether it was before you try again.',
  GRAPHQL_PARSE_FAILED: 'This page is older than the server. Reload it.',
  GRAPHQL_VALIDATION_FAILED: 'This page is older than the server. Reload it.',
  INTERNAL_SERVER_ERROR: ({ correlationId }) =>
    `Something went wrong on our side. If it does so again, tell us this: ${correlationId}`,
};

/** The text of any error, for a person. */
export function messageOf(error: unknown): string {
  const refusal = apiErrorOf(error);
  if (refusal === null) return 'The server cannot be reached. Check the connection and try again.';
  const waitMs = retryAfterMsOf(error);
  const text = apiErrorText(refusal);
  return waitMs === 0 ? text : `${text} Nothing was done; try again ${waitText(waitMs)}.`;
}

/** The page's text of a refusal. */
export function apiErrorText({ code, message, details }: ApiError): string {
  const text = TEXTS[code];
  return (typeof text === 'function' ? text(details) : text) ?? message;
}

/** How many seats of one event a person may have. */
export function seatLimitText(limit: number): string {
  return limit === 1
    ? 'One person can have 1 seat of this event.'
    : `One person can have at most ${limit.toLocaleString()} seats of this event.`;
}
