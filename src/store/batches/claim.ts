import type { mongo } from 'mongoose';
import type { Command } from '../../booking/commands.js';
import type { Forecast } from '../../booking/forecast.js';
import type { Event } from '../../catalog/event.js';
import type { Database } from '../database.js';
import { eventFrom } from '../documents.js';
import type { EventDocument } from '../models/event.model.js';
import { readOne } from './combined-read.js';
import { runStatement } from './statement.js';

/** Batch ids that an event keeps: more than other processes commit while one process looks up its own batch. */
export const RECENT_BATCHES_MAX = 64;

/** The commands of one event, in the order in which they are decided. */
export interface EventCommands {
  readonly eventId: string;
  readonly commands: readonly Command[];
}

/** An event that a batch claims, with what the batch will most likely add to its figures. */
export interface Claim extends EventCommands {
  readonly forecast: Forecast;
}

/** An event as its claim left it. The claim writes every figure, even if it adds 0, so that none is missing. */
export type ClaimedEvent = Omit<EventDocument, 'recentBatchIds' | 'claimedAt' | 'amountPaid'> & {
  recentBatchIds?: string[];
  claimedAt: Date;
  amountPaid: number;
};

/**
 * What a claim writes as the time of its batch. In production it is the database's time, since the clocks of the server
 * processes differ; in a test it is the clock that the test moves.
 */
export type BatchTime = () => '$$NOW' | Date;
export const databaseTime: BatchTime = () => '$$NOW';

/** Claims events, as the first statement of a batch's transaction. */
export class Claims {
  constructor(
    private readonly database: Database,
    private readonly time: BatchTime,
  ) {}

  /**
   * Increments the fencing tokens of the events and sets the time of the batch in each. The same statement adds the
   * forecast to the events' figures.
   *
   * @param withBatchIds whether to read the events' recent batch ids: few need them, and they are most of an event
   * @returns the events that exist, as they are now
   */
  async claim(
    session: mongo.ClientSession,
    batchId: string,
    claims: readonly Claim[],
    withBatchIds: boolean,
  ): Promise<Map<string, ClaimedEvent>> {
    const fields = withBatchIds ? {} : { recentBatchIds: 0 };
    const [first] = claims;
    if (first !== undefined && claims.length === 1) {
      const events = this.database.events.collection as unknown as mongo.Collection<ClaimedEvent>;
      const options = { session, returnDocument: 'after', projection: fields } as const;
      const event = await events.findOneAndUpdate(
        { _id: first.eventId },
        this.#update(batchId, first),
        options,
      );
      return new Map(event === null ? [] : [[event._id, event]]);
    }
    // All processes claim in the same order, so that one of two competing batches succeeds.
    const inOrder = [...claims].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
    const updates = inOrder.map((claim) => ({ q: { _id: claim.eventId }, u: this.#update(batchId, claim) }));
    const update = this.database.events.collection.collectionName;
    await runStatement(this.database, session, { update, updates });
    const events = await readOne<ClaimedEvent>(this.database, session, {
      model: this.database.events,
      match: { _id: { $in: claims.map(({ eventId }) => eventId) } },
      fields,
    });
    return new Map(events.map((event) => [event._id, event]));
  }

  /** An update pipeline, because only pipelines know the database's time. They have no `$inc` and no `$push`. */
  #update(batchId: string, { forecast: { version, bookedSeats, amountPaid } }: Claim): object[] {
    const recentBatchIds = { $concatArrays: ['$recentBatchIds', [batchId]] };
    return [
      {
        $set: {
          turn: { $add: ['$turn', 1] },
          version: { $add: ['$version', version] },
          bookedSeats: { $add: ['$bookedSeats', bookedSeats] },
          availableSeats: { $subtract: ['$availableSeats', bookedSeats] },
          // Events of earlier releases may not have it.
          amountPaid: { $add: [{ $ifNull: ['$amountPaid', 0] }, amountPaid] },
          recentBatchIds: { $slice: [recentBatchIds, -RECENT_BATCHES_MAX] },
          // If a newly elected primary's clock is behind, the event's time stands still until that clock passes it.
          claimedAt: { $max: ['$claimedAt', this.time()] },
        },
      },
    ];
  }
}

/** The claimed event without the forecast, which is not decided yet. */
export function withoutForecast(
  document: ClaimedEvent,
  { version, bookedSeats, amountPaid }: Forecast,
): Event {
  const event = eventFrom(document);
  return {
    ...event,
    version: event.version - version,
    bookedSeats: event.bookedSeats - bookedSeats,
    unbookedSeats: event.unbookedSeats + bookedSeats,
    amountPaid: event.amountPaid - amountPaid,
  };
}
