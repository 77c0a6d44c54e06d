import { SeatMapElement, type SeatMapEvents } from './seat-map-element.js';

export { type CheckOutOptions, SeatMapElement, type SeatMapEvents } from './seat-map-element.js';

declare global {
  interface HTMLElementTagNameMap {
    'seat-map': SeatMapElement;
  }
  interface HTMLElementEventMap extends SeatMapEvents {}
}

// Two copies of this script on a page are harmless.
if (customElements.get('seat-map') === undefined) customElements.define('seat-map', SeatMapElement);
