import { useEffect, useState } from 'react';
import { Field } from '../ui/field.js';
import { type EventFilter, ORDERS } from './event-filter.js';

/** How long after the last letter the list is searched. */
const TYPING_MS = 300;

/** Search, dates and order of the list of events. */
export function EventFilterForm({
  filter,
  onChange,
}: {
  filter: EventFilter;
  onChange: (filter: EventFilter) => void;
}) {
  const [search, setSearch] = useState(filter.search);
  // Another list was opened by its link.
  useEffect(() => setSearch(filter.search), [filter.search]);
  useEffect(() => {
    if (search.trim() === filter.search) return;
    const timer = setTimeout(() => onChange({ ...filter, search: search.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <search>
      <form className="event-filter" onSubmit={(event) => event.preventDefault()}>
        <Field
          label="Search"
          type="search"
          maxLength={100}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <Field
          label="From"
          type="date"
          value={filter.from}
          onChange={({ target }) => onChange({ ...filter, from: target.value })}
        />
        <Field
          label="To"
          type="date"
          min={filter.from}
          value={filter.to}
          onChange={({ target }) => onChange({ ...filter, to: target.value })}
        />
        <label className="field">
          Order
          <select
            value={filter.orderBy}
            onChange={({ target }) =>
              onChange({ ...filter, orderBy: target.value as EventFilter['orderBy'] })
            }
          >
            {ORDERS.map(([order, label]) => (
              <option key={order} value={order}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </form>
    </search>
  );
}
