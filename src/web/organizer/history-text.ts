import type { SeatHistoryQuery } from '../graphql/generated/graphql.js';

type Entry = NonNullable<NonNullable<SeatHistoryQuery['event']>['history']>['nodes'][number];

/** What happened, for people. The API may have further kinds. */
const KINDS: Readonly<Record<string, string>> = {
  LOCKED: 'Held',
  EXTENDED: 'The hold was extended',
  RELEASED: 'Released',
  EXPIRED: 'Its time ran out, so the seat was free again',
  BOOKED: 'Paid and booked',
  PENDING: 'Booked; the payment was not settled yet',
  CONFIRMED: 'The payment was settled',
  CANCELLED: 'The booking was cancelled',
  TIMED_OUT: 'The payment did not come in time, so the booking ended',
  HELD_BACK: 'Held back',
  INVITED: 'Booked as an invitation',
  TRANSFERRED: 'It moved to the account in which the guest logged in',
};

const ACTORS: Readonly<Record<Entry['actor'], string>> = {
  BUYER: 'by the buyer',
  ORGANIZER: 'by an organizer',
  JOB: 'by the server, as time had passed',
  PROVIDER: 'by the payment provider',
};

/** "Its time ran out, so the seat was free again" */
export const kindText = (kind: string): string => KINDS[kind] ?? sentenceOf(kind);

export const actorText = (actor: Entry['actor']): string => ACTORS[actor] ?? '';

/** "Held back" for HELD_BACK. */
function sentenceOf(kind: string): string {
  const words = kind.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
