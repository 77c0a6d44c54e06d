import type { Section } from '../map/seating.js';
import { isolated } from '../text/isolated.js';

/** Chooses how many places of a standing section are picked. */
export function StandingStepper({
  section,
  picked,
  placesLeft,
  onChange,
}: {
  section: Section;
  picked: number;
  /** Undefined while it is not known. */
  placesLeft: number | undefined;
  onChange: (places: number) => void;
}) {
  const name = isolated(section.name);
  const canAdd = placesLeft === undefined || picked < placesLeft;
  return (
    <fieldset className="seat-map-stepper">
      <legend className="seat-map-hidden">Places in {name}</legend>
      <button
        type="button"
        aria-label={`One place fewer in ${name}`}
        aria-disabled={picked === 0}
        onClick={() => picked > 0 && onChange(picked - 1)}
      >
        −
      </button>
      <output aria-live="off">{picked}</output>
      <button
        type="button"
        aria-label={`One place more in ${name}`}
        aria-disabled={!canAdd}
        onClick={() => canAdd && onChange(picked + 1)}
      >
        +
      </button>
    </fieldset>
  );
}
