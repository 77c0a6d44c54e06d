/*
 * How long MongoDB keeps records that nothing refers to; its TTL indexes delete them. Never deleted are events, users,
 * bookings, locks that were booked or paid for, and payments that took money or may still do so, with their provider's ids. Guests are users; those
 * who have nothing are deleted by a job.
 */

const DAY_SECONDS = 24 * 60 * 60;

/** How long a client can be disconnected and still receive only the changes that it missed. */
export const CHANGES_KEPT_SECONDS = DAY_SECONDS;

/** How long the organizer can read what happened to a seat. */
export const LEDGER_KEPT_SECONDS = 400 * DAY_SECONDS;

/** How long a call can be repeated with its requestId. */
export const REQUESTS_KEPT_SECONDS = 30 * DAY_SECONDS;

/**
 * How long a lock is kept that expired or was released without payment and booking. One day longer than requests: the
 * record that a repeated call returns must outlive its request, even if MongoDB deletes late.
 */
export const ENDED_LOCKS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;

/** How long a payment is kept that its card refused at once. One day longer than requests, for the same reason. */
export const REFUSED_PAYMENTS_KEPT_SECONDS = REQUESTS_KEPT_SECONDS + DAY_SECONDS;

/** How long messages of the outbox are kept after they were sent, so that a person can look one up. */
export const SENT_MESSAGES_KEPT_SECONDS = 7 * DAY_SECONDS;

/** Longer, because a refund can fail at the customer's bank weeks after it was accepted. Then its message is given up. */
export const SENT_REFUNDS_KEPT_SECONDS = 90 * DAY_SECONDS;

/** How long a guest without payments, bookings and events is kept after the last token has expired. */
export const IDLE_GUESTS_KEPT_SECONDS = DAY_SECONDS;
