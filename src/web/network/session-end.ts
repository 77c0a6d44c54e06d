/** The server closes a socket with it whose session is over, or was never one. */
export const FORBIDDEN = 4403;

/**
 * Where it is heard that the server knows nobody any more, whichever call or connection it says so of: a session runs
 * out, or is ended from another device, while the page is open.
 */
export class SessionEnd {
  readonly #listeners = new Set<() => void>();

  onSessionEnded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  sessionEnded(): void {
    for (const listener of this.#listeners) listener();
  }
}
