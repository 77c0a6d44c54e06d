import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import { auditClient } from './client-audit.js';
import { auditFinalState, type FinalState } from './final-state.js';
import { MapHistory } from './history.js';
import { type AuditOptions, auditMessages, type Finding } from './message-audit.js';
import { PackageWatcher } from './package-watcher.js';
import { Watcher, type WatcherPorts } from './watcher.js';

/** One of so many watchers uses the client of packages/seat-map. */
const PACKAGE_OF = 4;

/** One map, its watchers and its history. */
export class EventUnderTest {
  readonly history: MapHistory;
  readonly watchers: Watcher[] = [];
  readonly packageWatchers: PackageWatcher[] = [];
  /** Right messages that the client's map was given, and faults that were planted on the way to it. */
  rightMessages = 0;
  plantedFaults = 0;

  constructor(
    readonly eventId: string,
    private readonly name: string,
    totalSeats: number,
  ) {
    this.history = new MapHistory(totalSeats);
  }

  /** @param isRestless whether a watcher acts at random */
  watch(
    count: number,
    servers: WatcherPorts,
    draw: () => SeededRandom,
    isRestless: (index: number) => boolean,
  ): void {
    for (let index = 0; index < count; index++) {
      const random = draw();
      if (index % PACKAGE_OF === PACKAGE_OF - 1) {
        const name = `package watcher ${this.name}.${this.packageWatchers.length}`;
        const { watchersPort } = random.pick(servers);
        const startWith = random.pick(['query', 'snapshot'] as const);
        this.packageWatchers.push(new PackageWatcher(name, this.eventId, watchersPort, startWith));
      } else {
        const name = `watcher ${this.name}.${this.watchers.length}`;
        const watcher = new Watcher(name, this.eventId, servers, random);
        this.watchers.push(watcher);
        watcher.start(isRestless(index));
      }
    }
  }

  /** Compares all that watchers received and showed with the history, and with the final state. */
  audit(options: AuditOptions, finalState: FinalState): Finding[] {
    const { history, watchers, packageWatchers } = this;
    const { findings, finalMaps } = auditMessages(history, watchers, options);
    for (const each of packageWatchers) finalMaps.set(each.watcher, each.finalMap());
    const client = auditClient(history, watchers);
    this.rightMessages = client.rightMessages + packageWatchers.reduce((sum, { maps }) => sum + maps, 0);
    this.plantedFaults = client.plantedFaults;
    return [
      ...findings,
      ...watchers.flatMap(({ breaches }) => breaches.map((what) => ({ check: 'contract' as const, what }))),
      ...client.findings,
      ...packageWatchers.flatMap((watcher) => watcher.audit(history)),
      ...auditFinalState(finalState, history, finalMaps),
    ];
  }

  async stop(): Promise<void> {
    for (const watcher of this.packageWatchers) watcher.stop();
    await Promise.all(this.watchers.map((watcher) => watcher.stop()));
  }
}
