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
        const free = map?.state?.freeInSection(section.index);
        return (
          <li key={section.index}>
            <button type="button" className="section" onClick={() => onShow(section)}>
              <span className="section-name">{section.name}</span>
              <span className="muted">
                {free === undefined ? '' : free === 0 ? 'Sold out' : `${free.toLocaleString()} left`}
                {!map?.isLive && <span className="visually-hidden">, not up to date</span>}
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
