/** The owner of a seat at the end, from the database. */
export interface FinalSeat {
  readonly seatNumber: number;
  /** As on the map. */
  readonly letter: 'A' | 'L' | 'B' | 'X';
  readonly lockId: string;
  readonly bookingId: string;
}

/** The seats when the database was read, after the last call of the history. */
export interface Finals {
  readonly seats: readonly FinalSeat[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** One operation on one seat, as the checker reads it. linearizability/seat.go defines each kind. */
export interface SeatOperation {
  readonly seat: number;
  readonly client: number;
  readonly call: number;
  readonly return: number | null;
  readonly kind:
    | 'lock'
    | 'extend'
    | 'release'
    | 'pay'
    | 'confirm'
    | 'cancel'
    | 'settle'
    | 'holdBack'
    | 'invite'
    | 'putBack'
    | 'read'
    | 'expiry'
    | 'final';
  readonly result: string;
  readonly user?: string;
  readonly lock?: string;
  readonly booking?: string;
  readonly request?: string;
  readonly origin?: string;
  readonly expires?: number;
}
