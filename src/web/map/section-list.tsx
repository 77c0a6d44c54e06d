import type { ComponentProps } from 'react';
import type { LiveMap } from 'seat-map/map';
import { countText, formatMoney, type Seating, type Section, type SectionLooks } from 'seat-map/map';

import { StandingStepper, useIsLive, useSeatsLeft } from 'seat-map/react';

import './sections.css';

/**
 * Each section with its price and live number of seats left. A click shows it on the map. Of a standing section the number of
 * places can be chosen.
 */
export function SectionList({
  map,
  seating,
  looks,
  picked,
  onShow,
  onPlaces,
}: {
  map: LiveMap | undefined;
  seating: Seating;
  looks: SectionLooks;
  picked: readonly number[];
  onShow: (section: Section) => void;
  /** Picks this many places of a standing section. */
  onPlaces: (section: Section, places: number) => void;
}) {
  const isLive = useIsLive(map);
  return (
    <ul className={`sections ${isLive ? '' : 'stale'}`}>
      {seating.sections.map((section) => {
        const { index, name, kind, price, firstSeatNumber, lastSeatNumber } = section;
        const look = looks[index];
        if (look?.isShown === false) return null;
        return (
          <li key={index}>
            <button type="button" className="section" onClick={() => onShow(section)}>
              <span className="section-name">
                {look != null && look.band !== null && (
                  <span className={`seat-map-swatch seat-map-price-${look.band + 1}`} aria-hidden="true" />
                )}
                <bdi>{name}</bdi>
              </span>
              <span className="muted">
                <SeatsLeft map={map} section={index} isLive={isLive} />
              </span>
              <span className="section-price">
                {price ? formatMoney(price, { short: true }) : 'Your price'}
              </span>
            </button>
            {kind === 'standing' && (
              <div className="section-places">
                <span className="muted">Standing</span>
                <LiveStepper
                  map={map}
                  section={section}
                  picked={picked.filter((seat) => seat >= firstSeatNumber && seat <= lastSeatNumber).length}
                  onChange={(places) => onPlaces(section, places)}
                />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function LiveStepper({
  map,
  ...stepper
}: { map: LiveMap | undefined } & Omit<ComponentProps<typeof StandingStepper>, 'placesLeft'>) {
  return <StandingStepper {...stepper} placesLeft={useSeatsLeft(map, [stepper.section.index])} />;
}

/** While the map is not live, the number of seats left is uncertain. */
function SeatsLeft({ map, section, isLive }: { map: LiveMap | undefined; section: number; isLive: boolean }) {
  const left = useSeatsLeft(map, [section]);
  if (left === undefined) return null;
  if (left === 0) return isLive ? 'Sold out' : 'Was sold out';
  return `${countText(left)} ${isLive ? 'left' : 'were left'}`;
}
