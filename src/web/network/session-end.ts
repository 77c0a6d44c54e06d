/**
 * Notifies its listeners when any call or connection shows that the session has ended: it expired, or was ended from another
 * device.
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
