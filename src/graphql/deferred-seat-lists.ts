import { randomUUID } from 'node:crypto';
import { type GraphQLObjectType, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import type { SeatState } from '../booking/seat-state.js';
import type { CallerLimits } from './caller-limits.js';
import { SAMPLE_SEAT, type SeatTemplate, seatListJson } from './seat-list-json.js';

/** A list counts as one more call for every so many seats. */
const SEATS_PER_CALL = 20_000;

/**
 * Marks the place of a list in an answer. It is random, so that no client can put it into a name or an id. JSON.rawJSON
 * could replace it, but Node.js 20 does not have it.
 */
const PLACEHOLDER = randomUUID();
const PLACEHOLDERS = new RegExp(`"${PLACEHOLDER} (\\d+)"`);
let placeholders = 0;

/** The JSON of lists, by the number of their placeholder. */
export type DeferredLists = Map<string, Buffer>;

/**
 * The lists of taken seats of one operation. graphql-js executes each list with one sample seat only, which shows the fields
 * of every seat. The list itself is added to the answer as text: executing 100,000 seats would block the process for half a
 * second. Apollo Server and graphql-ws serialise the answer themselves, so a placeholder stands for the list until then.
 */
export class DeferredSeatLists {
  readonly #lists: { readonly path: GraphQLResolveInfo['path']; readonly seats: readonly SeatState[] }[] = [];

  defer(seats: readonly SeatState[], path: GraphQLResolveInfo['path']): readonly SeatState[] {
    if (seats.length === 0) return seats;
    this.#lists.push({ path, seats });
    return [SAMPLE_SEAT];
  }

  /** Replaces the samples in executed data by placeholders. */
  takeDeferred(data: unknown): DeferredLists {
    const deferred: DeferredLists = new Map();
    for (const { path, seats } of this.#lists.splice(0)) {
      const parent = path.prev === undefined ? undefined : valueAt(data, path.prev);
      const sample = parent?.[path.key];
      // An object around the list may be null because of an error.
      if (parent !== undefined && Array.isArray(sample))
        parent[path.key] = placeholderFor(seats, sample[0], deferred);
    }
    return deferred;
  }
}

/** Adds a list to `deferred`. @returns its placeholder */
export function placeholderFor(
  seats: readonly SeatState[],
  template: SeatTemplate,
  deferred: DeferredLists,
): string {
  placeholders += 1;
  deferred.set(String(placeholders), seatListJson(seats, template));
  return `${PLACEHOLDER} ${placeholders}`;
}

/** Replaces the placeholders in an answer's JSON by their lists, which are removed from `deferred`. Several answers may share the parts. */
export function fillPlaceholders(text: string, deferred: DeferredLists): Buffer[] {
  return text.split(PLACEHOLDERS).map((part, index) => {
    if (index % 2 === 0) return Buffer.from(part);
    const list = deferred.get(part);
    deferred.delete(part);
    if (list === undefined) throw new Error('A deferred list of seats is missing.');
    return list;
  });
}

/** What deferring uses of a call's context. */
interface DeferringContext {
  readonly limits: Pick<CallerLimits, 'furtherCalls'>;
  readonly deferredSeatLists: DeferredSeatLists;
}

/** Defers the lists of `SeatMap`. Those of live updates are deferred by the broadcast. */
export function deferSeatLists(schema: GraphQLSchema): void {
  const fields = (schema.getType('SeatMap') as GraphQLObjectType | undefined)?.getFields();
  for (const name of ['takenSeats', 'lockedSeats'] as const) {
    const field = fields?.[name];
    if (field === undefined) throw new Error(`The schema has no SeatMap.${name} to defer.`);
    field.resolve = (
      { [name]: seats }: Record<typeof name, readonly SeatState[]>,
      _args,
      { limits, deferredSeatLists }: DeferringContext,
      { path },
    ) => {
      limits.furtherCalls(Math.floor(seats.length / SEATS_PER_CALL));
      return deferredSeatLists.defer(seats, path);
    };
  }
}

function valueAt(
  data: unknown,
  { key, prev }: GraphQLResolveInfo['path'],
): Record<string | number, unknown> | undefined {
  const parent = prev === undefined ? (data as Record<string | number, unknown>) : valueAt(data, prev);
  return (parent?.[key] ?? undefined) as Record<string | number, unknown> | undefined;
}
