import { UNREAD_BYTES_TOTAL_MAX } from './backpressure.js';
import type { ClientConnection } from './client-connection.js';
import { SharedBuffers } from './shared-buffers.js';
import { WriteCoalescer } from './write-coalescer.js';

/** How often every connection is checked: does its client still live, does it still read? */
const CHECK_EVERY_MS = 1_000;
/** When a refused client may try again: one of its address's connections has to close first, or the server to restart. */
export const REFUSED_SECONDS = 5;

/** The WebSockets and event streams of a server. It counts them together, checks them, and closes them. */
export class OpenConnections {
  readonly #connections = new Set<ClientConnection>();
  readonly #countOfAddress = new Map<string, number>();
  readonly #checks: NodeJS.Timeout;
  #isStopping = false;
  readonly shared = { sharedBuffers: new SharedBuffers(), writeCoalescer: new WriteCoalescer() };

  /** @param perAddressMax connections that one address may have */
  constructor(private readonly perAddressMax: number) {
    this.#checks = setInterval(() => this.check(), CHECK_EVERY_MS);
    this.#checks.unref();
  }

  /** Whether new connections are refused. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  hasRoomFor(address: string): boolean {
    return (this.#countOfAddress.get(address) ?? 0) < this.perAddressMax;
  }

  /** @returns a function to call once the connection is closed */
  add(connection: ClientConnection): () => void {
    const { address } = connection;
    this.#connections.add(connection);
    this.#countOfAddress.set(address, (this.#countOfAddress.get(address) ?? 0) + 1);
    return () => {
      if (!this.#connections.delete(connection)) return;
      const left = (this.#countOfAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#countOfAddress.set(address, left);
      else this.#countOfAddress.delete(address);
    };
  }

  /** How many connections there are that match. */
  count(matches: (connection: ClientConnection) => boolean): number {
    let count = 0;
    for (const connection of this.#connections) if (matches(connection)) count += 1;
    return count;
  }

  /** Called once a second. If too much is unread in total, it closes the connections with most unread bytes. */
  check(): void {
    let unreadBytes = 0;
    for (const connection of this.#connections) {
      connection.check();
      unreadBytes += connection.unreadBytes;
    }
    if (unreadBytes <= UNREAD_BYTES_TOTAL_MAX) return;
    const byUnread = [...this.#connections].sort((a, b) => b.unreadBytes - a.unreadBytes);
    for (const connection of byUnread) {
      if (unreadBytes <= UNREAD_BYTES_TOTAL_MAX) break;
      unreadBytes -= connection.unreadBytes;
      connection.closeSlowReader();
    }
  }

  /** Closes every connection because the server stops. From now on new ones are refused. */
  closeForStop(): void {
    this.#isStopping = true;
    clearInterval(this.#checks);
    for (const connection of this.#connections) connection.closeForStop();
  }
}
