import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Clients of the kit's tests. They run in the test's own process. */

interface Update {
  readonly kind: string;
  readonly version: number;
  readonly previousVersion: number | null;
  readonly seats: readonly {
    readonly seatNumber: number;
    readonly status: string;
    readonly lockedUntil: string | null;
  }[];
  readonly digest: string;
  readonly serverTime: string;
  readonly availability: { readonly totalSeats: number };
}

export interface ClientMap {
  version: number | null;
  taken: Map<number, Update['seats'][number]>;
}

/** What a client does with a message: its next map, the same one, or to subscribe again. */
export type Apply = (map: ClientMap, update: Update) => ClientMap | 'subscribe again' | 'start anew';

interface ClientOptions {
  readonly apply: Apply;
  /** What is sent as `since`; by default the map's version. */
  readonly since?: (map: ClientMap) => number | null;
  readonly letterOf?: (status: string) => string;
  readonly withDigest?: boolean;
}

const LETTERS: Readonly<Record<string, string>> = { LOCKED: 'L', BOOKED: 'B', OFF_SALE: 'X' };

export const rightLetter = (status: string): string => LETTERS[status] ?? '?';

export const taking = (
  seats: Iterable<Update['seats'][number]>,
  from: ClientMap['taken'],
): ClientMap['taken'] => {
  const taken = new Map(from);
  for (const seat of seats) {
    if (seat.status === 'AVAILABLE') taken.delete(seat.seatNumber);
    else taken.set(seat.seatNumber, seat);
  }
  return taken;
};

/** As docs/api.md says. */
export const rightApply: Apply = (map, { kind, version, previousVersion, seats }) => {
  if (kind === 'SNAPSHOT') return { version, taken: taking(seats, new Map()) };
  if (kind !== 'CHANGES' || (map.version !== null && version <= map.version)) return map;
  return previousVersion === map.version ? { version, taken: taking(seats, map.taken) } : 'subscribe again';
};

/** A client for the kit that is right except for what the options say. */
export const testClient =
  ({ apply, since = ({ version }) => version, letterOf = rightLetter, withDigest = false }: ClientOptions) =>
  (server: { url: string; eventId: string }, { line }: { line: (line: string) => void }) => {
    const query = `subscription ($eventId: ID!, $since: Int) {
      seatAvailabilityChanged(eventId: $eventId, since: $since) {
        kind version previousVersion serverTime ...Digest
        seats { seatNumber status lockedUntil } availability { totalSeats }
      }
    }
    fragment Digest on SeatUpdate { version ${withDigest ? '... on SeatUpdate { digest }' : ''} }`;
    const client = createClient({
      url: server.url,
      webSocketImpl: WebSocket,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
      shouldRetry: () => true,
    });
    let map: ClientMap = { version: null, taken: new Map() };
    let unsubscribe = () => {};
    const subscribe = () => {
      unsubscribe();
      const variables = {
        eventId: server.eventId,
        get since() {
          return since(map);
        },
      };
      const next = ({ data }: { data?: { seatAvailabilityChanged: Update } | null }) => {
        if (!data) return;
        const update = data.seatAvailabilityChanged;
        const applied = apply(map, update);
        if (applied === 'start anew') map = { version: null, taken: new Map() };
        if (typeof applied === 'string') {
          subscribe();
          return;
        }
        map = applied;
        const letters = Array.from({ length: update.availability.totalSeats }, (_, index) => {
          const seat = map.taken.get(index + 1);
          return seat === undefined ? 'A' : letterOf(seat.status);
        });
        line(JSON.stringify({ version: map.version, statuses: letters.join('') }));
      };
      unsubscribe = client.subscribe<{ seatAvailabilityChanged: Update }>(
        { query, variables },
        { next, error: () => {}, complete: () => {} },
      );
    };
    subscribe();
    return { stop: () => Promise.resolve(client.dispose()).catch(() => {}) };
  };
