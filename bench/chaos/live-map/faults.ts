import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { ClusterServer, TestCluster } from './test-cluster.js';

const DOWN_MS_MAX = 800;
const HELD_MS_MAX = 1_500;
const SLOW_MS_MAX = 40;
/** How often cursors are killed in one round. */
const CURSOR_KILLS_MAX = 4;
const CURSOR_KILLS_APART_MS = 150;

/** What a fault uses. */
export interface Scene {
  readonly cluster: TestCluster;
  readonly random: SeededRandom;
  /** Deletes old changes of the event from the database. The history has them. */
  readonly deleteChanges: () => Promise<void>;
  /** Stops all writes until the end of the round. */
  readonly stopWrites: () => void;
  /** Writes one more change. */
  readonly writeChange: () => Promise<void>;
}

/** Causes a fault. It is repaired when the promise resolves. */
export type Fault = (scene: Scene) => Promise<void>;

/** How often writes stop before the repair, in percent. */
const WRITES_STOPPED_PERCENT = 75;
/** How long to wait for a change that can be dropped. */
const DROP_MS_MAX = 1_000;
const DROP_CHECK_EVERY_MS = 20;

const anyServer = ({ cluster, random }: Scene): ClusterServer => random.pick(cluster.servers);
const someMs = ({ random }: Scene, max: number) => wait(random.below(max));

/** If no change follows the repair, a watcher that missed the last one does not get it with the next one. */
const stopWritesByChance = ({ random, stopWrites }: Scene) => {
  if (random.chance(WRITES_STOPPED_PERCENT)) stopWrites();
};

export const FAULTS = {
  cursors: {
    what: 'the change streams’ cursors killed',
    cause: async (scene) => {
      for (let kills = 1 + scene.random.below(CURSOR_KILLS_MAX); kills > 0; kills--) {
        await scene.cluster.killCursors();
        await someMs(scene, CURSOR_KILLS_APART_MS);
      }
      // While the streams reopen: a change committed meanwhile must arrive without a later one.
      stopWritesByChance(scene);
    },
  },
  'mongod-stopped': {
    what: 'mongod stopped by SIGTERM, and started again',
    cause: async (scene) => {
      await scene.cluster.stopMongod(true);
      await someMs(scene, DOWN_MS_MAX);
      await scene.cluster.startMongod();
    },
  },
  'mongod-killed': {
    what: 'mongod killed, and started again',
    cause: async (scene) => {
      await scene.cluster.stopMongod(false);
      await someMs(scene, DOWN_MS_MAX);
      await scene.cluster.startMongod();
    },
  },
  'database-cut': {
    what: 'a server cut off from its database',
    cause: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      stopWritesByChance(scene);
      database.mend();
    },
  },
  'database-held': {
    what: 'a server that gets no answers from its database',
    cause: async (scene) => {
      const { database } = anyServer(scene);
      database.hold();
      await someMs(scene, HELD_MS_MAX);
      stopWritesByChance(scene);
      database.release();
    },
  },
  'database-slow': {
    what: 'a database that answers late, with a different delay for each reply',
    cause: async (scene) => {
      const { cluster, random } = scene;
      for (const { database } of cluster.servers) database.delayReplies(() => random.below(SLOW_MS_MAX));
      await someMs(scene, HELD_MS_MAX);
      stopWritesByChance(scene);
      for (const { database } of cluster.servers) database.delayReplies(0);
    },
  },
  'watchers-cut': {
    what: 'the watchers of a server disconnected',
    cause: async (scene) => {
      const { watchers } = anyServer(scene);
      watchers.cut();
      await someMs(scene, DOWN_MS_MAX);
      stopWritesByChance(scene);
      watchers.mend();
    },
  },
  'watchers-held': {
    what: 'a server whose messages do not reach its watchers',
    cause: async (scene) => {
      const { watchers } = anyServer(scene);
      watchers.hold();
      await someMs(scene, HELD_MS_MAX);
      stopWritesByChance(scene);
      watchers.release();
    },
  },
  'oplog-rolled': {
    what: 'a server cut off until the oplog has rolled past its resume token',
    cause: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      stopWritesByChance(scene);
      await scene.cluster.rollOplog();
      database.mend();
    },
  },
  'changes-forgotten': {
    what: 'old changes deleted, and a server that missed some of them because the oplog rolled',
    cause: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      stopWritesByChance(scene);
      await scene.deleteChanges();
      await scene.cluster.rollOplog();
      database.mend();
    },
  },
  'change-lost': {
    what: 'a change missing from the stream of a server',
    cause: async (scene) => {
      const { wire } = anyServer(scene);
      let isDropped = false;
      wire.rewrite = (answer) => {
        const { nextBatch } = (answer.cursor ?? {}) as { nextBatch?: { operationType?: unknown }[] };
        if (isDropped || nextBatch?.[0]?.operationType === undefined) return null;
        isDropped = true;
        return { ...answer, cursor: { ...answer.cursor, nextBatch: nextBatch.slice(1) } };
      };
      for (let waitedMs = 0; !isDropped && waitedMs < DROP_MS_MAX; waitedMs += DROP_CHECK_EVERY_MS) {
        await wait(DROP_CHECK_EVERY_MS);
      }
      wire.rewrite = undefined;
      // The loss cannot be noticed before the next change.
      scene.stopWrites();
      await scene.writeChange();
    },
  },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly cause: Fault }>>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
