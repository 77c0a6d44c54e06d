import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { countText } from 'seat-map/map';
import {
  type EventSettingsFragment,
  type EventSummaryFragment,
  PauseSaleDocument,
  ResumeSaleDocument,
  UpdateEventDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { formatDate } from '../text/time.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { CancelEvent } from './cancel-event.js';
import { EventSettingsForm } from './event-settings-form.js';

const STATUS_TEXTS: Readonly<Record<EventSettingsFragment['status'], string>> = {
  DRAFT: 'Draft: you alone see the event.',
  SCHEDULED: 'The sale has not started yet.',
  ON_SALE: 'On sale.',
  PAUSED: 'Paused: nothing can be held. What is held can be paid.',
  SOLD_OUT: 'Sold out.',
  ENDED: 'The sale has ended.',
  CANCELLED: 'Cancelled. Every booking is paid back.',
};

/** A sold-out event may have seats again: bookings time out and are cancelled. */
const PAUSABLE: readonly EventSettingsFragment['status'][] = ['ON_SALE', 'SCHEDULED', 'SOLD_OUT'];

/** The organizer publishes, pauses, resumes, changes and cancels the event. */
export function SaleControls({ event }: { event: EventSummaryFragment }) {
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const [isWorking, setWorking] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const [isCancelling, setCancelling] = useState(false);
  const [problem, setProblem] = useState<string>();

  const run = async (change: () => Promise<unknown>) => {
    if (isWorking) return;
    setWorking(true);
    setProblem(undefined);
    try {
      await change();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setWorking(false);
    }
  };
  const variables = { eventId: event.id };
  const isCancelled = event.status === 'CANCELLED';
  // Repeating these changes nothing.
  const pause = () => untilAnswered(() => client.mutate({ mutation: PauseSaleDocument, variables }));
  const resume = () => untilAnswered(() => client.mutate({ mutation: ResumeSaleDocument, variables }));
  const publish = () => {
    const input = { ...variables, ifRevision: event.revision, published: true };
    return client.mutate({ mutation: UpdateEventDocument, variables: { input } });
  };

  const action = (label: string, change: () => Promise<unknown>) => (
    <button type="button" className="button" aria-disabled={isWorking} onClick={() => void run(change)}>
      {label}
    </button>
  );
  return (
    <section className="sale-controls" aria-label="Sale">
      <p role="status">{STATUS_TEXTS[event.status]}</p>
      <div className="row">
        {event.status === 'DRAFT' && action('Publish', publish)}
        {PAUSABLE.includes(event.status) && action('Pause the sale', pause)}
        {event.status === 'PAUSED' && action('Resume the sale', resume)}
        {!isCancelled && (
          <>
            <button type="button" className="button" onClick={() => setEditing(true)}>
              Change the event
            </button>
            <button type="button" className="button" onClick={() => setCancelling(true)}>
              Cancel the event
            </button>
          </>
        )}
      </div>
      {event.cancellation != null && <CancellationProgress event={event} cancellation={event.cancellation} />}
      {isCancelling && <CancelEvent event={event} onClose={() => setCancelling(false)} />}
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      {isEditing && (
        <Modal title="Change the event" onClose={() => setEditing(false)}>
          <EventSettingsForm event={event} onDone={() => setEditing(false)} />
        </Modal>
      )}
    </section>
  );
}

/** When and why, and how many bookings are still to be ended. */
function CancellationProgress({
  event: { timeZone },
  cancellation: { at, reason, bookingsLeft },
}: {
  event: Pick<EventSummaryFragment, 'timeZone'>;
  cancellation: NonNullable<EventSummaryFragment['cancellation']>;
}) {
  return (
    <>
      <p className="muted">Cancelled on {formatDate(at, timeZone)}.</p>
      {reason != null && (
        <p className="cancel-reason">
          <bdi>{reason}</bdi>
        </p>
      )}
      <p role="status">
        {bookingsLeft === 0
          ? 'All bookings are cancelled, and what was paid goes back.'
          : `${countText(bookingsLeft)} ${bookingsLeft === 1 ? 'booking is' : 'bookings are'} still to be cancelled and paid back. This goes on by itself.`}
      </p>
    </>
  );
}
