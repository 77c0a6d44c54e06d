import { randomUUID } from 'node:crypto';
import { type GraphQLObjectType, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import type { SeatState } from '../booking/change.js';
import type { GraphQLContext } from './context.js';
import { SAMPLE_SEAT, type SeatTemplate, seatListJson } from './seat-list-json.js';

/** Taken seats whose list counts as a call more. */
const SEATS_PER_CALL = 20_000;

/** Stands in an answer where a list is to be put in. Nobody else can know it, and so nobody can write it. */
const PLACEHOLDER = randomUUID();
const PLACEHOLDERS = new RegExp(`"${PLACEHOLDER} (\\d+)"`);
let placeholders = 0;

/** Texts by the numbers of the marks that they take the place of. */
export type DeferredLists = Map<string, Buffer>;

/**
 * The lists of taken seats of one operation. Each is executed on a sample alone, which tells what every seat becomes, and
 * is put into the answer as text: of a large hall the execution would keep everybody waiting.
 */
export class DeferredSeatLists {
  readonly #lists: { readonly path: GraphQLResolveInfo['path']; readonly seats: readonly SeatState[] }[] = [];

  defer(seats: readonly SeatState[], path: GraphQLResolveInfo['path']): readonly SeatState[] {
    if (seats.length === 0) return seats;
    this.#lists.push({ path, seats });
    return [SAMPLE_SEAT];
  }

  /** Puts marks in the place of the samples of what was executed. */
  takeDeferred(data: unknown): DeferredLists {
    const deferred: DeferredLists = new Map();
    for (const { path, seats } of this.#lists.splice(0)) {
      const parent = path.prev === undefined ? undefined : valueAt(data, path.prev);
      const rows = parent?.[path.key];
      // What is around it may have come to nothing.
      if (parent !== undefined && Array.isArray(rows))
        parent[path.key] = placeholderFor(seats, rows[0], deferred);
    }
    return deferred;
  }
}

/** Puts a list into an answer that is not text yet. @returns what is to stand in its place */
export function placeholderFor(
  seats: readonly SeatState[],
  row: SeatTemplate,
  deferred: DeferredLists,
): string {
  placeholders += 1;
  deferred.set(String(placeholders), seatListJson(seats, row));
  return `${PLACEHOLDER} ${placeholders}`;
}

/** An answer's JSON with what was left out, in parts that answers may have in common. What was put in is forgotten. */
export function fillPlaceholders(text: string, deferred: DeferredLists): Buffer[] {
  return text.split(PLACEHOLDERS).map((part, index) => {
    if (index % 2 === 0) return Buffer.from(part);
    const list = deferred.get(part);
    deferred.delete(part);
    if (list === undefined) throw new Error('A list of seats was left out and is not there.');
    return list;
  });
}

/** The lists that may be as long as the hall is large, wherever they are asked for but in a seat map's own updates. */
export function deferTakenSeats(schema: GraphQLSchema): void {
  const field = (schema.getType('SeatMap') as GraphQLObjectType | undefined)?.getFields().takenSeats;
  if (field === undefined) throw new Error('There are no taken seats to leave out.');
  field.resolve = (
    { takenSeats }: { takenSeats: readonly SeatState[] },
    _args,
    { limits, deferredSeatLists }: GraphQLContext,
    { path },
  ) => {
    limits.furtherCalls(Math.floor(takenSeats.length / SEATS_PER_CALL));
    return deferredSeatLists.defer(takenSeats, path);
  };
}

function valueAt(
  data: unknown,
  { key, prev }: GraphQLResolveInfo['path'],
): Record<string | number, unknown> | undefined {
  const parent = prev === undefined ? (data as Record<string | number, unknown>) : valueAt(data, prev);
  return (parent?.[key] ?? undefined) as Record<string | number, unknown> | undefined;
}
