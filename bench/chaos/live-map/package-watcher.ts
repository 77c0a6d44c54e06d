import { WebSocket } from 'ws';
import { createSeatMapClient, type SeatMapClient } from '../../../packages/seat-map/src/core/index.js';
import type { LiveSeatMap } from '../../../packages/seat-map/src/core/live-seat-map.js';
import type { MapHistory } from './history.js';
import type { FinalMap, Finding } from './message-audit.js';

/** A map that the client has shown as live. */
interface ShownMap {
  readonly version: number;
  /** The server's time of its last message, in ms since 1970. */
  readonly atMs: number;
  readonly statuses: Uint8Array;
}

/** A watcher that uses the client of packages/seat-map. It stays, and the client does the rest. */
export class PackageWatcher {
  readonly #client: SeatMapClient;
  readonly #map: LiveSeatMap;
  readonly #shown: ShownMap[] = [];
  #version: number | null = null;
  /** Versions whose map the client has called wrong. */
  readonly #accused: number[] = [];

  /** @param startWith how its map begins */
  constructor(
    readonly watcher: string,
    eventId: string,
    port: number,
    startWith: 'query' | 'snapshot',
  ) {
    this.#client = createSeatMapClient({
      endpoint: `http://127.0.0.1:${port}/graphql`,
      webSocket: WebSocket as unknown as typeof globalThis.WebSocket,
      session: {},
      storage: { getItem: () => null, setItem: () => {}, removeItem: () => {} },
      startWith,
    });
    this.#map = this.#client.seatMap(eventId);
    this.#map.subscribe(() => this.#record());
  }

  get version(): number | null {
    return this.#version;
  }

  /** How many maps it has shown as live. */
  get maps(): number {
    return this.#shown.length;
  }

  /** Whether it shows this version, or a later one, as live in time. */
  async reaches(version: number, msMax: number): Promise<boolean> {
    const isReached = () => this.#map.getSnapshot().isLive && (this.#version ?? -1) >= version;
    let stop = () => {};
    let timer: NodeJS.Timeout | undefined;
    const reached = new Promise<boolean>((resolve) => {
      stop = this.#map.subscribe(() => isReached() && resolve(true));
      timer = setTimeout(() => resolve(false), msMax);
      if (isReached()) resolve(true);
    });
    return await reached.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  stop(): void {
    this.#client.close();
  }

  finalMap(): FinalMap {
    return { version: this.#version, letters: () => lettersOfStatuses(this.#map.getSnapshot().statuses) };
  }

  /** Compares each map that it showed with the committed one. */
  audit(history: MapHistory): Finding[] {
    return [
      ...this.#accused.map((version) => ({
        check: 'accused' as const,
        what: `${this.watcher} at version ${version} subscribed again without since`,
      })),
      ...this.#shown
        .filter(
          ({ version, atMs, statuses }) => lettersOfStatuses(statuses) !== history.letters(version, atMs),
        )
        .map(({ version, atMs }) => ({
          check: 'clientMap' as const,
          what: `${this.watcher} at version ${version}, ${atMs}`,
        })),
    ];
  }

  #record(): void {
    const { isLive, version, receivedAtMs: atMs, statuses } = this.#map.getSnapshot();
    if (version === null && this.#version !== null) this.#accused.push(this.#version);
    this.#version = version;
    const last = this.#shown.at(-1);
    if (!isLive || version === null || (last?.version === version && last.atMs === atMs)) return;
    this.#shown.push({ version, atMs, statuses: statuses.slice() });
  }
}

/** One letter for each of the package's statuses. */
export const lettersOfStatuses = (statuses: Uint8Array): string =>
  Array.from(statuses, (status) => 'ALBX?'[status]).join('');
