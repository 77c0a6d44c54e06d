export {
  type ApiError,
  apiErrorOf,
  type ErrorCode,
  isSessionEnded,
  retryAfterMsOf,
  SeatMapError,
  seatsIn,
} from './api-error.js';
export { resumePauseMs } from './back-off.js';
export { createSeatMapClient, type SeatMapClient, type SeatMapClientOptions } from './client.js';
export { type Countdown, countdown } from './countdown.js';
export type { Extension } from './extend-locks.js';
export {
  type BookedSeat,
  type HeldSeat,
  type HeldSeats,
  heldSeatsAt,
  type OwnSeat,
  ownSeatsOf,
  type Reservations,
  type SeatPayment,
} from './held-seats.js';
export type { TypedDocument } from './http.js';
export type { LiveSeatMap, SeatMapSnapshot } from './live-seat-map.js';
export { newRequestId } from './request-id.js';
export type { ResumeDetector } from './resume-detector.js';
export { isRetryable, type RetryOptions, untilAnswered, WAIT_MS_MAX } from './retry.js';
export type { HoldSnapshot, SeatHold } from './seat-hold.js';
export { AVAILABLE, BOOKED, LOCKED, OFF_SALE, STATUSES, type Status, UNKNOWN } from './seat-status.js';
export { ANSWER_AFTER_RESUME_MS_MAX, ServerClock } from './server-clock.js';
export { guestSession, type Session, tokenSession } from './session.js';
export type { TextStorage } from './storage.js';
export type { Sink, Subscription } from './subscriber.js';
