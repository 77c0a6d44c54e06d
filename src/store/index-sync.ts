import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import type { Log } from '../core/log.js';
import { isIndexNotFound, isUnanswered } from './mongo-errors.js';

/** An index as a model declares it, with the options of MongoDB that this product uses. */
export interface DeclaredIndex {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly partialFilterExpression?: object;
  readonly expireAfterSeconds?: number;
}

export interface DeclaredCollection {
  readonly collection: mongo.Collection;
  readonly indexes: readonly DeclaredIndex[];
}

type ExistingIndex = mongo.IndexDescriptionInfo;

/** The changes of one collection's indexes, in this order. */
export interface IndexPlan {
  /** Indexes of which only the retention time of documents changes. */
  readonly retime: readonly { readonly name: string; readonly expireAfterSeconds: number }[];
  /** Indexes that MongoDB can neither change nor have twice: they are dropped and then created anew. */
  readonly replace: readonly string[];
  readonly create: readonly DeclaredIndex[];
  /** Indexes that a created one replaces: dropped only afterwards, so that uniqueness is guarded at all times. */
  readonly outdated: readonly string[];
}

/** A build can take longer than a connection may be silent. It continues, and the same command again waits for it. */
const BUILD_WAITS_MAX = 500;

/**
 * Compares the declared indexes with the existing ones.
 *
 * An index whose key no model declares was made by an operator, and stays. One with a declared key and other options is
 * from another version of this product.
 *
 * @param isOlderVersion whether a newer version has changed the indexes: then only missing ones are created
 */
export function planIndexes(
  declared: readonly DeclaredIndex[],
  existing: readonly ExistingIndex[],
  isOlderVersion = false,
): IndexPlan {
  const retime: { name: string; expireAfterSeconds: number }[] = [];
  const replace: string[] = [];
  const create: DeclaredIndex[] = [];
  for (const index of declared) {
    if (isOlderVersion) {
      if (!existing.some((other) => hasSameKey(index, other))) create.push(index);
      continue;
    }
    const same = existing.find((other) => isSameIndex(index, other));
    if (same === undefined) create.push(index);
    else if (same.expireAfterSeconds !== index.expireAfterSeconds) {
      const { expireAfterSeconds } = index;
      if (expireAfterSeconds === undefined) {
        replace.push(nameOf(same));
        create.push(index);
      } else retime.push({ name: nameOf(same), expireAfterSeconds });
    }
  }
  const outdated = existing.filter(
    (other) =>
      !isOlderVersion &&
      declared.some((index) => hasSameKey(index, other)) &&
      !declared.some((index) => isSameIndex(index, other)),
  );
  return { retime, replace, create, outdated: outdated.map(nameOf) };
}

export const isEmpty = ({ retime, replace, create, outdated }: IndexPlan): boolean =>
  [retime, replace, create, outdated].every((part) => part.length === 0);

export async function applyPlan(
  db: mongo.Db,
  collection: mongo.Collection,
  { retime, replace, create, outdated }: IndexPlan,
  log: Log,
): Promise<void> {
  const { collectionName } = collection;
  for (const index of retime) {
    await db.command({ collMod: collectionName, index });
    log.info({ collection: collectionName, ...index }, 'Changed how long an index keeps documents');
  }
  for (const name of replace) await drop(collection, name, log);
  if (create.length > 0) await build(db, collection, create, log);
  for (const name of outdated) await drop(collection, name, log);
}

/** A hash of all declared indexes. */
export function fingerprintOf(declared: readonly DeclaredCollection[]): string {
  const all = declared.map(({ collection, indexes }) => [
    collection.collectionName,
    indexes.map((index) => JSON.stringify([identityOf(index), index.expireAfterSeconds ?? null])).sort(),
  ]);
  return hashOf(all.sort());
}

async function build(
  db: mongo.Db,
  collection: mongo.Collection,
  create: readonly DeclaredIndex[],
  log: Log,
): Promise<void> {
  const { collectionName } = collection;
  const taken = new Set((await indexesOf(collection)).map(nameOf));
  const indexes = create.map((index) => ({ ...index, name: freeName(index, taken) }));
  for (let waits = 0; ; waits++) {
    try {
      await db.command({ createIndexes: collectionName, indexes });
      return;
    } catch (error) {
      if (!isUnanswered(error) || waits === BUILD_WAITS_MAX) throw notBuilt(collectionName, indexes, error);
      if (waits === 0) log.info({ collection: collectionName }, 'Building indexes takes a while');
    }
  }
}

async function drop(collection: mongo.Collection, name: string, log: Log): Promise<void> {
  try {
    await collection.dropIndex(name);
  } catch (error) {
    // This process may have stalled for longer than its lock lasts, and another one has dropped the index.
    if (!isIndexNotFound(error)) throw error;
  }
  log.info({ collection: collection.collectionName, index: name }, 'Dropped an index that had changed');
}

/** @returns none if the collection does not exist */
export async function indexesOf(collection: mongo.Collection): Promise<ExistingIndex[]> {
  return collection.listIndexes().toArray();
}

function notBuilt(collectionName: string, indexes: readonly { name: string }[], cause: unknown): Error {
  const names = indexes.map(({ name }) => name).join(', ');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`The indexes ${names} of ${collectionName} cannot be built: ${reason}`, { cause });
}

/** MongoDB's default name, with a hash of the index if another version of it has that name. */
function freeName(index: DeclaredIndex, taken: ReadonlySet<string>): string {
  const name = Object.entries(index.key)
    .map(([field, direction]) => `${field}_${direction}`)
    .join('_');
  return taken.has(name) ? `${name}_${hashOf(identityOf(index)).slice(0, 8)}` : name;
}

/** What MongoDB compares to tell whether two indexes are the same: not their names, and not their retention times. */
const identityOf = (index: DeclaredIndex | ExistingIndex) => [
  Object.entries(index.key),
  index.unique ?? false,
  index.sparse ?? false,
  index.partialFilterExpression ?? null,
];

const isSameIndex = (one: DeclaredIndex, other: ExistingIndex): boolean =>
  isDeepStrictEqual(identityOf(one), identityOf(other));

const hasSameKey = (one: DeclaredIndex, other: ExistingIndex): boolean =>
  isDeepStrictEqual(Object.entries(one.key), Object.entries(other.key));

const nameOf = ({ name, key }: ExistingIndex): string => name ?? JSON.stringify(key);

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
