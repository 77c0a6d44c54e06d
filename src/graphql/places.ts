import type { Event } from '../catalog/event.js';
import type { Events } from '../catalog/events.js';
import { placeOf } from '../catalog/place.js';
import type { GraphQLContext } from './context.js';
import { type PlaceType, placeType } from './types/section.type.js';

/** A seat of a record: its event exists, and the event has the seat. */
interface SeatOfRecord {
  readonly id: string;
  readonly eventId: string;
  readonly seatNumber: number;
}

/** The event of a lock, a booking or a payment. */
export async function eventOfRecord(
  { id, eventId }: Omit<SeatOfRecord, 'seatNumber'>,
  { loaders }: GraphQLContext,
): Promise<Event> {
  const event = await loaders.event.load(eventId);
  if (event === null) throw new Error(`The event of ${id} is missing.`);
  return event;
}

/** The place of a lock's or a booking's seat. */
export async function placeOfRecord(
  record: SeatOfRecord,
  events: Events,
  context: GraphQLContext,
): Promise<PlaceType> {
  const event = await eventOfRecord(record, context);
  const place = placeOf(event, await events.seatingPlan(event), record.seatNumber);
  if (place === null) throw new Error(`The seat of ${record.id} is missing.`);
  return placeType(event, place);
}
