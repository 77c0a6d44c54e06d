/** A seat's status, in one byte. */
export const AVAILABLE = 0;
export const LOCKED = 1;
export const BOOKED = 2;
/** The organizer does not sell the seat. */
export const OFF_SALE = 3;
/** A status that this version of the client does not know. Like all others but AVAILABLE, it means that nobody can have the seat. */
export const UNKNOWN = 4;
export const STATUSES = [AVAILABLE, LOCKED, BOOKED, OFF_SALE, UNKNOWN] as const;
export type Status = (typeof STATUSES)[number];

/** In the order of their numbers. */
const LETTERS = 'ALBX';
const NAMES: readonly string[] = ['AVAILABLE', 'LOCKED', 'BOOKED', 'OFF_SALE'];

const known = (index: number): Status => (index < 0 ? UNKNOWN : (index as Status));

/** @param letter of `SeatMap.statuses` */
export const statusOfLetter = (letter: string): Status => known(LETTERS.indexOf(letter));

/** @param name of the enum SeatStatus */
export const statusOfName = (name: string): Status => known(NAMES.indexOf(name));

/** The code of the letter that stands for the status in the digest. */
export const letterCodeOf = (status: Status): number => LETTERS.charCodeAt(status);
