import { describe, expect, test } from 'vitest';
import { mergePages } from './merge-pages.js';

const page = (cursors: string, hasNextPage = true) => ({
  edges: [...cursors].map((cursor) => ({ cursor })),
  pageInfo: { hasNextPage, endCursor: cursors.at(-1) ?? null },
});
const read = ({ edges, pageInfo }: ReturnType<typeof mergePages>) =>
  `${edges.map(({ cursor }) => cursor).join('')} then ${pageInfo.hasNextPage ? `after ${pageInfo.endCursor}` : 'end'}`;

describe('a list that grows at its beginning', () => {
  test.each([
    ['the first page', undefined, page('dc'), undefined, 'dc then after c'],
    ['the next page', page('dc'), page('ba', false), 'c', 'dcba then end'],
    ['a page in the middle again', page('fedcba'), page('dc'), 'e', 'fedcba then after a'],
    ['the last page again', page('dcba', false), page('ba', false), 'c', 'dcba then end'],
    ['the first page again', page('dcba', false), page('dc'), undefined, 'dcba then end'],
    ['the first page with new entries', page('dcba', false), page('fedc'), undefined, 'fedcba then end'],
    [
      'the first page, requested before the newest entry',
      page('edcb'),
      page('dc'),
      undefined,
      'edcb then after b',
    ],
    ['no entry, requested before the first one', page('a', false), page('', false), undefined, 'a then end'],
    ['more new entries than a page', page('dcba', false), page('hg'), undefined, 'hg then after g'],
    ['the only page again', page('dc', false), page('dc', false), undefined, 'dc then end'],
    ['the first entries', page('', false), page('a', false), undefined, 'a then end'],
  ])('%s', (_name, existing, incoming, after, wanted) => {
    expect(read(mergePages(existing, incoming, after))).toBe(wanted);
  });
});
