const DAY_SECONDS = 24 * 60 * 60;

/**
 * How long MongoDB keeps records that nothing refers to; its TTL indexes delete them. Never deleted are events, users,
 * bookings, locks that were booked or paid for, and payments that took money or may still do so.
 */

/** How long a client can be disconnected and still receive only the changes that it missed. */
export const CHANGES_KEPT_SECONDS = DAY_SECONDS;

/** How long a call can be repeated with its requestId. */
export const REQUESTS_KEPT_SECONDS = 30 * DAY_SECONDS;

/**
 * For locks that expired or were released without payment and booking, and for payments that their card refused at once.
 * A day longer than requests, so that the answer of a repeated call is deleted after its request, even if deletion is late.
 */
export const ENDED_LOCKS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;
export const REFUSED_PAYMENTS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;
