import type { EventsQueryVariables } from '../graphql/generated/graphql.js';

/** Which events the list shows. It is the query string of the page's address, so that a list can be linked. */
export interface EventFilter {
  readonly search: string;
  /** Days in the visitor's own time, as date inputs have them; empty for none. */
  readonly from: string;
  /** The last day, included. */
  readonly to: string;
  readonly orderBy: Order;
}

type Order = NonNullable<EventsQueryVariables['orderBy']>;

export const ORDERS: readonly (readonly [Order, label: string])[] = [
  ['SOONEST', 'Soonest'],
  ['NEWEST', 'Newest'],
  ['SEATS_LEFT', 'Most seats left'],
];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Anything that is no filter is left out: addresses are typed and shared by people. */
export function filterFrom(query: URLSearchParams): EventFilter {
  const day = (name: string) => {
    const text = query.get(name) ?? '';
    return DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
  };
  const orderBy = ORDERS.find(([order]) => order === query.get('orderBy'))?.[0] ?? 'SOONEST';
  return { search: query.get('search') ?? '', from: day('from'), to: day('to'), orderBy };
}

/** The query string without the parts that are as usual. */
export function queryOf({ search, from, to, orderBy }: EventFilter): string {
  const query = new URLSearchParams();
  if (search.trim() !== '') query.set('search', search.trim());
  if (from !== '') query.set('from', from);
  if (to !== '') query.set('to', to);
  if (orderBy !== 'SOONEST') query.set('orderBy', orderBy);
  return query.toString();
}

export const isFiltered = ({ search, from, to }: EventFilter): boolean =>
  search.trim() !== '' || from !== '' || to !== '';

/** As the API takes it. */
export const variablesOf = ({ search, from, to, orderBy }: EventFilter) => ({
  search: search.trim() || null,
  from: from === '' ? null : startOfDay(from, 0),
  to: to === '' ? null : startOfDay(to, 1),
  orderBy,
});

function startOfDay(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
