/** How often the two clocks of the device are compared. */
const LOOK_EVERY_MS = 250;
/** A pause between two looks of more than this is no throttled timer and no busy page. */
const PAUSE_MS_MAX = 3_000;
/** The device's clock and `performance.now()` agree to within this unless the device slept, or the clock was set. */
const DISAGREEMENT_MS_MAX = 1_000;

/**
 * Calls back when the page may have missed something without being told: the device slept, the browser froze the page or
 * brought it back from the back-forward cache, or somebody set the device's clock. None of these can be told from the
 * others for sure, and all of them need the same: to ask the server.
 */
export class Wake {
  readonly #listeners = new Set<() => void>();
  #monotonicMs: number;
  #wallMs: number;
  #missed = false;

  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly wallMs: () => number = () => Date.now(),
    private readonly isHidden: () => boolean = () => document.hidden,
  ) {
    this.#monotonicMs = monotonicMs();
    this.#wallMs = wallMs();
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(): void {
    setInterval(() => this.look(), LOOK_EVERY_MS);
    document.addEventListener('visibilitychange', () => this.look());
    document.addEventListener('resume', () => this.look(true));
    window.addEventListener('pageshow', ({ persisted }) => this.look(persisted));
  }

  /** @param isSure the browser has said that the page stood still */
  look(isSure = false): void {
    const pausedMs = this.monotonicMs() - this.#monotonicMs;
    const wallPausedMs = this.wallMs() - this.#wallMs;
    this.#monotonicMs += pausedMs;
    this.#wallMs += wallPausedMs;
    this.#missed ||=
      isSure ||
      Math.max(pausedMs, wallPausedMs) > PAUSE_MS_MAX ||
      Math.abs(wallPausedMs - pausedMs) > DISAGREEMENT_MS_MAX;
    // A page in the background is called seldom, and nobody looks at it: it is woken once, when it is shown.
    if (!this.#missed || this.isHidden()) return;
    this.#missed = false;
    for (const listener of [...this.#listeners]) listener();
  }
}
