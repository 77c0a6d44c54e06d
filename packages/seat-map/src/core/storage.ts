/** A part of the browser's `Storage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A storage of the browser. Where there is none, or it is forbidden, what is kept lasts as long as the page. */
export function storageOf(name: 'localStorage' | 'sessionStorage'): TextStorage {
  let storage: TextStorage | undefined;
  try {
    storage = globalThis[name];
  } catch {
    // Forbidden.
  }
  return fallingBack(storage);
}

/** Never throws: what the storage refuses, because it is full for instance, is kept in memory. */
export function fallingBack(storage: TextStorage | undefined): TextStorage {
  const memory = memoryStorage();
  const attempt = <Result>(work: () => Result) => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  return {
    getItem: (key) => memory.getItem(key) ?? attempt(() => storage?.getItem(key)) ?? null,
    setItem: (key, value) => {
      memory.setItem(key, value);
      attempt(() => {
        if (storage === undefined) return;
        storage.setItem(key, value);
        memory.removeItem(key);
      });
    },
    removeItem: (key) => {
      memory.removeItem(key);
      attempt(() => storage?.removeItem(key));
    },
  };
}

/** What is kept as JSON; null without it, or if something else was written there. */
export function keptIn<Value>(storage: TextStorage, key: string): Value | null {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

export function memoryStorage(): TextStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
