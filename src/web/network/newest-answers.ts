import { ApolloLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { defer, finalize, map, tap } from 'rxjs';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Keeps a slow answer from overwriting newer data. A live message or mutation result that came after a query was sent takes
 * precedence over the query's answer, for each entity. If the answer was newer after all, a live message with the same change
 * follows.
 */
export function newestAnswers(): ApolloLink {
  /** Orders queries sent and messages received. */
  let sequence = 0;
  let queriesInProgress = 0;
  /** What was received of each entity while a query is in progress. Otherwise empty, so that it stays small. */
  const received = new Map<string, { readonly sequence: number; readonly fields: Fields }>();

  const receive = (value: unknown): void => {
    if (!isFields(value)) return;
    const entity = entityOf(value);
    if (entity !== undefined) {
      sequence += 1;
      const fields = { ...received.get(entity.key)?.fields, ...entity.fields };
      received.set(entity.key, { sequence, fields });
    }
    Object.values(value).forEach(receive);
  };

  const withNewest = (value: unknown, sentAt: number): unknown => {
    if (Array.isArray(value)) return value.map((each) => withNewest(each, sentAt));
    if (!isFields(value)) return value;
    const entity = received.get(entityOf(value)?.key ?? '');
    const newer = entity !== undefined && entity.sequence > sentAt ? entity.fields : {};
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        name,
        Object.hasOwn(newer, name) ? merged(field, newer[name]) : withNewest(field, sentAt),
      ]),
    );
  };

  return new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.QUERY) {
      return forward(operation).pipe(
        tap(({ data }) => {
          if (queriesInProgress > 0) receive(data);
        }),
      );
    }
    return defer(() => {
      sequence += 1;
      const sentAt = sequence;
      queriesInProgress += 1;
      return forward(operation).pipe(
        map((result) =>
          received.size === 0
            ? result
            : ({ ...result, data: withNewest(result.data, sentAt) } as typeof result),
        ),
        finalize(() => {
          queriesInProgress -= 1;
          if (queriesInProgress === 0) received.clear();
        }),
      );
    });
  });
}

/** The newer value, with what only the older one has: a live message may select fewer fields of the same entities. */
function merged(older: unknown, newer: unknown): unknown {
  if (Array.isArray(newer) && Array.isArray(older)) {
    return newer.map((each) =>
      merged(
        older.find((other) => isSameEntity(other, each)),
        each,
      ),
    );
  }
  if (!isFields(older) || !isFields(newer) || Array.isArray(newer) || !isSameEntity(older, newer))
    return newer;
  const fields = Object.entries(newer).map(([name, field]) => [name, merged(older[name], field)]);
  return { ...older, ...Object.fromEntries(fields) };
}

/** Of two objects in the same place; those without ids are parts of one entity. */
const isSameEntity = (one: unknown, other: unknown): boolean =>
  isFields(one) && isFields(other) && one.__typename === other.__typename && one.id === other.id;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The entity that an object of an answer is or describes, with its fields. */
function entityOf(value: Fields): { readonly key: string; readonly fields: Fields } | undefined {
  const { __typename, id, eventId, availability } = value;
  if (__typename === 'SeatUpdate') return { key: `Event ${eventId}`, fields: { availability } };
  return id === undefined ? undefined : { key: `${__typename} ${id}`, fields: value };
}
