// In the page and the element this stands in for d3-transition and d3-interpolate, half of d3-zoom's size with all that it
// needs: the map zooms without animation.
import { selection } from 'd3-selection';

Object.assign(selection.prototype, {
  interrupt(this: unknown) {
    return this;
  },
});

export const interrupt = () => {};
export const interpolateZoom = () => {};
