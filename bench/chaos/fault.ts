import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import type { History } from './call-history.js';
import type { ChaosEnvironment, EnvironmentOptions } from './chaos-environment.js';
import type { ProviderFault } from './provider/provider-faults.js';

/** When a fault strikes after the first fan has arrived. */
const STRIKES_AFTER_MS_MIN = 700;
const STRIKES_AFTER_MS_MAX = 3_000;
/** For faults that another server or member can compensate. */
export const SOON_MS = 15_000;

/** What a fault uses. */
export interface Scene {
  readonly environment: ChaosEnvironment;
  readonly history: History;
  readonly eventId: string;
  readonly token: string;
  readonly random: SeededRandom;
}

export interface Struck {
  /** Writes must continue from this time on: the fault itself, or its end if it lasts. */
  readonly fromMs: number;
  /** Findings of the fault itself, besides those of the audit. */
  readonly wrong: readonly string[];
  /** Durations to report, in milliseconds. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Fault {
  readonly what: string;
  /** Writes must continue within this time. */
  readonly writesMsMax: number;
  readonly environment: EnvironmentOptions;
  /** Of a payment provider: a sale of its own, in place of `strike`. */
  readonly provider?: ProviderFault;
  /** In place of a sale, a sold-out event is cancelled. */
  readonly cancelsEvent?: true;
  /** Causes the fault and repairs it. Returns once it has ended. */
  strike(scene: Scene): Promise<Struck>;
}

export const struck = (
  fromMs: number,
  wrong: readonly string[] = [],
  figures: Struck['figures'] = {},
): Struck => ({
  fromMs,
  wrong,
  figures,
});

export const strikeTime = (random: SeededRandom): Promise<void> =>
  wait(STRIKES_AFTER_MS_MIN + random.below(STRIKES_AFTER_MS_MAX - STRIKES_AFTER_MS_MIN));
