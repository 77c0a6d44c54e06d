import type { FieldPolicy } from '@apollo/client';

interface Page {
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

/**
 * A list that only grows at its beginning. Its first page is asked for again and again; what was loaded behind it
 * stays, which Apollo's own policy would drop.
 */
export function newestFirst(): FieldPolicy<Page> {
  return { keyArgs: false, merge: (existing, incoming, { args }) => joined(existing, incoming, args?.after) };
}

/** @param after the cursor that the incoming page comes behind; nothing for the first page */
export function joined(existing: Page | undefined, incoming: Page, after: unknown): Page {
  if (existing === undefined) return incoming;
  // A first page without the newest entries was asked for before they came.
  const newerCount = existing.edges.findIndex(({ cursor }) => cursor === incoming.edges[0]?.cursor);
  const newer = after || newerCount < 0 ? [] : existing.edges.slice(0, newerCount);
  const first = { ...incoming, edges: [...newer, ...incoming.edges] };
  const [front, back] = after ? [existing, incoming] : [first, existing];
  const inFront = new Set(front.edges.map(({ cursor }) => cursor));
  const overlaps = back.edges.some(({ cursor }) => inFront.has(cursor));
  // More is new than one page holds: what is loaded no longer follows it.
  if (!after && !overlaps) return incoming.edges.length === 0 ? existing : incoming;
  const behind = back.edges.filter(({ cursor }) => !inFront.has(cursor));
  const edges = [...front.edges, ...behind];
  // A page from the middle, asked for again: the list ends where it did.
  if (after && behind.length === 0) return { ...incoming, edges, pageInfo: existing.pageInfo };
  return { ...incoming, edges, pageInfo: (after || behind.length > 0 ? back : incoming).pageInfo };
}
