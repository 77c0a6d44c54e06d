import { EventChangedDocument } from '../graphql/generated/graphql.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';

/** Keeps the cached event current: its status, sales window, prices and texts. Every part of the page shows the cached event. */
export function useEventChanges(eventId: string, isWanted = true): void {
  useLiveSubscription(EventChangedDocument, { variables: { eventId }, isWanted, ignoreResults: true });
}
