const DAY_SECONDS = 24 * 60 * 60;

/**
 * How long MongoDB keeps records that nothing comes back to; its TTL indexes delete them. Kept for good are events, users,
 * bookings, the locks that were booked or paid for, and every payment that took money or may still do so.
 */

/** How long a client can stay away and still be sent only what it missed. */
export const CHANGES_KEPT_SECONDS = DAY_SECONDS;

/** How long a call can be repeated under its requestId. */
export const REQUESTS_KEPT_SECONDS = 30 * DAY_SECONDS;

/**
 * Of locks that lapsed or were released, unpaid and unbooked, and of payments that their card refused at once. A day longer
 * than the requests: what a repeated call answers with goes after the request itself, however late the deletion runs.
 */
export const ENDED_LOCKS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;
export const REFUSED_PAYMENTS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;
