import { lineOf, type Measurement } from './measure.js';
import { Progress } from './progress.js';
import type { Setting } from './scenario.js';

/** How long a phase takes new work in the round that only warms up. */
const WARM_UP_MS = 1_000;

/** One of the things that are compared. */
export interface Arm<Measured = Measurement> {
  readonly name: string;
  /** @returns what was measured, by phase */
  run(phaseMs: number): Promise<Readonly<Record<string, Measured>>>;
}

/** The measurements of all counted rounds, in their order. */
export type RoundsResult<Measured = Measurement> = (arm: string, phase: string) => readonly Measured[];

type Rounds = Omit<Setting, 'environment'> & {
  /** Whether there is a round that warms up, as there is unless each arm starts processes of its own. */
  readonly warmsUp?: boolean;
};

/** Rounds of the phases that a load is measured in. */
export const runRounds = (arms: readonly Arm[], setting: Rounds): Promise<RoundsResult> =>
  runRoundsOf(arms, setting, lineOf);

/**
 * Runs the arms one after the other, round by round, so that whatever else the machine does meets all of them; every
 * other round backwards, so that none always follows the same one.
 *
 * @param line shows what an arm has measured in a phase
 */
export async function runRoundsOf<Measured>(
  arms: readonly Arm<Measured>[],
  { rounds, phaseMs, endMs, counted, warmsUp = true }: Rounds,
  line: (phase: string, measured: Measured) => string,
): Promise<RoundsResult<Measured>> {
  const results = new Map<string, Measured[]>();
  const progress = new Progress(process.stderr, arms.length * (rounds + (warmsUp ? 1 : 0)));
  const runArm = async (arm: Arm<Measured>, round: number) => {
    const isWarmUp = round === 0;
    progress.begin(`${isWarmUp ? 'warm-up' : `round ${round}`}, ${arm.name}`);
    const measured = await arm.run(isWarmUp ? Math.min(WARM_UP_MS, phaseMs) : phaseMs);
    progress.done(Object.entries(measured).map(([phase, measurement]) => line(phase, measurement)));
    if (isWarmUp) return;
    for (const [phase, measurement] of Object.entries(measured)) {
      const key = keyOf(arm.name, phase);
      results.set(key, [...(results.get(key) ?? []), measurement]);
    }
  };
  try {
    // Round 0 warms every process up and is not counted.
    let longestMs = 0;
    let round = warmsUp ? 0 : 1;
    for (; round <= rounds; round++) {
      const startMs = Date.now();
      if (round > 1 && endMs !== undefined && startMs + longestMs > endMs) break;
      for (const arm of round % 2 === 0 ? arms : arms.toReversed()) await runArm(arm, round);
      if (round > 0) longestMs = Math.max(longestMs, Date.now() - startMs);
    }
    counted?.(round - 1);
  } finally {
    progress.end();
  }
  return (arm, phase) => results.get(keyOf(arm, phase)) ?? [];
}

const keyOf = (arm: string, phase: string) => `${arm}\n${phase}`;
