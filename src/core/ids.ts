import { createHash } from 'node:crypto';
import { customAlphabet } from 'nanoid';

/**
 * Ids are lower-case letters and digits. An event's id is a fixed part of the id of each of its locks, bookings and
 * payments, so that a command finds its event's queue without a look-up:
 *
 *     event    k3v9c2m8q1xw
 *     lock     lock_k3v9c2m8q1xw_x0p7r5d2n4b6a1s8
 *     booking  book_k3v9c2m8q1xw_x0p7r5d2n4b6a1s8   (the rest is its lock's)
 *     section  sec_k3v9c2m8q1xw_3                     (its place among the event's sections, from 1)
 *     payment  pay_20261122_1015_k3v9c2m8q1xw…        (year, month, day _ hour, minute, in UTC)
 */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const EVENT_ID_LENGTH = 12; // 62 bits; a unique index refuses a collision
const RANDOM_LENGTH = 16; // 82 bits, which nobody can guess

const eventPart = customAlphabet(ALPHABET, EVENT_ID_LENGTH);
const randomPart = customAlphabet(ALPHABET, RANDOM_LENGTH);

const CORRELATION_ID = /^[0-9A-Za-z_-]{1,64}$/;
const EVENT_ID = new RegExp(`^[0-9a-z]{${EVENT_ID_LENGTH}}$`);
const LOCK_ID = new RegExp(`^lock_([0-9a-z]{${EVENT_ID_LENGTH}})_[0-9a-z]{${RANDOM_LENGTH}}$`);
const BOOKING_ID = new RegExp(`^book_([0-9a-z]{${EVENT_ID_LENGTH}})_[0-9a-z]{${RANDOM_LENGTH}}$`);
const SECTION_ID = new RegExp(`^sec_([0-9a-z]{${EVENT_ID_LENGTH}})_([1-9][0-9]{0,2})$`);
const PAYMENT_ID = new RegExp(`^pay_\\d{8}_\\d{4}_([0-9a-z]{${EVENT_ID_LENGTH}})[0-9a-z]{${RANDOM_LENGTH}}$`);

export const newEventId = (): string => eventPart();
/** The same id for the same call, so that the database refuses a second event for one requestId. */
export function eventIdOfRequest(userId: string, requestId: string): string {
  const hash = createHash('sha256').update(`${userId}:${requestId}`).digest();
  const number = hash.readBigUInt64BE() % BigInt(ALPHABET.length) ** BigInt(EVENT_ID_LENGTH);
  return number.toString(ALPHABET.length).padStart(EVENT_ID_LENGTH, '0');
}
export const newUserId = (): string => randomPart();
export const newBatchId = (): string => randomPart();
/** Of a mail without a cause that has an id. */
export const newMailId = (): string => `mail_${randomPart()}`;
export const newProcessId = (): string => randomPart();
/** Joins the log lines of one call. It is all that a client sees of a fault. */
export const newCorrelationId = (): string => randomPart();
/** The caller's own id if it is valid. It is written to the log and to a response header, so it must be short and plain. */
export const correlationIdFrom = (given: unknown): string =>
  typeof given === 'string' && CORRELATION_ID.test(given) ? given : newCorrelationId();
export const newLockId = (eventId: string): string => `lock_${eventId}_${randomPart()}`;
/** A lock becomes one booking at most, so its id gives the booking's. Which locks are booked is known only in the decision. */
export const bookingIdOfLock = (lockId: string): string => lockId.replace(/^lock_/, 'book_');

export function newPaymentId(eventId: string, now: Date): string {
  const minute = now.toISOString().slice(0, 16).replace('T', '_').replace(/[-:]/g, '');
  return `pay_${minute}_${eventId}${randomPart()}`;
}

export const isEventId = (id: string): boolean => EVENT_ID.test(id);

/** The event's part of a lock's id, or undefined if the text is not a lock's id. */
export const eventInLockId = (lockId: string): string | undefined => LOCK_ID.exec(lockId)?.[1];
export const eventInBookingId = (bookingId: string): string | undefined => BOOKING_ID.exec(bookingId)?.[1];
export const eventInPaymentId = (paymentId: string): string | undefined => PAYMENT_ID.exec(paymentId)?.[1];
/** The event's part of the id of a lock, booking or payment. */
export const eventInRecordId = (id: string): string | undefined =>
  eventInLockId(id) ?? eventInBookingId(id) ?? eventInPaymentId(id);

export const sectionId = (eventId: string, index: number): string => `sec_${eventId}_${index + 1}`;
/** Which of the event's sections the id names, or undefined if the text is no id of a section of this event. */
export function sectionIndexIn(eventId: string, id: string): number | undefined {
  const [, event, number] = SECTION_ID.exec(id) ?? [];
  return event === eventId ? Number(number) - 1 : undefined;
}
