/** A part of the browser's `Storage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A storage of the browser. Where there is none, or it is forbidden, what is kept lasts as long as the page. */
export function storageOf(name: 'localStorage' | 'sessionStorage'): TextStorage {
  try {
    const storage = globalThis[name];
    if (storage) return storage;
  } catch {
    // Forbidden.
  }
  return memoryStorage();
}

export function memoryStorage(): TextStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
