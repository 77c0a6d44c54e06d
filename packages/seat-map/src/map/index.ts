export { countText } from '../text/count.js';
export { isolated } from '../text/isolated.js';
export { formatMoney, isCurrency, type Money, spokenMoney } from '../text/money.js';
export { freePlaces } from './free-places.js';
export type { Bounds, Point } from './geometry.js';
export { seatAfterKey } from './keyboard-navigation.js';
export { Layout } from './layout.js';
export { LiveMap } from './live-map.js';
export { MapState } from './map-state.js';
export { measure } from './measure.js';
export { type Palette, paletteOf } from './palette.js';
export { bandText, type PriceBand, priceBands, spokenBand } from './price-bands.js';
export type { View } from './scene.js';
export { APPEARANCE_LABELS, type Appearance, appearanceOf, type OwnSeats } from './seat-appearance.js';
export { SeatCanvas } from './seat-canvas.js';
export { FEATURE_LABELS, SEAT_FEATURES } from './seat-features.js';
export {
  AVAILABLE,
  BOOKED,
  type Counts,
  LOCKED,
  OFF_SALE,
  type SeatStates,
  type ShownMap,
  STATUSES,
  type Status,
} from './seat-states.js';
export { Seating, type SeatPlace, type Section, type SectionShape } from './seating.js';
export { type SectionLook, type SectionLooks, sectionLooks } from './section-looks.js';
