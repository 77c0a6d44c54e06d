import { type PointerEvent, type ReactNode, type SyntheticEvent, useRef, useState } from 'react';
import type { Bounds } from 'seat-map/map';

/** A shorter way of the pointer is a press on a seat. */
const DRAG_PX_MIN = 5;

/** While it is on, a drag over the map draws a rectangle and does not move the map. */
export function BoxSelection({
  isOn,
  onBox,
  children,
}: {
  isOn: boolean;
  onBox: (box: Bounds) => void;
  children: ReactNode;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const start = useRef<{ x: number; y: number } | null>(null);
  const [box, setBox] = useState<Bounds | null>(null);
  const isOverMap = ({ target }: SyntheticEvent) => (target as Element).closest('[role=grid]') !== null;
  /** The map listens to the same events, and would move. */
  const keepFromMap = (event: SyntheticEvent) => {
    if (isOn && isOverMap(event)) event.stopPropagation();
  };
  const boxTo = ({ clientX, clientY }: PointerEvent): Bounds | null => {
    if (start.current === null) return null;
    const { x, y } = start.current;
    if (Math.hypot(clientX - x, clientY - y) < DRAG_PX_MIN && box === null) return null;
    return {
      left: Math.min(x, clientX),
      right: Math.max(x, clientX),
      top: Math.min(y, clientY),
      bottom: Math.max(y, clientY),
    };
  };
  const end = (drawn: Bounds | null) => {
    start.current = null;
    setBox(null);
    if (drawn !== null) onBox(drawn);
  };
  const origin = frame.current?.getBoundingClientRect();
  return (
    <div
      ref={frame}
      className="box-selection"
      onMouseDownCapture={keepFromMap}
      onTouchStartCapture={keepFromMap}
      onPointerDownCapture={(event) => {
        if (!isOn || !event.isPrimary || event.button !== 0 || !isOverMap(event)) return;
        start.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerMoveCapture={(event) => {
        const drawn = boxTo(event);
        if (drawn === null) return;
        // From here on the press is a drag, and no seat gets the click at its end.
        frame.current?.setPointerCapture(event.pointerId);
        setBox(drawn);
      }}
      onPointerUpCapture={(event) => end(box === null ? null : boxTo(event))}
      onPointerCancelCapture={() => end(null)}
    >
      {children}
      {box !== null && origin !== undefined && (
        <div
          className="selection-box"
          style={{
            left: box.left - origin.left,
            top: box.top - origin.top,
            width: box.right - box.left,
            height: box.bottom - box.top,
          }}
        />
      )}
    </div>
  );
}
