import { LiveSeatMap } from '../../../packages/seat-map/src/core/live-seat-map.js';
import type { Sink } from '../../../packages/seat-map/src/core/subscriber.js';
import type { SeatUpdate } from '../../../packages/seat-map/src/core/versioned-map.js';
import { SeatDigest } from '../../../src/feed/seat-digest.js';
import { LETTER, type MapHistory } from './history.js';
import type { Finding } from './message-audit.js';
import { lettersOfStatuses } from './package-watcher.js';
import type { ReceivedUpdate, RecordedWatcher, Subscription } from './recorded-subscriptions.js';

/** Faults of one kind that are planted at one message. */
const PLANTED_OF_A_KIND_MAX = 8;

export interface ClientAudit {
  readonly findings: Finding[];
  /** Right messages after which the client had to go on. */
  rightMessages: number;
  plantedFaults: number;
}

/**
 * Gives the recorded messages to the map of packages/seat-map. It must take them all, and show the committed map. Then single
 * faults are planted on the way to it. It must notice each.
 */
export function auditClient(history: MapHistory, watchers: readonly RecordedWatcher[]): ClientAudit {
  const audit: ClientAudit = { findings: [], rightMessages: 0, plantedFaults: 0 };
  for (const { watcher, subscriptions } of watchers) {
    const older: ReceivedUpdate[] = [];
    for (const subscription of subscriptions) {
      if (canBeChecked(subscription, history))
        checkSubscription(audit, history, watcher, subscription, older);
      older.push(...subscription.received);
    }
  }
  return audit;
}

/** The client needs a digest, and a map that its first message can follow. */
function canBeChecked({ fields, knownState, received }: Subscription, { version }: MapHistory): boolean {
  const hasMap = knownState !== 'made-up version' || received[0]?.kind === 'SNAPSHOT';
  const isKnown = received.length > 0 && received.every((message) => message.version <= version);
  return fields.includes('digest') && hasMap && isKnown;
}

function checkSubscription(
  audit: ClientAudit,
  history: MapHistory,
  watcher: string,
  { since, knownState, received }: Subscription,
  before: readonly ReceivedUpdate[],
): void {
  const older = [...before];
  let version = knownState === 'made-up version' ? null : since;
  const client = ClientMap.at(history, version, Date.parse(received[0]?.serverTime ?? ''));
  for (const [index, message] of received.entries()) {
    const find = (check: Finding['check'], what: string) =>
      audit.findings.push({ check, what: `${watcher}, ${message.kind} to ${message.version}: ${what}` });
    client.receive(message);
    audit.rightMessages += 1;
    if (client.subscribedAgain !== undefined) {
      find('accused', `the client at ${version} subscribed again with since: ${client.subscribedAgain}`);
      break;
    }
    if (!client.shows(history, message)) find('clientMap', `the client shows ${client.letters}`);
    for (const planted of faultsAt(message, received[index + 1], version, older)) {
      audit.plantedFaults += 1;
      const { what, arrives, subscribesAgain } = planted;
      const faulty = ClientMap.at(history, version, Date.parse(message.serverTime));
      for (const update of arrives) faulty.receive(update);
      const isNoticed =
        faulty.subscribedAgain === subscribesAgain &&
        (subscribesAgain !== undefined || faulty.shows(history, message));
      if (!isNoticed) find('unnoticedFault', what);
      faulty.close();
    }
    older.push(message);
    version = message.version;
  }
  client.close();
}

interface PlantedFault {
  readonly what: string;
  /** What the client receives instead of the message. */
  readonly arrives: readonly ReceivedUpdate[];
  /** The `since` with which it must subscribe again. Undefined: it must ignore the fault. */
  readonly subscribesAgain: number | null | undefined;
}

function* faultsAt(
  message: ReceivedUpdate,
  next: ReceivedUpdate | undefined,
  version: number | null,
  older: readonly ReceivedUpdate[],
): Generator<PlantedFault> {
  // A snapshot would repair it, and a message without changes would not be missed.
  if (next?.kind === 'CHANGES' && message.version !== version)
    yield { what: 'it was lost', arrives: [next], subscribesAgain: version };
  for (const seat of spread(message.seats)) {
    const status = seat.status === 'AVAILABLE' ? ('BOOKED' as const) : ('AVAILABLE' as const);
    const seats = message.seats.map((each) =>
      each === seat ? { ...seat, status, lockedUntil: null } : each,
    );
    const what = `seat ${seat.seatNumber} was ${status}`;
    yield { what, arrives: [{ ...message, seats }], subscribesAgain: null };
  }
  if (message.kind !== 'CHANGES' || version === null) return;
  for (const old of spread(older.filter((each) => each.digest !== undefined && each.version < version))) {
    const what = `before it came ${old.kind} to ${old.version}`;
    // After an old snapshot, the message shows a gap.
    const subscribesAgain = old.kind === 'SNAPSHOT' ? old.version : undefined;
    yield { what, arrives: [old, message], subscribesAgain };
  }
}

/** Some of them, from everywhere in the list. */
function spread<Item>(items: readonly Item[]): Item[] {
  const step = Math.max(1, items.length / PLANTED_OF_A_KIND_MAX);
  const count = Math.min(items.length, PLANTED_OF_A_KIND_MAX);
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)] as Item);
}

/** The client's map of an event. Its connection is this audit. */
class ClientMap {
  readonly #since: (number | null)[] = [];
  #sink: Sink<never> | undefined;
  readonly #map: LiveSeatMap;

  private constructor(private readonly totalSeats: number) {
    const source = {
      read: undefined,
      clock: { receive: () => {} },
      resumeDetector: { onResume: () => () => {} },
      connection: {
        subscribe: ({ variables }: { variables?: object | null }, sink: Sink<never>) => {
          this.#since.push((variables as { since: number | null }).since);
          this.#sink = sink;
          return () => {};
        },
      },
    };
    this.#map = new LiveSeatMap(source as never, '');
    this.#map.subscribe(() => {});
  }

  /** A client with the committed map of a version, or without a map. */
  static at(history: MapHistory, version: number | null, atMs: number): ClientMap {
    const client = new ClientMap(history.totalSeats);
    if (version !== null) client.receive(snapshotAt(history, version, atMs));
    return client;
  }

  receive(update: ReceivedUpdate): void {
    const availability = { totalSeats: this.totalSeats };
    this.#sink?.next({
      data: { seatAvailabilityChanged: { availability, ...update } as SeatUpdate },
    } as never);
  }

  /** The `since` of its newest subscription if it has subscribed again. */
  get subscribedAgain(): number | null | undefined {
    return this.#since.length > 1 ? this.#since.at(-1) : undefined;
  }

  get letters(): string {
    return lettersOfStatuses(this.#map.getSnapshot().statuses);
  }

  /** Whether it shows the committed map to which this message leads. */
  shows(history: MapHistory, { version, serverTime }: ReceivedUpdate): boolean {
    const shown = this.#map.getSnapshot();
    const letters = history.letters(version, Date.parse(serverTime));
    return shown.isLive && shown.version === version && this.letters === letters;
  }

  close(): void {
    this.#map.dispose();
  }
}

function snapshotAt(history: MapHistory, version: number, atMs: number): ReceivedUpdate {
  const digest = new SeatDigest();
  const seats = [...history.taken(version, atMs)].map(([seatNumber, { status, lockedUntilMs }]) => {
    digest.toggle(seatNumber, LETTER[status].charCodeAt(0), lockedUntilMs ?? 0);
    const lockedUntil = lockedUntilMs === null ? null : new Date(lockedUntilMs).toISOString();
    return { seatNumber, status, lockedUntil };
  });
  const serverTime = new Date(atMs).toISOString();
  return { kind: 'SNAPSHOT', version, previousVersion: null, seats, serverTime, digest: String(digest) };
}
