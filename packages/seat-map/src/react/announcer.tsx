import { createContext, type ReactNode, useCallback, useContext, useRef } from 'react';
import '../map/seat-map.css';

export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

const AnnounceContext = createContext<Announce | null>(null);
const nobodyListens: Announce = () => {};
export const useAnnounce = (): Announce => useContext(AnnounceContext) ?? nobodyListens;

/** Lines that stay in the region, so that two announcements at once are both read out. */
const LINES_MAX = 4;

/** Reads important changes out to users of screen readers. Not every change: a map changes all the time. */
export function Announcer({ children }: { children: ReactNode }) {
  const polite = useRef<HTMLDivElement>(null);
  const assertive = useRef<HTMLDivElement>(null);
  const announce = useCallback<Announce>((text, urgency = 'polite') => {
    const region = (urgency === 'polite' ? polite : assertive).current;
    if (region === null) return;
    // A new node each time. Otherwise the same text twice would be read out once.
    const line = document.createElement('p');
    line.textContent = text;
    region.append(line);
    while (region.childElementCount > LINES_MAX) region.firstElementChild?.remove();
  }, []);
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      {/* Only new lines are read out. With aria-live, dialogs do not hide the regions. */}
      <div ref={polite} className="seat-map-hidden" role="status" aria-live="polite" aria-atomic="false" />
      <div
        ref={assertive}
        className="seat-map-hidden"
        role="alert"
        aria-live="assertive"
        aria-atomic="false"
      />
    </AnnounceContext.Provider>
  );
}

/** An announcer, unless there is one around it already. */
export function EnsureAnnouncer({ children }: { children: ReactNode }) {
  return useContext(AnnounceContext) === null ? <Announcer>{children}</Announcer> : children;
}
