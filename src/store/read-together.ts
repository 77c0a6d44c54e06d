import type { mongo } from 'mongoose';
import type { Database } from './database.js';
import { runStatement } from './statement.js';

/** Documents of one collection, found by an index. */
export interface Query {
  readonly of: { readonly collection: { readonly collectionName: string } };
  readonly match: object;
  readonly limit?: number | undefined;
  /** As a projection; undefined for all. */
  readonly fields?: object | undefined;
}

/** More than any query of a batch finds, so that no answer comes in parts. */
const DOCUMENTS_MAX = 1_000_000;

/** Answers a query inside a transaction. */
export async function readOne<Document extends object>(
  database: Database,
  session: mongo.ClientSession,
  { of, match, limit = 0, fields = {} }: Query,
): Promise<Document[]> {
  const find = { find: of.collection.collectionName, filter: match, projection: fields, limit };
  return wholeAnswer(await runStatement(database, session, { ...find, batchSize: DOCUMENTS_MAX }));
}

/**
 * Answers several queries inside a transaction in one round trip. One after the other, as a transaction demands, each
 * would cost both sides more than most answers do.
 *
 * @param eventId of an event that there is: the answers are set beside its document
 * @returns the documents of each query, in the order of the queries
 */
export async function readTogether(
  database: Database,
  session: mongo.ClientSession,
  eventId: string,
  queries: readonly Query[],
): Promise<object[][]> {
  const [first] = queries;
  if (first !== undefined && queries.length === 1) return [await readOne(database, session, first)];
  const pipeline = [
    { $match: { _id: eventId } },
    { $project: { _id: 1 } },
    ...queries.map(({ of, match, limit }, index) => ({
      $lookup: {
        from: of.collection.collectionName,
        pipeline: limit === undefined ? [{ $match: match }] : [{ $match: match }, { $limit: limit }],
        as: answerOf(index),
      },
    })),
  ];
  const aggregate = { aggregate: database.events.collection.collectionName, pipeline, cursor: {} };
  const [answers] = wholeAnswer<Record<string, object[]>>(await runStatement(database, session, aggregate));
  if (answers === undefined) throw new Error(`There is no event ${eventId} to read beside.`);
  return queries.map((_, index) => answers[answerOf(index)] as object[]);
}

const answerOf = (index: number) => `answer${index}`;

function wholeAnswer<Document extends object>({ cursor }: mongo.Document): Document[] {
  // A cursor that is still open has more, which nobody would ask for.
  if (String(cursor.id) !== '0') throw new Error('A query of a batch finds more than one answer holds.');
  return cursor.firstBatch;
}
