import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';

/** For a seat's name and the legend. */
export const FEATURE_LABELS: Readonly<Record<SeatFeature, string>> = {
  wheelchair: 'wheelchair space',
  companion: 'companion seat',
  restrictedView: 'restricted view',
};

export const SEAT_FEATURES = Object.keys(FEATURE_LABELS) as SeatFeature[];
