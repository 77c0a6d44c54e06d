import { useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { formatMoney, isolated, type Money } from 'seat-map/map';
import { SalesFiguresDocument, type SalesFiguresQuery } from '../graphql/generated/graphql.js';
import { formatHour } from '../text/time.js';
import { useThrottled } from '../ui/use-throttled.js';
import { amountIn, currenciesOf, hourBars } from './hour-bars.js';

const HOURS = 48;
/** The database adds up all payments for each of these answers. */
const REFRESH_EVERY_MS = 5_000;

type Figures = NonNullable<SalesFiguresQuery['event']>;

/**
 * What was paid and refunded, by section and by hour.
 *
 * @param sold changes when something was sold or refunded
 */
export function SalesPlots({ eventId, sold }: { eventId: string; sold: string }) {
  /** The newest hours, or those before this one. */
  const [before, setBefore] = useState<string | null>(null);
  const figures = useQuery(SalesFiguresDocument, {
    variables: { id: eventId, hours: HOURS, before },
    fetchPolicy: 'cache-and-network',
  });
  const refreshSoon = useThrottled(() => void figures.refetch().catch(() => {}), REFRESH_EVERY_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `refreshSoon` is new each time, and what is sold decides.
  useEffect(() => refreshSoon(), [sold]);
  const event = (figures.data ?? figures.previousData)?.event;
  const sections = event?.salesBySection ?? [];
  const hours = event?.salesByHour ?? [];
  const currencies = currenciesOf([...sections, ...hours]);
  if (event == null || currencies.length === 0) return null;
  return (
    <section className="sales-part" aria-labelledby="revenue-title">
      <h2 id="revenue-title">Revenue</h2>
      {currencies.map((currency) => (
        <div key={currency} className="plots">
          <BySection sections={sections} currency={currency} />
          <ByHour
            hours={hours}
            currency={currency}
            timeZone={event.timeZone}
            hasEarlier={before !== null || paidIn(hours, currency) < paidIn(sections, currency)}
            isNewest={before === null}
            onBefore={setBefore}
          />
        </div>
      ))}
    </section>
  );
}

const paidIn = (sums: readonly { readonly paid: readonly Money[] }[], currency: string): number =>
  sums.reduce((sum, { paid }) => sum + amountIn(paid, currency), 0);

/** A table whose bars are only decoration: its cells say the same. */
function BySection({
  sections,
  currency,
}: {
  sections: NonNullable<Figures['salesBySection']>;
  currency: string;
}) {
  const rows = sections.map(({ section, paid, refunded }) => ({
    id: section.id,
    name: section.name,
    paid: amountIn(paid, currency),
    refunded: amountIn(refunded, currency),
  }));
  const most = Math.max(...rows.map(({ paid }) => paid), 1);
  return (
    <figure className="plot">
      <figcaption>By section</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard. */}
      <section className="plot-scroll" tabIndex={0} aria-label="Revenue by section">
        <table className="by-section">
          <thead>
            <tr>
              <th scope="col">Section</th>
              <th scope="col">Paid</th>
              <th scope="col">Paid back</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, name, paid, refunded }) => (
              <tr key={id}>
                <th scope="row">
                  {isolated(name)}
                  <span className="section-bar" aria-hidden="true">
                    <span className="bar-kept" style={{ width: `${((paid - refunded) / most) * 100}%` }} />
                    <span className="bar-refunded" style={{ width: `${(refunded / most) * 100}%` }} />
                  </span>
                </th>
                <td className="number">{formatMoney({ amount: paid, currency })}</td>
                <td className="number">{formatMoney({ amount: refunded, currency })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </figure>
  );
}

function ByHour({
  hours,
  currency,
  timeZone,
  hasEarlier,
  isNewest,
  onBefore,
}: {
  hours: NonNullable<Figures['salesByHour']>;
  currency: string;
  timeZone: string;
  hasEarlier: boolean;
  isNewest: boolean;
  onBefore: (before: string | null) => void;
}) {
  const bars = hourBars(hours, currency);
  const most = Math.max(...bars.map(({ paid }) => paid), 1);
  const [first, last] = [bars[0], bars.at(-1)];
  const money = (amount: number) => formatMoney({ amount, currency });
  const share = (amount: number) => (amount / most) * 100;
  return (
    <figure className="plot">
      <figcaption>By hour of payment, at the venue</figcaption>
      {first === undefined || last === undefined ? (
        <p className="muted">Nothing was paid before.</p>
      ) : (
        <>
          <p className="plot-most number" aria-hidden="true">
            {money(most)}
          </p>
          <svg
            className="hour-bars"
            viewBox={`0 0 ${bars.length} 100`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`From ${formatHour(first.from, timeZone)} to ${formatHour(last.from, timeZone)}, at most ${money(most)} in an hour. The table has each hour.`}
          >
            {bars.map(({ from, paid, refunded }, index) => (
              <g key={from}>
                <rect
                  className="bar-kept"
                  x={index + 0.1}
                  width={0.8}
                  y={100 - share(paid - refunded)}
                  height={share(paid - refunded)}
                />
                <rect
                  className="bar-refunded"
                  x={index + 0.1}
                  width={0.8}
                  y={100 - share(paid)}
                  height={share(refunded)}
                />
              </g>
            ))}
          </svg>
          <p className="plot-ends muted" aria-hidden="true">
            <span>{formatHour(first.from, timeZone)}</span>
            {bars.length > 1 && <span>{formatHour(last.from, timeZone)}</span>}
          </p>
          <p className="plot-key muted">
            <span className="key-kept" aria-hidden="true" /> kept{' '}
            <span className="key-refunded" aria-hidden="true" /> paid back since
          </p>
          <details>
            <summary>As a table</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard. */}
            <section className="plot-scroll" tabIndex={0} aria-label="Revenue by hour">
              <table className="by-section">
                <thead>
                  <tr>
                    <th scope="col">From</th>
                    <th scope="col">Paid</th>
                    <th scope="col">Paid back</th>
                  </tr>
                </thead>
                <tbody>
                  {bars
                    .filter(({ paid }) => paid > 0)
                    .map(({ from, paid, refunded }) => (
                      <tr key={from}>
                        <th scope="row">{formatHour(from, timeZone)}</th>
                        <td className="number">{money(paid)}</td>
                        <td className="number">{money(refunded)}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </section>
          </details>
        </>
      )}
      <div className="row">
        {first !== undefined && hasEarlier && (
          <button type="button" className="button small" onClick={() => onBefore(first.from)}>
            Earlier hours
          </button>
        )}
        {!isNewest && (
          <button type="button" className="button small" onClick={() => onBefore(null)}>
            Newest hours
          </button>
        )}
      </div>
    </figure>
  );
}
