// The stand-in for d3-transition and d3-interpolate in the element and in the page: the map zooms without animation, and
// they are three quarters of d3-zoom's size.
import { selection } from 'd3-selection';

Object.assign(selection.prototype, {
  interrupt(this: unknown) {
    return this;
  },
});

export const interrupt = () => {};
export const interpolateZoom = () => {};
