// The page's keys in localStorage have a prefix, because another program's GraphiQL may have stored its tabs on the same host
// and port. The number increases when the journey's tabs change.
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

/** Deletes everything and reloads the page as on the first visit. */
export function startOver() {
  closed = true; // ignores GraphiQL's delayed writes of the last half second
  storage.clear();
  location.reload();
}
