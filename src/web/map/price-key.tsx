import { useAnnounce } from '../ui/announcer.js';
import type { LiveMap } from './live-map.js';
import { bandText, type PriceBand, spokenBand } from './price-bands.js';
import { useRevision } from './use-live-map.js';
import type { PriceFilter } from './use-price-filter.js';

/** The colour of each price, and buttons that show only some of them. Nothing where all seats cost the same. */
export function PriceKey({ map, filter }: { map: LiveMap | undefined; filter: PriceFilter }) {
  useRevision(map);
  const announce = useAnnounce();
  const { bands, chosen, toggle, showAll } = filter;
  if (bands.length < 2) return null;
  /** Undefined before the map is live, as its counts may be wrong. */
  const leftIn = ({ sections }: PriceBand) =>
    map?.receivedAtMs && map.state !== undefined
      ? [...sections].reduce((left, section) => left + (map.state?.freeInSection(section) ?? 0), 0)
      : undefined;
  const press = (band: PriceBand) => {
    toggle(band.index);
    const isChosen = !chosen.has(band.index);
    announce(`${spokenBand(band)} ${isChosen ? 'shown' : 'no longer chosen'}.`);
  };
  return (
    <fieldset className={`price-key ${map?.isLive ? '' : 'stale'}`}>
      <legend className="visually-hidden">Show only these prices</legend>
      {bands.map((band) => {
        const left = leftIn(band);
        return (
          <button
            key={band.index}
            type="button"
            className="price-band"
            aria-pressed={chosen.has(band.index)}
            onClick={() => press(band)}
          >
            <span className={`swatch price-${band.index + 1}`} aria-hidden="true" />
            {bandText(band)}
            {left !== undefined && (
              <span className="muted">{left === 0 ? 'sold out' : `${left.toLocaleString()} left`}</span>
            )}
          </button>
        );
      })}
      {chosen.size > 0 && (
        <button type="button" className="link" onClick={showAll}>
          Show all
        </button>
      )}
    </fieldset>
  );
}
