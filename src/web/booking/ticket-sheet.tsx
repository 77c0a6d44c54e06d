import type { TicketQuery } from '../graphql/generated/graphql.js';
import { formatDate } from '../text/time.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import { reasonInvalid } from './ticket-validity.js';
import './ticket.css';

/** The image's side in CSS pixels: four for each of the 73 modules of a QR code with its margin. */
const CODE_SIZE = 292;

type Shown = NonNullable<TicketQuery['ticket']>;

/** A ticket for a phone at the entrance and for one sheet of paper. */
export function TicketSheet({
  shown,
  reference,
}: {
  shown: Shown;
  /** Of the payment. Whoever only has the link does not see it. */
  reference?: string;
}) {
  const { event, place, ticket } = shown;
  const invalid = reasonInvalid(shown);
  useTitle(`Ticket, ${place.label}`);
  return (
    <div className="page narrow">
      <article className="ticket">
        <h1>
          <bdi>{event.name}</bdi>
        </h1>
        <p>
          <time dateTime={event.eventDate}>{formatDate(event.eventDate, event.timeZone)}</time>
        </p>
        {event.venue !== null && (
          <p>
            <bdi>{event.venue}</bdi>
          </p>
        )}
        <p className="ticket-place">
          <bdi>{place.label}</bdi>
        </p>
        {reference !== undefined && <p className="muted">Payment {reference}</p>}
        {ticket === null || invalid !== null ? (
          <Notice tone="warning">{invalid}</Notice>
        ) : (
          <>
            {ticket.checkedInAt !== null && (
              <Notice>Admitted: {formatDate(ticket.checkedInAt, event.timeZone)}</Notice>
            )}
            <img
              className="ticket-code"
              src={ticket.svgUrl}
              width={CODE_SIZE}
              height={CODE_SIZE}
              alt="QR code of this ticket, for the scanner at the entrance"
            />
            <p className="muted">
              Admits one person, once. Whoever has this code can use the ticket: show it only at the entrance.
            </p>
          </>
        )}
      </article>
      {ticket !== null && invalid === null && (
        <div className="row ticket-actions">
          <button type="button" className="button" onClick={() => print()}>
            Print
          </button>
          <a className="button" href={ticket.icsUrl} download="ticket.ics">
            Add to calendar
          </a>
        </div>
      )}
    </div>
  );
}
