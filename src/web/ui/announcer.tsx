import { createContext, type ReactNode, useCallback, useContext, useRef } from 'react';

export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

const AnnounceContext = createContext<Announce>(() => {});
export const useAnnounce = () => useContext(AnnounceContext);

/** What was said is left there so long that two things said at once are both read out. */
const LINES_MAX = 4;

/** Tells people who listen to the page what others see happen. Only what matters to them: a map changes all the time. */
export function Announcer({ children }: { children: ReactNode }) {
  const polite = useRef<HTMLDivElement>(null);
  const assertive = useRef<HTMLDivElement>(null);
  const announce = useCallback<Announce>((text, urgency = 'polite') => {
    const region = (urgency === 'polite' ? polite : assertive).current;
    if (region === null) return;
    // A node of its own each time: the same words twice would otherwise be heard once.
    const line = document.createElement('p');
    line.textContent = text;
    region.append(line);
    while (region.childElementCount > LINES_MAX) region.firstElementChild?.remove();
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      {/* Only what is new is read, not the lines before it. aria-live also keeps dialogs from hiding them. */}
      <div ref={polite} className="visually-hidden" role="status" aria-live="polite" aria-atomic="false" />
      <div
        ref={assertive}
        className="visually-hidden"
        role="alert"
        aria-live="assertive"
        aria-atomic="false"
      />
    </AnnounceContext>
  );
}
