import type { Sink, Subscriber, Subscription } from './subscriber.js';

/** The server sends something every 12 s. */
const SILENCE_MS_MAX = 30_000;
/** A page that has been hidden for so long leaves its connections to others: over HTTP/1.1 browsers open six to a host. */
const HIDDEN_MS_MAX = 10_000;

/** What this file needs of others. It imports nothing, so that it is loaded alone. */
export interface StreamEvents {
  /** The pause before a stream is opened again. */
  pauseMs(attempts: number): number;
  /** Something has arrived, and is not handled yet. */
  message(): void;
  /** The server could not be reached, or does not answer with a stream. */
  failed(): void;
}

/**
 * Subscriptions over Server-Sent Events: graphql-sse's protocol in its distinct connections mode, one request for each
 * subscription. A stream that breaks off is opened again. While the page stays hidden, none is open.
 */
export class EventStreams implements Subscriber {
  readonly #restarts = new Set<() => void>();
  #areSuspended = false;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #checkVisibility = () => {
    clearTimeout(this.#hiddenTimer);
    if (globalThis.document?.hidden) this.#hiddenTimer = setTimeout(() => this.#suspend(true), HIDDEN_MS_MAX);
    else this.#suspend(false);
  };

  /** @param post sends the operation, and returns the answer before its body */
  constructor(
    private readonly post: (subscription: Subscription, signal: AbortSignal) => Promise<Response>,
    private readonly events: StreamEvents,
  ) {}

  subscribe<Data>(subscription: Subscription, sink: Sink<Data>): () => void {
    let isWanted = true;
    let attempts = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: AbortController | undefined;
    const restart = () => {
      sink.lost?.();
      void open();
    };
    const cancel = () => {
      isWanted = false;
      this.#restarts.delete(restart);
      clearTimeout(timer);
      current?.abort();
      if (this.#restarts.size > 0) return;
      globalThis.document?.removeEventListener('visibilitychange', this.#checkVisibility);
      clearTimeout(this.#hiddenTimer);
    };
    const open = async () => {
      clearTimeout(timer);
      current?.abort();
      current = undefined;
      if (this.#areSuspended) return;
      const controller = new AbortController();
      current = controller;
      const isCurrent = () => isWanted && current === controller;
      let silence: ReturnType<typeof setTimeout> | undefined;
      const expectAnswer = () => {
        clearTimeout(silence);
        silence = setTimeout(() => controller.abort(), SILENCE_MS_MAX);
      };
      // Also for the answer itself, which a proxy may hold back until it is complete.
      expectAnswer();
      const arrived = () => {
        expectAnswer();
        this.events.message();
      };
      let isAnswered = false;
      const end = (errors: readonly unknown[] | undefined) => {
        cancel();
        if (errors === undefined) sink.complete();
        else sink.error(errors);
      };
      try {
        const response = await this.post(subscription, controller.signal);
        if (!response.ok || response.body === null) {
          // Where there is no such address, the answer is no JSON.
          const { errors } = await response.json();
          if (isCurrent()) end(errors);
          return;
        }
        let errors: readonly unknown[] | undefined;
        for await (const { event, data } of eventsOf(response.body, arrived)) {
          if (!isCurrent()) return;
          isAnswered = true;
          attempts = 0;
          if (event === 'complete') return end(errors);
          const result = JSON.parse(data);
          // A refused operation has no data, and is complete after its errors.
          if (result.data == null) errors = result.errors;
          else sink.next(result);
        }
      } catch {
        // The same as if it had broken off.
      } finally {
        clearTimeout(silence);
      }
      if (!isCurrent()) return;
      timer = setTimeout(open, this.events.pauseMs(attempts));
      attempts += 1;
      sink.lost?.();
      if (!isAnswered && isCurrent()) this.events.failed();
    };
    globalThis.document?.addEventListener('visibilitychange', this.#checkVisibility);
    this.#checkVisibility();
    this.#restarts.add(restart);
    void open();
    return cancel;
  }

  /** Opens all streams anew, e.g. for another user. */
  reopen(): void {
    for (const restart of this.#restarts) restart();
  }

  #suspend(areSuspended: boolean): void {
    if (this.#areSuspended === areSuspended) return;
    this.#areSuspended = areSuspended;
    this.reopen();
  }
}

/** The events of a stream, without its comments. @param arrived called for each piece, before it is handled */
async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  arrived: () => void,
): AsyncGenerator<{ readonly event: string; readonly data: string }> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as never)
    .getReader() as ReadableStreamDefaultReader<string>;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    arrived();
    const blocks = (text + value).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: ?(.*)$/m.exec(block)?.[1];
      const data = /^data: ?(.*)$/m.exec(block)?.[1] ?? '';
      if (event !== undefined) yield { event, data };
    }
  }
}
