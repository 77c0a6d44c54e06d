// The page's corner of localStorage. Its own prefix, because another program's GraphiQL may once have run on this
// same host and port, and would otherwise hand us its tabs. The number goes up when the journey's tabs change.
const PREFIX = 'playground-1:';

let closed = false;

function keys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

export const storage = {
  getItem: (key: string) => localStorage.getItem(PREFIX + key),
  setItem(key: string, value: string) {
    if (!closed) localStorage.setItem(PREFIX + key, value);
  },
  removeItem: (key: string) => localStorage.removeItem(PREFIX + key),
  clear() {
    for (const key of keys()) localStorage.removeItem(key);
  },
  get length() {
    return keys().length;
  },
};

/** Forgets everything and loads the page as on the first visit. */
export function startOver() {
  closed = true; // GraphiQL stores what was typed half a second later: too late now
  storage.clear();
  location.reload();
}
