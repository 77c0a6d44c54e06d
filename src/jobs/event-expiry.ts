import type { Commands } from '../booking/commands.js';
import { expireLocksCommand } from '../booking/expire-locks.js';

/**
 * Records the expired locks of an event, in one recording of an event at a time. If thousands of locks expire at once, a
 * recording has many steps. Each is one expiry command, which joins a batch of other commands or waits until the event is
 * quiet. No caller waits for it, since an expired lock no longer holds its seat.
 */
export class EventExpiry {
  readonly #inProgress = new Map<string, Recording>();
  #closed = false;

  constructor(private readonly commands: Commands) {}

  /**
   * @param mayContinue asked after each step, with how many locks were ended so far
   * @returns how many locks were ended, once all that had expired are recorded; calls in the meantime share the recording
   */
  recordExpiries(eventId: string, mayContinue: (ended: number) => boolean = () => true): Promise<number> {
    const current = this.#inProgress.get(eventId);
    if (current !== undefined) {
      current.mustRepeat = true;
      return current.ended;
    }
    const recording: Recording = { mustRepeat: false, ended: Promise.resolve(0) };
    this.#inProgress.set(eventId, recording);
    recording.ended = this.#run(eventId, recording, mayContinue).finally(() => {
      this.#inProgress.delete(eventId);
    });
    return recording.ended;
  }

  /** Stops after the current steps. Another process, or the next start, records the rest. */
  close(): void {
    this.#closed = true;
  }

  async #run(
    eventId: string,
    recording: Recording,
    mayContinue: (ended: number) => boolean,
  ): Promise<number> {
    for (let ended = 0; ; ) {
      recording.mustRepeat = false;
      const expired = await this.commands.submit(expireLocksCommand(eventId));
      ended += expired.ended;
      if (this.#closed || (!expired.hasMore && !recording.mustRepeat)) return ended;
      if (!recording.mustRepeat && !mayContinue(ended)) return ended;
    }
  }
}

interface Recording {
  /** Another lock has expired since its current step started. */
  mustRepeat: boolean;
  ended: Promise<number>;
}
