// The element's stand-in for d3-transition and d3-interpolate, a third of d3-zoom's size: the map zooms without animation.
import { selection } from 'd3-selection';

Object.assign(selection.prototype, {
  interrupt(this: unknown) {
    return this;
  },
});

export const interrupt = () => {};
export const interpolateZoom = () => {};
