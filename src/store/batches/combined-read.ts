import { mongo } from 'mongoose';
import type { Database } from '../database.js';
import { runStatement } from './statement.js';

const { Long } = mongo;

/** Documents of one collection, found by an index. */
export interface Query {
  readonly model: { readonly collection: { readonly collectionName: string } };
  readonly match: object;
  readonly limit?: number | undefined;
  /** An index must have this order. */
  readonly sort?: Readonly<Record<string, 1 | -1>> | undefined;
  /** As a projection; undefined for all. */
  readonly fields?: object | undefined;
}

/** A query that is sent together with others. */
export interface CombinedQuery extends Query {
  /** The largest size of one of its documents. */
  readonly documentBytesMax: number;
}

/** More than any query of a batch finds, so that only an answer above 16 MB needs a second round trip. */
const DOCUMENTS_MAX = 1_000_000;
/** The size limit of all answers together: they are one document, and MongoDB's limit for that is 16 MB. */
const COMBINED_BYTES_MAX = 15_000_000;

/** Runs a query inside a transaction, however large the answer is. */
export async function readOne<Document extends object>(
  database: Database,
  session: mongo.ClientSession,
  { model, match, limit = 0, sort, fields = {} }: Query,
): Promise<Document[]> {
  const { collectionName } = model.collection;
  const find = {
    find: collectionName,
    filter: match,
    projection: fields,
    limit,
    ...(sort && { sort }),
    batchSize: DOCUMENTS_MAX,
  };
  let { cursor } = await runStatement(database, session, find);
  const documents: Document[] = cursor.firstBatch;
  while (!isExhausted(cursor)) {
    const getMore = { getMore: Long.fromString(String(cursor.id)), collection: collectionName };
    ({ cursor } = await runStatement(database, session, getMore));
    for (const document of cursor.nextBatch) documents.push(document);
  }
  return documents;
}

/**
 * Runs several queries inside a transaction in one round trip. A transaction allows no parallel queries, and a round
 * trip for each would cost more than most answers. A query whose result is larger than its share is repeated on its own.
 *
 * @param eventId an event that exists: the results are joined to its document
 * @returns the documents of each query, in the order of the queries
 */
export async function readCombined(
  database: Database,
  session: mongo.ClientSession,
  eventId: string,
  queries: readonly CombinedQuery[],
): Promise<object[][]> {
  const [first] = queries;
  if (first !== undefined && queries.length === 1) return [await readOne(database, session, first)];
  const shares = queries.map((query) => ({
    query,
    documentsMax: Math.floor(COMBINED_BYTES_MAX / queries.length / query.documentBytesMax),
  }));
  const pipeline = [
    { $match: { _id: eventId } },
    { $project: { _id: 1 } },
    ...shares.map(
      ({ query: { model, match, sort, limit = Number.POSITIVE_INFINITY }, documentsMax }, index) => ({
        $lookup: {
          from: model.collection.collectionName,
          // One more than fits shows that there are more.
          pipeline: [
            { $match: match },
            ...(sort ? [{ $sort: sort }] : []),
            { $limit: Math.min(limit, documentsMax + 1) },
          ],
          as: answerOf(index),
        },
      }),
    ),
  ];
  const aggregate = { aggregate: database.events.collection.collectionName, pipeline, cursor: {} };
  const { cursor } = await runStatement(database, session, aggregate);
  const [answers] = cursor.firstBatch as Record<string, object[]>[];
  if (answers === undefined) throw new Error(`The event ${eventId} does not exist.`);
  const results: object[][] = [];
  for (const [index, { query, documentsMax }] of shares.entries()) {
    const answer = answers[answerOf(index)] as object[];
    results.push(answer.length > documentsMax ? await readOne(database, session, query) : answer);
  }
  return results;
}

const answerOf = (index: number) => `answer${index}`;

const isExhausted = ({ id }: { readonly id: unknown }): boolean => String(id) === '0';
