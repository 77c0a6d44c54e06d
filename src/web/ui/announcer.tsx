import { createContext, type ReactNode, useCallback, useContext, useRef } from 'react';

export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

const AnnounceContext = createContext<Announce>(() => {});
export const useAnnounce = () => useContext(AnnounceContext);

/** Tells people who listen to the page what others see happen. Only what matters to them: a map changes all the time. */
export function Announcer({ children }: { children: ReactNode }) {
  const polite = useRef<HTMLDivElement>(null);
  const assertive = useRef<HTMLDivElement>(null);
  const announce = useCallback<Announce>((text, urgency = 'polite') => {
    const region = (urgency === 'polite' ? polite : assertive).current;
    if (region === null) return;
    // The same words twice are heard twice only if they are another node.
    const line = document.createElement('p');
    line.textContent = text;
    region.replaceChildren(line);
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div ref={polite} className="visually-hidden" aria-live="polite" data-announcer="polite" />
      <div ref={assertive} className="visually-hidden" aria-live="assertive" data-announcer="assertive" />
    </AnnounceContext>
  );
}
