import { badUserInput } from './errors.js';

export const PAGE_SIZE_MAX = 100;
const CURSOR_LENGTH_MAX = 200;

/** The part of a list that a client requests: the first nodes after a cursor. */
export interface PageRequest {
  readonly first: number;
  readonly after: PagePosition | null;
}

/** Where a page ended: the instant by which the list is sorted, and the id that breaks ties. */
export interface PagePosition {
  readonly at: Date;
  readonly id: string;
}

export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly hasNextPage: boolean;
}

/** @throws BAD_USER_INPUT for a size out of range or an invalid cursor */
export function pageRequest(first: number, after: string | null | undefined): PageRequest {
  if (first < 0 || first > PAGE_SIZE_MAX) {
    throw badUserInput('first', `A page has 0 to ${PAGE_SIZE_MAX} nodes.`, { max: PAGE_SIZE_MAX });
  }
  return { first, after: after == null ? null : decodeCursor(after) };
}

export const encodeCursor = ({ at, id }: PagePosition): string =>
  Buffer.from(`${at.getTime()}:${id}`).toString('base64url');

function decodeCursor(cursor: string): PagePosition {
  const text = cursor.length > CURSOR_LENGTH_MAX ? '' : Buffer.from(cursor, 'base64url').toString();
  const match = /^(-?\d{1,16}):([0-9a-z_]+)$/.exec(text);
  const at = new Date(Number(match?.[1]));
  if (!match?.[2] || Number.isNaN(at.getTime())) {
    throw badUserInput('after', 'This cursor does not come from this API.');
  }
  return { at, id: match[2] };
}
