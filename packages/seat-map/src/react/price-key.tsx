import { bandText, type PriceBand, spokenBand } from '../map/price-bands.js';
import type { ShownMap } from '../map/seat-states.js';
import { countText } from '../text/count.js';
import { useAnnounce } from './announcer.js';
import { useIsLive, useSeatsLeft } from './use-map-value.js';
import type { PriceFilter } from './use-price-filter.js';

/** The colour of each price, and buttons that show only some of them. Nothing where all seats cost the same. */
export function PriceKey({ map, filter }: { map: ShownMap | undefined; filter: PriceFilter }) {
  const isLive = useIsLive(map);
  const announce = useAnnounce();
  const { bands, chosen, toggle, showAll } = filter;
  if (bands.length < 2) return null;
  const press = (band: PriceBand) => {
    toggle(band.index);
    const isChosen = !chosen.has(band.index);
    announce(`${spokenBand(band)} ${isChosen ? 'shown' : 'no longer chosen'}.`);
  };
  return (
    <fieldset className={`seat-map-prices ${isLive ? '' : 'seat-map-stale'}`}>
      <legend className="seat-map-hidden">Show only these prices</legend>
      {bands.map((band) => (
        <button
          key={band.index}
          type="button"
          className="seat-map-price"
          aria-pressed={chosen.has(band.index)}
          onClick={() => press(band)}
        >
          <span className={`seat-map-swatch seat-map-price-${band.index + 1}`} aria-hidden="true" />
          {bandText(band)}
          <SeatsLeft map={map} band={band} />
        </button>
      ))}
      {chosen.size > 0 && (
        <button type="button" className="seat-map-link" onClick={showAll}>
          Show all
        </button>
      )}
    </fieldset>
  );
}

function SeatsLeft({ map, band }: { map: ShownMap | undefined; band: PriceBand }) {
  const left = useSeatsLeft(map, band.sections);
  if (left === undefined) return null;
  return <span className="seat-map-faint">{left === 0 ? 'sold out' : `${countText(left)} left`}</span>;
}
