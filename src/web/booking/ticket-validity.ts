import type { TicketQuery } from '../graphql/generated/graphql.js';

type Ticket = Pick<NonNullable<TicketQuery['ticket']>, 'status' | 'ticket'> & {
  readonly event: { readonly status: NonNullable<TicketQuery['ticket']>['event']['status'] };
};

/** Why nobody is admitted with the ticket; null if it is valid. */
export function reasonInvalid({ status, event, ticket }: Ticket): string | null {
  if (status === 'PENDING')
    return 'Your payment is still pending. The ticket is here as soon as it is confirmed.';
  // The bookings of a large event are cancelled one after the other, and this one may still be confirmed.
  if (event.status === 'CANCELLED')
    return 'The event is cancelled, so the ticket is not valid. What was paid for it goes back.';
  if (status === 'CANCELLED') return 'This booking was cancelled, so the ticket is not valid.';
  return ticket === null ? 'This ticket was replaced by a newer one and is not valid any more.' : null;
}
