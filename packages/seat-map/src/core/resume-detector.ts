import { callAll } from './call-all.js';

/** How often the two clocks of the device are compared. */
const CHECK_EVERY_MS = 250;
/** A longer pause between two checks is neither a throttled timer nor a busy page. */
const PAUSE_MS_MAX = 3_000;
/** If the device's clock and `performance.now()` differ by more, the device slept or its clock was set. */
const DISAGREEMENT_MS_MAX = 1_000;

/**
 * Calls back when the page may have missed messages: the device slept, the browser froze the page or restored it from the
 * back-forward cache, or the device's clock was set. These cases cannot be distinguished reliably, and all need the same: fresh
 * data from the server.
 */
export class ResumeDetector {
  readonly #listeners = new Set<() => void>();
  #monotonicMs: number;
  #wallMs: number;
  #wasInterrupted = false;

  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly wallMs: () => number = () => Date.now(),
    private readonly isHidden: () => boolean = () => globalThis.document?.hidden === true,
  ) {
    this.#monotonicMs = monotonicMs();
    this.#wallMs = wallMs();
  }

  onResume(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns stops it */
  watch(): () => void {
    const stopped = new AbortController();
    const { signal } = stopped;
    const timer = setInterval(() => this.check(), CHECK_EVERY_MS);
    // Node would wait for it.
    (timer as { unref?: () => void }).unref?.();
    globalThis.document?.addEventListener('visibilitychange', () => this.check(), { signal });
    globalThis.document?.addEventListener('resume', () => this.check(true), { signal });
    const shown = (event: Event) => this.check((event as PageTransitionEvent).persisted);
    globalThis.addEventListener?.('pageshow', shown, { signal });
    return () => {
      clearInterval(timer);
      stopped.abort();
    };
  }

  /** @param isSure the browser has reported that the page was frozen */
  check(isSure = false): void {
    const pausedMs = this.monotonicMs() - this.#monotonicMs;
    const wallPausedMs = this.wallMs() - this.#wallMs;
    this.#monotonicMs += pausedMs;
    this.#wallMs += wallPausedMs;
    this.#wasInterrupted ||=
      isSure ||
      Math.max(pausedMs, wallPausedMs) > PAUSE_MS_MAX ||
      Math.abs(wallPausedMs - pausedMs) > DISAGREEMENT_MS_MAX;
    // Timers of a hidden page are rare, and nobody sees it: it resumes once, when it is shown.
    if (!this.#wasInterrupted || this.isHidden()) return;
    this.#wasInterrupted = false;
    callAll(this.#listeners);
  }
}
