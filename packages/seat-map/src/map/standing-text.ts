import { countText } from '../text/count.js';

/** "312 places left", or "sold out". */
export function placesLeftText(places: number): string {
  if (places === 0) return 'sold out';
  return places === 1 ? '1 place left' : `${countText(places)} places left`;
}
