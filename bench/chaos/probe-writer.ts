import { type Deadline } from '../rush/retry.js';
import { History, longestPauseMs, type ServerConnection, writesContinuedAfterMs } from './call-history.js';

const LOCK = 'mutation($input: LockSeatInput!) { lockSeat(input: $input) { id } }';
const RELEASE = 'mutation($lockId: ID!) { releaseLock(lockId: $lockId) { id } }';

export const PROBE_SEATS = 30;

/** Locks and releases seats of an event of its own at a fixed rate, and does not wait for earlier calls. */
export class ProbeWriter {
  readonly #history: History;
  readonly #inProgress = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;
  #probes = 0;

  /** @param deadline how long one may wait for it to continue */
  constructor(
    connections: readonly ServerConnection[],
    private readonly event: { readonly eventId: string; readonly token: string },
    everyMs: number,
    private readonly deadline: Deadline,
  ) {
    this.#history = new History(connections);
    this.#timer = setInterval(() => this.#probe(), everyMs);
  }

  get leftMs(): number {
    return this.deadline.leftMs;
  }

  continuedAfterMs = (fromMs: number): number | null => writesContinuedAfterMs(this.#history.calls, fromMs);
  longestPauseMs = (fromMs: number): number | null => longestPauseMs(this.#history.calls, fromMs);

  /** How long the answered calls took, the fastest first. */
  get tookMs(): number[] {
    return this.#history.calls
      .flatMap(({ outcome, callMs, returnMs }) =>
        outcome?.kind === 'data' ? (returnMs as number) - callMs : [],
      )
      .sort((a, b) => a - b);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#inProgress);
  }

  #probe(): void {
    const { eventId, token } = this.event;
    const input = { eventId, seatNumber: (this.#probes++ % PROBE_SEATS) + 1 };
    const api = this.#history.apiOf(this.#probes);
    const asked = api
      .ask(LOCK, { input }, token)
      .then((data) => api.ask(RELEASE, { lockId: (data.lockSeat as { id: string }).id }, token))
      .catch(() => undefined)
      .finally(() => this.#inProgress.delete(asked));
    this.#inProgress.add(asked);
  }
}
