import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.js';
import type { BroadcastConnection, FrameParts, MessageEncoding } from '../broadcast/broadcast.js';
import { UNREAD_BYTES_MAX, UNREAD_MESSAGES_MAX, UnreadMessages } from './backpressure.js';
import type { SharedBuffers } from './shared-buffers.js';
import type { WriteCoalescer } from './write-coalescer.js';

const EMPTY = Buffer.alloc(0);

export interface ClientConnectionOptions {
  readonly clock: Clock;
  /** How long a client may leave every message unread. */
  readonly slowReaderMsMax: number;
}

/** What all connections of a server use together. */
export interface SharedByConnections {
  readonly sharedBuffers: SharedBuffers;
  readonly writeCoalescer: WriteCoalescer;
}

/** A connection that stays open for subscriptions: a WebSocket, or an event stream. It limits what waits for its client. */
export abstract class ClientConnection implements BroadcastConnection {
  readonly #unread: UnreadMessages;
  abstract readonly encoding: MessageEncoding;
  abstract readonly isOpen: boolean;

  constructor(
    /** The network connection. Nothing but whole messages is written to it. */
    protected readonly transport: Duplex,
    readonly address: string,
    private readonly shared: SharedByConnections,
    private readonly limits: ClientConnectionOptions,
  ) {
    this.#unread = new UnreadMessages(shared.sharedBuffers, limits.clock);
  }

  /** Closes it so that the client connects again after a pause. */
  abstract closeSlowReader(): void;

  /** Closes it because the server stops. */
  abstract closeForStop(): void;

  /** Called once a second for a connection whose client reads what it is sent. */
  protected abstract keepAlive(): void;

  /** Called once a second for a connection whose client has not read the last message yet. */
  protected abstract waitForReader(): void;

  get unreadBytes(): number {
    return this.#unread.bytes;
  }

  get isStalled(): boolean {
    return this.isOpen && this.#unread.isStalled;
  }

  writeCoalesced(makeFrame: () => FrameParts, drained: () => void): boolean {
    if (!this.canSend()) return true;
    const frame = makeFrame();
    this.cork(frame[0].length, frame.slice(1), drained);
    for (const part of frame) this.transport.write(part);
    return false;
  }

  writeNow(
    frame: readonly Buffer[],
    shared: readonly Buffer[],
    ownBytes: number,
    drained: () => void,
  ): 'sent' | 'buffered' | 'refused' {
    const { transport } = this;
    if (!this.isOpen || transport.writableLength > 0) return 'refused';
    if (frame.length === 1) transport.write(frame[0]);
    else {
      transport.cork();
      for (const part of frame) transport.write(part);
      transport.uncork();
    }
    if (transport.writableLength === 0) return 'sent';
    this.#afterWrite(ownBytes, shared, drained);
    return 'buffered';
  }

  /** Holds back what is written from now on until the end of this event-loop task. */
  protected cork(ownBytes: number, shared: readonly Buffer[], drained: () => void): void {
    this.shared.writeCoalescer.cork(this.transport, () => this.#afterWrite(ownBytes, shared, drained));
  }

  #afterWrite(ownBytes: number, shared: readonly Buffer[], drained: () => void): void {
    if (this.transport.writableLength === 0) {
      drained();
      return;
    }
    const left = this.#unread.add(ownBytes, shared);
    // An empty write comes after everything that waits. Its callback is called once all of that has left.
    this.transport.write(EMPTY, () => {
      left();
      drained();
    });
  }

  /** @returns whether it is open and may have one more message waiting; one with too many is closed */
  protected canSend(): boolean {
    if (!this.isOpen) return false;
    if (this.transport.writableLength <= UNREAD_BYTES_MAX && this.#unread.count < UNREAD_MESSAGES_MAX)
      return true;
    this.closeSlowReader();
    return false;
  }

  /** Called once a second. Closes a connection whose client reads too slowly, and finds out whether the others still live. */
  check(): void {
    if (!this.isOpen) return;
    const { isStalled, stalledMs } = this.#unread;
    if (this.#unread.readsTooSlowly() || stalledMs > this.limits.slowReaderMsMax) this.closeSlowReader();
    else if (isStalled) this.waitForReader();
    else this.keepAlive();
  }
}
