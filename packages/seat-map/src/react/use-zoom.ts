import { type RefObject, useEffect, useRef } from 'react';
import type { Layout } from '../map/layout.js';
import type { View } from '../map/scene.js';
import { type ZoomControl, zoomOn } from '../map/zoom.js';

/** @param onView called with every new view */
export function useZoom(
  element: RefObject<HTMLElement | null>,
  layout: Layout,
  onView: (view: View) => void,
): RefObject<ZoomControl | null> {
  const control = useRef<ZoomControl | null>(null);
  const latest = useRef(onView);
  latest.current = onView;
  useEffect(() => {
    if (element.current === null) return;
    const zoom = zoomOn(element.current, layout, (view) => latest.current(view));
    control.current = zoom;
    return () => {
      zoom.close();
      control.current = null;
    };
  }, [element, layout]);
  return control;
}
