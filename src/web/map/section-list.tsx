import { formatMoney } from '../text/money.js';
import type { LiveMap } from './live-map.js';
import type { Seating, Section } from './seating.js';
import { useRevision } from './use-live-map.js';

/** Each section with its price and live number of seats left. A click shows it on the map. */
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
        // Before the map is live, its counts may be wrong. The legend's counts also appear only then.
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

/** While the map is not live, the number of seats left is uncertain. */
function seatsLeftLabel(free: number, isLive: boolean): string {
  if (free === 0) return isLive ? 'Sold out' : 'Was sold out';
  return `${free.toLocaleString()} ${isLive ? 'left' : 'were left'}`;
}
