import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { Stage, StagedServer } from './test-cluster.js';

const DOWN_MS_MAX = 800;
const HELD_MS_MAX = 1_500;
const SLOW_MS_MAX = 40;
/** Cursors killed in one round, one lot after the other. */
const CURSOR_KILLS_MAX = 4;
const CURSOR_KILLS_APART_MS = 150;

/** What a fault may touch. */
export interface Scene {
  readonly stage: Stage;
  readonly random: SeededRandom;
  /** Forgets old changes of the event, the recorder having them. */
  readonly forgetChanges: () => Promise<void>;
  /** No more is written from now on, until the round is over. */
  readonly dropStreamChange: () => void;
  /** One more change is written, whatever happens. */
  readonly mark: () => Promise<void>;
}

/** Breaks something and, by the time it returns, has mended it again. */
export type Fault = (scene: Scene) => Promise<void>;

/** Of a hundred mends, before how many nothing more is written. */
const HUSHED_PERCENT = 75;
/** How long a change is waited for that can be lost. */
const LOSS_MS_MAX = 1_000;
const LOSS_CHECK_EVERY_MS = 20;

const anyServer = ({ stage, random }: Scene): StagedServer => random.pick(stage.servers);
const someMs = ({ random }: Scene, max: number) => wait(random.below(max));

/** The last change before a mend may be the last one of all: whoever missed it is not told by the next one. */
const hushByChance = ({ random, dropStreamChange }: Scene) => {
  if (random.chance(HUSHED_PERCENT)) dropStreamChange();
};

export const FAULTS = {
  cursors: {
    what: 'the change streams’ cursors killed',
    play: async (scene) => {
      for (let kills = 1 + scene.random.below(CURSOR_KILLS_MAX); kills > 0; kills--) {
        await scene.stage.killCursors();
        await someMs(scene, CURSOR_KILLS_APART_MS);
      }
      // While the streams are being opened again: what was committed meanwhile has nothing after it that tells of it.
      hushByChance(scene);
    },
  },
  'mongod-stopped': {
    what: 'mongod stopped in order, and started again',
    play: async (scene) => {
      await scene.stage.stopMongod(true);
      await someMs(scene, DOWN_MS_MAX);
      await scene.stage.startMongod();
    },
  },
  'mongod-killed': {
    what: 'mongod killed, and started again',
    play: async (scene) => {
      await scene.stage.stopMongod(false);
      await someMs(scene, DOWN_MS_MAX);
      await scene.stage.startMongod();
    },
  },
  'database-cut': {
    what: 'a server cut off from its database',
    play: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      hushByChance(scene);
      database.mend();
    },
  },
  'database-held': {
    what: 'a server that its database does not answer',
    play: async (scene) => {
      const { database } = anyServer(scene);
      database.hold();
      await someMs(scene, HELD_MS_MAX);
      hushByChance(scene);
      database.release();
    },
  },
  'database-slow': {
    what: 'a database that answers late, each connection in its own time',
    play: async (scene) => {
      const { stage, random } = scene;
      for (const { database } of stage.servers) database.delayReplies(() => random.below(SLOW_MS_MAX));
      await someMs(scene, HELD_MS_MAX);
      hushByChance(scene);
      for (const { database } of stage.servers) database.delayReplies(0);
    },
  },
  'watchers-cut': {
    what: 'the watchers of a server cut off',
    play: async (scene) => {
      const { watchers } = anyServer(scene);
      watchers.cut();
      await someMs(scene, DOWN_MS_MAX);
      hushByChance(scene);
      watchers.mend();
    },
  },
  'watchers-held': {
    what: 'the watchers of a server not getting what it sends',
    play: async (scene) => {
      const { watchers } = anyServer(scene);
      watchers.hold();
      await someMs(scene, HELD_MS_MAX);
      hushByChance(scene);
      watchers.release();
    },
  },
  'oplog-rolled': {
    what: 'a server cut off until the oplog has rolled past its resume token',
    play: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      hushByChance(scene);
      await scene.stage.rollOplog();
      database.mend();
    },
  },
  'changes-forgotten': {
    what: 'old changes forgotten, and a server that missed some of them by a rolled oplog',
    play: async (scene) => {
      const { database } = anyServer(scene);
      database.cut();
      await someMs(scene, DOWN_MS_MAX);
      hushByChance(scene);
      await scene.forgetChanges();
      await scene.stage.rollOplog();
      database.mend();
    },
  },
  'change-lost': {
    what: 'a change that the stream of a server leaves out',
    play: async (scene) => {
      const { wire } = anyServer(scene);
      let isLost = false;
      wire.rewrite = (answer) => {
        const { nextBatch } = (answer.cursor ?? {}) as { nextBatch?: { operationType?: unknown }[] };
        if (isLost || nextBatch?.[0]?.operationType === undefined) return null;
        isLost = true;
        return { ...answer, cursor: { ...answer.cursor, nextBatch: nextBatch.slice(1) } };
      };
      for (let waitedMs = 0; !isLost && waitedMs < LOSS_MS_MAX; waitedMs += LOSS_CHECK_EVERY_MS) {
        await wait(LOSS_CHECK_EVERY_MS);
      }
      wire.rewrite = undefined;
      // Nobody can know of the loss before the next change comes.
      scene.dropStreamChange();
      await scene.mark();
    },
  },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly play: Fault }>>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
