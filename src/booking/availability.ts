/** How many seats of an event are in which state. available + locked + booked = total. */
export interface SeatAvailability {
  readonly totalSeats: number;
  readonly availableSeats: number;
  /** Without expired locks. */
  readonly lockedSeats: number;
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
}

export function seatAvailability(
  totalSeats: number,
  lockedSeats: number,
  bookedSeats: number,
): SeatAvailability {
  return { totalSeats, availableSeats: totalSeats - lockedSeats - bookedSeats, lockedSeats, bookedSeats };
}
