import type { FieldPolicy } from '@apollo/client';

interface Page {
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

/**
 * A list that only grows at its beginning. When its first page is fetched again, the further pages stay; Apollo's own policy
 * would drop them.
 *
 * @param keyArgs arguments of which each value is a list of its own
 */
export function newestFirst(keyArgs: readonly string[] = []): FieldPolicy<Page> {
  return {
    keyArgs: keyArgs.length === 0 ? false : [...keyArgs],
    merge: (existing, incoming, { args }) => mergePages(existing, incoming, args?.after),
  };
}

/** @param after the cursor before the incoming page; undefined for the first page */
export function mergePages(existing: Page | undefined, incoming: Page, after: unknown): Page {
  if (existing === undefined) return incoming;
  // A first page without the newest entries was requested before they existed.
  const newerCount = existing.edges.findIndex(({ cursor }) => cursor === incoming.edges[0]?.cursor);
  const newer = after || newerCount < 0 ? [] : existing.edges.slice(0, newerCount);
  const first = { ...incoming, edges: [...newer, ...incoming.edges] };
  const [front, back] = after ? [existing, incoming] : [first, existing];
  const frontCursors = new Set(front.edges.map(({ cursor }) => cursor));
  const overlaps = back.edges.some(({ cursor }) => frontCursors.has(cursor));
  // More entries are new than one page holds: the loaded pages do not follow it any more.
  if (!after && !overlaps) return incoming.edges.length === 0 ? existing : incoming;
  const further = back.edges.filter(({ cursor }) => !frontCursors.has(cursor));
  const edges = [...front.edges, ...further];
  // A page from the middle was fetched again: the end of the list stays the same.
  if (after && further.length === 0) return { ...incoming, edges, pageInfo: existing.pageInfo };
  return { ...incoming, edges, pageInfo: (after || further.length > 0 ? back : incoming).pageInfo };
}
