import type { RefObject } from 'react';
import type { ZoomControl } from '../map/zoom.js';

export function ZoomButtons({ zoom }: { zoom: RefObject<ZoomControl | null> }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: three buttons are no form fields.
    <div className="seat-map-zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom in" onClick={() => zoom.current?.by('in')}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 3v10M3 8h10" />
        </svg>
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => zoom.current?.by('out')}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 8h10" />
        </svg>
      </button>
      <button type="button" aria-label="Show the whole map" onClick={() => zoom.current?.whole()}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3" />
        </svg>
      </button>
    </div>
  );
}
