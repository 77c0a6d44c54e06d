/** How many seats of an event are in which state. available + locked + booked + offSale = total. */
export interface SeatAvailability {
  readonly totalSeats: number;
  readonly availableSeats: number;
  /** Without expired locks. */
  readonly lockedSeats: number;
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
  /** Seats that the organizer holds back, without those whose time has passed. */
  readonly offSaleSeats: number;
}

export function seatAvailability(
  totalSeats: number,
  lockedSeats: number,
  bookedSeats: number,
  offSaleSeats: number,
): SeatAvailability {
  const availableSeats = totalSeats - lockedSeats - bookedSeats - offSaleSeats;
  return { totalSeats, availableSeats, lockedSeats, bookedSeats, offSaleSeats };
}
