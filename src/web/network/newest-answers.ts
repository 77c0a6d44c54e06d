import { ApolloLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { defer, finalize, map, tap } from 'rxjs';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Keeps an answer that was long under way from putting back what the server has said since. A live message, or the answer
 * to a mutation, that came after a query was sent is believed before that query's answer, entity by entity. Where the
 * answer was the newer one after all, a live message with the same news follows.
 */
export function newestAnswers(): ApolloLink {
  /** Counts what was sent and heard, so that any two can be put in order. */
  let moment = 0;
  let queriesUnderWay = 0;
  /** What was heard of an entity while a query is under way; empty otherwise, which bounds it. */
  const heard = new Map<string, { readonly moment: number; readonly fields: Fields }>();

  const hear = (value: unknown): void => {
    if (!isFields(value)) return;
    const said = entityOf(value);
    if (said !== undefined) {
      moment += 1;
      heard.set(said.key, { moment, fields: { ...heard.get(said.key)?.fields, ...said.fields } });
    }
    Object.values(value).forEach(hear);
  };

  const newest = (value: unknown, sentAt: number): unknown => {
    if (Array.isArray(value)) return value.map((each) => newest(each, sentAt));
    if (!isFields(value)) return value;
    const said = heard.get(entityOf(value)?.key ?? '');
    const since = said !== undefined && said.moment > sentAt ? said.fields : {};
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        name,
        Object.hasOwn(since, name) ? since[name] : newest(field, sentAt),
      ]),
    );
  };

  return new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.QUERY) {
      return forward(operation).pipe(
        tap(({ data }) => {
          if (queriesUnderWay > 0) hear(data);
        }),
      );
    }
    return defer(() => {
      moment += 1;
      const sentAt = moment;
      queriesUnderWay += 1;
      return forward(operation).pipe(
        map((result) =>
          heard.size === 0 ? result : ({ ...result, data: newest(result.data, sentAt) } as typeof result),
        ),
        finalize(() => {
          queriesUnderWay -= 1;
          if (queriesUnderWay === 0) heard.clear();
        }),
      );
    });
  });
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The entity that an object of an answer is, or tells of, with what it says of it. */
function entityOf(value: Fields): { readonly key: string; readonly fields: Fields } | undefined {
  const { __typename, id, eventId, availability } = value;
  if (__typename === 'SeatUpdate') return { key: `Event ${eventId}`, fields: { availability } };
  return id === undefined ? undefined : { key: `${__typename} ${id}`, fields: value };
}
