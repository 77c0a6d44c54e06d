import type { ExecutionResult } from 'graphql';
import { SERVER_TIME_TOLERANCE_MS, type SeatUpdate } from '../../feed/seat-update.js';
import { type DeferredLists, fillPlaceholders, placeholderFor } from '../../graphql/deferred-seat-lists.js';

/** Stands for the server's time, which is inserted when the answer is sent. */
const TIME = Symbol('server time');

/**
 * The body of a message: the answer as JSON. It stays valid until the map changes, except for the server's time.
 */
export class SharedAnswer {
  /** The text in order, with `TIME` wherever the server's time was requested. */
  readonly #parts: readonly (Buffer | typeof TIME)[];
  #body: readonly Buffer[] = [];
  #builtForMs = Number.NEGATIVE_INFINITY;

  constructor(result: ExecutionResult, { seats, serverTime }: SeatUpdate) {
    const deferred: DeferredLists = new Map();
    for (const answer of Object.values(result.data ?? {})) deferSeats(answer, seats, deferred);
    const texts = JSON.stringify(result).split(JSON.stringify(serverTime));
    this.#parts = texts.flatMap((text, index) => [
      ...(index === 0 ? [] : ([TIME] as const)),
      ...fillPlaceholders(text, deferred),
    ]);
  }

  /** All parts but the server's time. */
  cacheableParts(): Buffer[] {
    return this.#parts.filter((part) => part !== TIME);
  }

  /** @returns the same parts again for times that differ by less than `SERVER_TIME_TOLERANCE_MS` */
  at(now: Date): readonly Buffer[] {
    if (Math.abs(now.getTime() - this.#builtForMs) < SERVER_TIME_TOLERANCE_MS) return this.#body;
    const time = Buffer.from(JSON.stringify(now));
    this.#body = this.#parts.map((part) => (part === TIME ? time : part));
    this.#builtForMs = now.getTime();
    return this.#body;
  }
}

/**
 * Replaces every list by a placeholder: an update has no other lists than those of its seats, under whatever aliases.
 */
function deferSeats(answer: unknown, seats: SeatUpdate['seats'], deferred: DeferredLists): void {
  const fields = (answer ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value) && value.length > 0) fields[name] = placeholderFor(seats, value[0], deferred);
  }
}
