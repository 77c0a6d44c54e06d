import type { Clock } from '../../core/clock.js';
import type { SharedBuffers } from './shared-buffers.js';

/** Bytes that may wait for one socket, of all its operations: several snapshots of the largest maps. */
export const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Bytes that may wait for all sockets, shared ones counted once. Above it, the sockets with most unread bytes are
 * closed.
 */
export const UNREAD_BYTES_TOTAL_MAX = 256 * 1024 * 1024;
/**
 * Messages that may wait for one socket, since small ones take more memory than their bytes. All of its operations in
 * progress may be answered at once, with an answer and an end each.
 */
export const UNREAD_MESSAGES_MAX = 2_500;
/** A socket with more unread bytes than this has to read as many within `SLOW_READ_MS_MAX`, or it is closed. */
const SLOW_READ_BYTES_MAX = 1024 * 1024;
export const SLOW_READ_MS_MAX = 60_000;

/** The messages of one socket that were sent and have not left this process. */
export class UnreadMessages {
  #count = 0;
  /** Since when no message has left. */
  #stalledSince: Date | undefined;
  /** Bytes that wait for this socket only. */
  #ownBytes = 0;
  /** Buffers that may wait for other sockets too, one list for each message. */
  readonly #sharedParts = new Set<readonly Buffer[]>();
  /** Since when more than `SLOW_READ_BYTES_MAX` wait, and how many bytes have left since then. */
  #backlog: { since: Date; drainedBytes: number } | undefined;

  constructor(
    private readonly sharedBuffers: SharedBuffers,
    private readonly clock: Clock,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** Unread bytes. Of a shared buffer, its share. */
  get bytes(): number {
    let bytes = this.#ownBytes;
    for (const parts of this.#sharedParts)
      for (const part of parts) bytes += this.sharedBuffers.shareOf(part);
    return bytes;
  }

  get isStalled(): boolean {
    return this.#stalledSince !== undefined;
  }

  /** How long no message has left; 0 if none waits. */
  get stalledMs(): number {
    return this.#stalledSince === undefined ? 0 : this.#msSince(this.#stalledSince);
  }

  /** @returns a function to call once the message has left */
  add(ownBytes: number, shared: readonly Buffer[]): () => void {
    const bytes = shared.reduce((sum, { length }) => sum + length, ownBytes);
    // A copy of the list, since the same list may be sent twice.
    const parts = shared.length > 0 ? [...shared] : undefined;
    if (parts !== undefined) {
      this.#sharedParts.add(parts);
      this.sharedBuffers.hold(parts);
    }
    this.#count += 1;
    this.#ownBytes += ownBytes;
    this.#stalledSince ??= this.clock.now();
    return () => {
      this.#count -= 1;
      this.#ownBytes -= ownBytes;
      if (this.#backlog !== undefined) this.#backlog.drainedBytes += bytes;
      this.#stalledSince = this.#count === 0 ? undefined : this.clock.now();
      if (parts === undefined) return;
      this.#sharedParts.delete(parts);
      this.sharedBuffers.release(parts);
    };
  }

  /** Called once a second. @returns whether much was unread for `SLOW_READ_MS_MAX` and too little of it was read */
  readsTooSlowly(): boolean {
    if (this.bytes <= SLOW_READ_BYTES_MAX) this.#backlog = undefined;
    else this.#backlog ??= { since: this.clock.now(), drainedBytes: 0 };
    if (this.#backlog === undefined || this.#msSince(this.#backlog.since) <= SLOW_READ_MS_MAX) return false;
    const { drainedBytes } = this.#backlog;
    this.#backlog = undefined;
    return drainedBytes < SLOW_READ_BYTES_MAX;
  }

  #msSince(instant: Date): number {
    return this.clock.now().getTime() - instant.getTime();
  }
}
