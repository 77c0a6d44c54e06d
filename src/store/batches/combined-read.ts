import { mongo } from 'mongoose';
import type { Database } from '../database.js';
import { runStatement } from './statement.js';

const { Long } = mongo;

/** Documents of one collection, found by an index. */
export interface Query {
  readonly model: { readonly collection: { readonly collectionName: string } };
  readonly match: object;
  readonly limit?: number | undefined;
  /** As a projection; undefined for all. */
  readonly fields?: object | undefined;
}

/** A query with others beside it. */
export interface CombinedQuery extends Query {
  /** The largest that one of its documents can be. */
  readonly documentBytesMax: number;
}

/** More than any query of a batch finds: only what one answer cannot hold comes in parts. */
const DOCUMENTS_MAX = 1_000_000;
/** What answers to several queries may come to: they are one document, of which MongoDB makes none above 16 MB. */
const COMBINED_BYTES_MAX = 15_000_000;

/** Answers a query inside a transaction, however much that is. */
export async function readOne<Document extends object>(
  database: Database,
  session: mongo.ClientSession,
  { model, match, limit = 0, fields = {} }: Query,
): Promise<Document[]> {
  const { collectionName } = model.collection;
  const find = { find: collectionName, filter: match, projection: fields, limit, batchSize: DOCUMENTS_MAX };
  let { cursor } = await runStatement(database, session, find);
  const documents: Document[] = cursor.firstBatch;
  while (!isOver(cursor)) {
    const getMore = { getMore: Long.fromString(String(cursor.id)), collection: collectionName };
    ({ cursor } = await runStatement(database, session, getMore));
    for (const document of cursor.nextBatch) documents.push(document);
  }
  return documents;
}

/**
 * Answers several queries inside a transaction in one round trip. One after the other, as a transaction demands, each
 * would cost both sides more than most answers do. Only a query that finds more than its part of an answer holds is
 * asked again by itself.
 *
 * @param eventId of an event that there is: the answers are set beside its document
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
    ...shares.map(({ query: { model, match, limit = Number.POSITIVE_INFINITY }, documentsMax }, index) => ({
      $lookup: {
        from: model.collection.collectionName,
        // One more tells that there are more.
        pipeline: [{ $match: match }, { $limit: Math.min(limit, documentsMax + 1) }],
        as: answerOf(index),
      },
    })),
  ];
  const aggregate = { aggregate: database.events.collection.collectionName, pipeline, cursor: {} };
  const { cursor } = await runStatement(database, session, aggregate);
  const [answers] = cursor.firstBatch as Record<string, object[]>[];
  if (answers === undefined) throw new Error(`There is no event ${eventId} to read beside.`);
  const results: object[][] = [];
  for (const [index, { query, documentsMax }] of shares.entries()) {
    const answer = answers[answerOf(index)] as object[];
    results.push(answer.length > documentsMax ? await readOne(database, session, query) : answer);
  }
  return results;
}

const answerOf = (index: number) => `answer${index}`;

const isOver = ({ id }: { readonly id: unknown }): boolean => String(id) === '0';
