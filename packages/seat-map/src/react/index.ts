export { type Announce, Announcer, useAnnounce } from './announcer.js';
export { Legend } from './legend.js';
export { NotLive } from './not-live.js';
export { PriceKey } from './price-key.js';
export { SeatMap, type SeatMapControl } from './seat-map.js';
export { useIsLive, useMapValue, useSeatsLeft } from './use-map-value.js';
export { type PriceFilter, usePriceFilter } from './use-price-filter.js';
export { useSeating } from './use-seating.js';
