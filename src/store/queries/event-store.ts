import type { Event } from '../../catalog/event.js';
import type { EventSearch } from '../../catalog/event-search.js';
import type { Events } from '../../catalog/events.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';
import { isEventId } from '../../core/ids.js';
import type { Page, PageRequest } from '../../core/page.js';
import type { Database } from '../database.js';
import { EVENT_FIELDS, eventFrom, UNKNOWN_CREATION } from '../documents.js';
import type { EventDocument } from '../models/event.model.js';
import { isDuplicateKey } from '../mongo-errors.js';
import type { SeatingPlans } from './seating-plans.js';
import { pageStages, upcomingMatch } from './upcoming-events.js';

export class EventStore implements Events {
  constructor(
    private readonly database: Database,
    private readonly plans: SeatingPlans,
  ) {}

  seatingPlan(event: Event): Promise<SeatingPlan> {
    return this.plans.of(event);
  }

  storedPlan(planId: string): Promise<SeatingPlan | null> {
    return this.plans.find(planId);
  }

  async insert({ id, unbookedSeats, sections, ...rest }: Event, plan: SeatingPlan | null): Promise<boolean> {
    // First, so that no event is ever without its plan.
    if (plan !== null && rest.planId !== null) await this.plans.insert(rest.planId, plan);
    const document: EventDocument = {
      _id: id,
      ...rest,
      availableSeats: unbookedSeats,
      sections: [...sections],
      cancellation: null,
      turn: 0,
      recentBatchIds: [],
    };
    try {
      await this.database.events.create(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async find(id: string): Promise<Event | null> {
    return (await this.findMany([id]))[0] ?? null;
  }

  async findMany(ids: readonly string[]): Promise<(Event | null)[]> {
    const valid = ids.filter(isEventId);
    const documents =
      valid.length === 0
        ? []
        : await this.database.events
            .find({ _id: { $in: valid } }, EVENT_FIELDS)
            .lean<EventDocument[]>()
            .exec();
    const byId = new Map(documents.map((document) => [document._id, eventFrom(document)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async upcoming(now: Date, search: EventSearch, { first, after }: PageRequest): Promise<Page<Event>> {
    const documents = await this.database.events
      .aggregate<EventDocument>([
        { $match: { ...upcomingMatch(now, search), isDraft: { $ne: true } } },
        ...pageStages(search.order, after, first + 1),
      ])
      .exec();
    return pageOf(documents, first);
  }

  async changeOrganizer(fromUserId: string, toUserId: string): Promise<void> {
    await this.database.events
      .updateMany({ organizerId: fromUserId }, { organizerId: toUserId }, { timestamps: false })
      .exec();
  }

  async organizedBy(userId: string, { first, after }: PageRequest): Promise<Page<Event>> {
    // Events of earlier releases have no creation date, and come last.
    const withoutDate = { createdAt: null };
    const older = after && [
      { createdAt: { $lt: after.at } },
      { createdAt: after.at, _id: { $lt: after.id } },
      withoutDate,
    ];
    const isPastDates = after?.at.getTime() === UNKNOWN_CREATION.getTime();
    const behind = isPastDates ? { ...withoutDate, _id: { $lt: after?.id } } : older && { $or: older };
    const documents = await this.database.events
      .find({ organizerId: userId, ...behind }, EVENT_FIELDS)
      .sort({ createdAt: -1, _id: -1 })
      .limit(first + 1)
      .lean<EventDocument[]>()
      .exec();
    return pageOf(documents, first);
  }
}

/** @param documents one more than the page has, if there are more */
function pageOf(documents: readonly EventDocument[], first: number): Page<Event> {
  return { nodes: documents.slice(0, first).map(eventFrom), hasNextPage: documents.length > first };
}
