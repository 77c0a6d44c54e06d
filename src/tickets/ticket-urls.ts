/**
 * Addresses of a ticket, from the root of this server. Whoever has a code has the ticket, so the page's address has it in
 * the fragment, which browsers send to no server.
 */

export const TICKET_KEYS_URL = '/tickets/keys.json';
export const TICKET_SVG_URL = '/tickets/qr.svg';
export const TICKET_ICS_URL = '/tickets/event.ics';

/** A code has no characters that an address would have to escape. */
export const ticketSvgUrl = (code: string): string => `${TICKET_SVG_URL}?code=${code}`;
export const ticketIcsUrl = (code: string): string => `${TICKET_ICS_URL}?code=${code}`;

/** The page with the ticket. It needs no login. */
export const ticketPageUrl = (bookingId: string, code: string): string =>
  `/bookings/${bookingId}/ticket#${code}`;
