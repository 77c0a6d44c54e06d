/** How often the two clocks of the device are compared. */
const CHECK_EVERY_MS = 250;
/** A pause between two looks of more than this is no throttled timer and no busy page. */
const PAUSE_MS_MAX = 3_000;
/** The device's clock and `performance.now()` agree to within this unless the device slept, or the clock was set. */
const DISAGREEMENT_MS_MAX = 1_000;

/**
 * Calls back when the page may have missed something without being told: the device slept, the browser froze the page or
 * brought it back from the back-forward cache, or somebody set the device's clock. None of these can be told from the
 * others for sure, and all of them need the same: to ask the server.
 */
export class ResumeDetector {
  readonly #listeners = new Set<() => void>();
  #monotonicMs: number;
  #wallMs: number;
  #wasInterrupted = false;

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
    setInterval(() => this.check(), CHECK_EVERY_MS);
    document.addEventListener('visibilitychange', () => this.check());
    document.addEventListener('resume', () => this.check(true));
    window.addEventListener('pageshow', ({ persisted }) => this.check(persisted));
  }

  /** @param isSure the browser has said that the page stood still */
  check(isSure = false): void {
    const pausedMs = this.monotonicMs() - this.#monotonicMs;
    const wallPausedMs = this.wallMs() - this.#wallMs;
    this.#monotonicMs += pausedMs;
    this.#wallMs += wallPausedMs;
    this.#wasInterrupted ||=
      isSure ||
      Math.max(pausedMs, wallPausedMs) > PAUSE_MS_MAX ||
      Math.abs(wallPausedMs - pausedMs) > DISAGREEMENT_MS_MAX;
    // A page in the background is called seldom, and nobody looks at it: it is woken once, when it is shown.
    if (!this.#wasInterrupted || this.isHidden()) return;
    this.#wasInterrupted = false;
    for (const listener of [...this.#listeners]) listener();
  }
}
