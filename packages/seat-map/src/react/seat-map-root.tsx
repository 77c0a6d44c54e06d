import { createContext, type HTMLAttributes, useContext, useSyncExternalStore } from 'react';
import { EnsureAnnouncer } from './announcer.js';
import '../map/theme.css';
import '../map/seat-map.css';

/** `device`: as the device's setting says. */
export type Theme = 'light' | 'dark' | 'device';

const ThemeContext = createContext<'light' | 'dark'>('light');

/** Changes when the colours do: what is drawn on a canvas must be drawn again then. */
export const useTheme = () => useContext(ThemeContext);

/** Around all parts of a seat map: gives them their colours, and tells users of screen readers what they announce. */
export function SeatMapRoot({
  theme = 'device',
  className = '',
  children,
  ...rest
}: { theme?: Theme } & HTMLAttributes<HTMLDivElement>) {
  const isDark = useSyncExternalStore(onDeviceTheme, deviceIsDark, () => false);
  const shown = theme === 'device' ? (isDark ? 'dark' : 'light') : theme;
  return (
    <ThemeContext.Provider value={shown}>
      <div {...rest} className={`seat-map-root ${className}`} data-seat-map-theme={shown}>
        <EnsureAnnouncer>{children}</EnsureAnnouncer>
      </div>
    </ThemeContext.Provider>
  );
}

const darkDevice = () => matchMedia('(prefers-color-scheme: dark)');
const deviceIsDark = () => darkDevice().matches;

function onDeviceTheme(changed: () => void): () => void {
  const query = darkDevice();
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}
