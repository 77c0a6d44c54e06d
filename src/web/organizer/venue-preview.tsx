import { useMemo } from 'react';
import { Seating } from 'seat-map/map';
import { SeatMapPreview, SeatMapRoot } from 'seat-map/react';
import type { NewSection } from '../../catalog/seating.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';

/** The map as buyers will see it, before anything is sold. */
export function VenuePreview({
  venue: { plan, sections },
}: {
  venue: { plan: SeatingPlan; sections: readonly NewSection[] };
}) {
  const seating = useMemo(() => seatingOf(plan, sections), [plan, sections]);
  return (
    <SeatMapRoot>
      <SeatMapPreview seating={seating} label="Preview of the map" />
    </SeatMapRoot>
  );
}

function seatingOf(plan: SeatingPlan, sections: readonly NewSection[]): Seating {
  const shapes = plan.sections.map(({ name, kind, firstSeatNumber }, index) => ({
    name,
    kind: kind === 'standing' ? ('STANDING' as const) : ('SEATED' as const),
    firstSeatNumber,
    rows: 0,
    seatsPerRow: 0,
    price: sections[index]?.price,
  }));
  return new Seating(shapes, plan.totalSeats, plan);
}
