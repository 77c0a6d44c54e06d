import type { ReactNode } from 'react';
import { FetchError } from '../network/fetch-error.js';
import { ShowMore } from './show-more.js';

/** One connection of the API with all its pages that are loaded. */
interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

/** A list that is loaded page by page, with a message while it is loading, after an error, or if it is empty. */
export function PagedList<Node>({
  list,
  isLoading,
  error,
  refetch,
  loadAfter,
  empty,
  children,
}: {
  /** Undefined until its first page is loaded. */
  list: Connection<Node> | undefined;
  isLoading: boolean;
  error: unknown;
  refetch: () => Promise<unknown>;
  /** Loads the page after this cursor. */
  loadAfter: (cursor: string | null | undefined) => Promise<unknown>;
  empty: ReactNode;
  children: (nodes: readonly Node[]) => ReactNode;
}) {
  return (
    <>
      {error !== undefined && <FetchError error={error} refetch={refetch} />}
      {list === undefined && isLoading && error === undefined && <p className="muted">Loading…</p>}
      {list?.edges.length === 0 && <p className="empty">{empty}</p>}
      {list !== undefined && list.edges.length > 0 && children(list.edges.map(({ node }) => node))}
      {list?.pageInfo.hasNextPage && <ShowMore load={() => loadAfter(list.pageInfo.endCursor)} />}
    </>
  );
}
