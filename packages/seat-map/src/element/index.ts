import { SeatMapElement, type SeatMapEvents } from './seat-map-element.js';

export { type CheckOutOptions, SeatMapElement, type SeatMapEvents } from './seat-map-element.js';

declare global {
  interface HTMLElementTagNameMap {
    'seat-map': SeatMapElement;
  }
  interface HTMLElementEventMap extends SeatMapEvents {}
}

// Two copies of this script on a page are harmless. A server that renders pages has no elements.
const elements = globalThis.customElements as CustomElementRegistry | undefined;
if (elements?.get('seat-map') === undefined) elements?.define('seat-map', SeatMapElement);
