import { useMemo, useState } from 'react';
import type { LiveMap } from 'seat-map/map';
import { formatMoney, isolated, type Seating, type Section, type SectionLooks } from 'seat-map/map';
import { useMapValue } from 'seat-map/react';
import { Notice } from '../ui/notice.js';
import { SectionForBestSeats } from './best-seats.js';
import type { useBestSeats } from './use-best-seats.js';
import './best-seats.css';

const QUANTITY_START = 2;

/** How many seats, where and up to what price. The button says in which section and for how much. */
export function BestSeatsPanel({
  map,
  seating,
  looks,
  quantityMax,
  isFinding,
  problem,
  onFind,
}: {
  map: LiveMap | undefined;
  seating: Seating;
  looks: SectionLooks;
  quantityMax: number;
  isFinding: boolean;
  problem: string | undefined;
  onFind: (section: Section, quantity: number) => void;
}) {
  const [wanted, setWanted] = useState({ quantity: QUANTITY_START, section: '', priceMax: '' });
  const shown = useMemo(
    () => seating.sections.filter(({ index }) => looks[index]?.isShown !== false),
    [seating, looks],
  );
  const prices = [...new Map(shown.flatMap(({ price }) => (price ? [[price.amount, price]] : []))).values()];
  // What was chosen may be filtered out meanwhile.
  const section = shown.some(({ index }) => String(index) === wanted.section) ? wanted.section : '';
  const priceMax = prices.some(({ amount }) => String(amount) === wanted.priceMax) ? wanted.priceMax : '';
  const quantity = Math.min(wanted.quantity, quantityMax);
  const sections = useMemo(
    () => (section === '' ? shown : shown.filter(({ index }) => String(index) === section)),
    [shown, section],
  );
  return (
    <section className="panel-part best-seats" aria-label="Best seats">
      <h2>Best seats</h2>
      <div className="best-seats-wish">
        <label>
          Seats
          <select
            value={quantity}
            onChange={({ target }) => setWanted({ ...wanted, quantity: Number(target.value) })}
          >
            {Array.from({ length: quantityMax }, (_, index) => index + 1).map((number) => (
              <option key={number}>{number}</option>
            ))}
          </select>
        </label>
        <label>
          Where
          <select value={section} onChange={({ target }) => setWanted({ ...wanted, section: target.value })}>
            <option value="">Anywhere</option>
            {shown.map(({ index, name }) => (
              <option key={index} value={index}>
                {isolated(name)}
              </option>
            ))}
          </select>
        </label>
        {prices.length > 1 && (
          <label>
            Up to
            <select
              value={priceMax}
              onChange={({ target }) => setWanted({ ...wanted, priceMax: target.value })}
            >
              <option value="">Any price</option>
              {prices
                .sort((a, b) => b.amount - a.amount)
                .map((price) => (
                  <option key={price.amount} value={price.amount}>
                    {formatMoney(price, { short: true })}
                  </option>
                ))}
            </select>
          </label>
        )}
      </div>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      <HoldBest
        map={map}
        seating={seating}
        sections={sections}
        quantity={quantity}
        priceMax={priceMax === '' ? null : Number(priceMax)}
        isFinding={isFinding}
        onFind={onFind}
      />
    </section>
  );
}

function HoldBest({
  map,
  seating,
  sections,
  quantity,
  priceMax,
  isFinding,
  onFind,
}: {
  map: LiveMap | undefined;
  seating: Seating;
  sections: readonly Section[];
  quantity: number;
  priceMax: number | null;
  isFinding: boolean;
  onFind: (section: Section, quantity: number) => void;
}) {
  const search = useMemo(
    () => new SectionForBestSeats(seating, sections, quantity, priceMax),
    [seating, sections, quantity, priceMax],
  );
  const best = useMapValue(map, ({ state }) => state && search.find(state));
  if (best === undefined) return null;
  if (best === null) {
    const what = quantity === 1 ? 'No such seat is free.' : `No ${quantity} seats together are free.`;
    return <p className="muted">{what}</p>;
  }
  const { name, price } = best;
  const total = price && { ...price, amount: price.amount * quantity };
  return (
    <button
      type="button"
      className="button wide"
      aria-disabled={isFinding}
      onClick={() => onFind(best, quantity)}
    >
      {isFinding ? (
        <>
          <span className="spinner" aria-hidden="true" /> Holding…
        </>
      ) : (
        <span>
          Hold {quantity === 1 ? 'best seat' : `${quantity} best seats`} in <bdi>{name}</bdi>
          {total && (
            <>
              {' · '}
              <span className="number">{formatMoney(total, { short: true })}</span>
            </>
          )}
        </span>
      )}
    </button>
  );
}

/** Beside seats that the server has chosen. */
export function OtherSeats({ bestSeats }: { bestSeats: ReturnType<typeof useBestSeats> }) {
  const { found, isFinding, problem, findOthers } = bestSeats;
  if (found === undefined) return null;
  return (
    <div className="other-seats">
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      <button
        type="button"
        className="button wide"
        aria-disabled={isFinding}
        onClick={() => void findOthers()}
      >
        {isFinding ? (
          <>
            <span className="spinner" aria-hidden="true" /> Holding…
          </>
        ) : (
          <span>
            Other seats in <bdi>{found.section.name}</bdi>
          </span>
        )}
      </button>
    </div>
  );
}
