import { formatMoney } from '../text/money.js';
import type { LiveMap } from './live-map.js';
import type { Seating, Section } from './seating.js';
import { useRevision } from './use-live-map.js';

/** Each section with its price and what is left of it, live; the way to it on a large map. */
export function SectionList({
  map,
  seating,
  onShow,
}: {
  map: LiveMap | undefined;
  seating: Seating;
  onShow: (section: Section) => void;
}) {
  useRevision(map);
  return (
    <ul className={`sections ${map?.isLive ? '' : 'stale'}`}>
      {seating.sections.map((section) => {
        // Until the map has been live, nobody vouches for it: the legend's counts come then as well.
        const free = map?.receivedAtMs ? map.state?.freeInSection(section.index) : undefined;
        return (
          <li key={section.index}>
            <button type="button" className="section" onClick={() => onShow(section)}>
              <span className="section-name">
                <bdi>{section.name}</bdi>
              </span>
              <span className="muted">
                {free === undefined ? '' : seatsLeftLabel(free, map?.isLive === true)}
              </span>
              <span className="section-price">
                {section.price ? formatMoney(section.price, { short: true }) : 'Your price'}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** While the map is not live, what is left now is not known. */
function seatsLeftLabel(free: number, isLive: boolean): string {
  if (free === 0) return isLive ? 'Sold out' : 'Was sold out';
  return `${free.toLocaleString()} ${isLive ? 'left' : 'were left'}`;
}
