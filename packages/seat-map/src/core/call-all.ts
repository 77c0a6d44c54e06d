/**
 * Calls all of them. What one throws is reported as an uncaught error, and keeps nothing from the others: a mistake in one part
 * of a page must not end the connection of all.
 */
export function callAll<Args extends unknown[]>(
  listeners: Iterable<(...args: Args) => void>,
  ...args: Args
): void {
  for (const listener of [...listeners]) {
    try {
      listener(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
