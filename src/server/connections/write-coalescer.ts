import type { Writable } from 'node:stream';

/**
 * Writes all messages of one event-loop task at its end, each by its own system call. Written one by one, nearly
 * every message would wake up its reader again, which costs more than building the message. It is empty between two
 * tasks and needs no limit of its own.
 */
export class WriteCoalescer {
  #corked: { readonly transport: Writable; readonly flushed: () => void }[] = [];

  /**
   * Holds back everything that is written to a transport until the end of the task, so the order of writes stays.
   *
   * @param flushed called once the transport was uncorked; what it could not send then is in its buffer
   */
  cork(transport: Writable, flushed: () => void): void {
    transport.cork();
    if (this.#corked.length === 0) queueMicrotask(() => this.#flush());
    this.#corked.push({ transport, flushed });
  }

  #flush(): void {
    const corked = this.#corked;
    this.#corked = [];
    for (const { transport } of corked) transport.uncork();
    for (const { flushed } of corked) flushed();
  }
}
