import { lineOf, type Measurement } from './measure.js';
import { Progress } from './progress.js';

/** How long a phase takes new work in the round that only warms up. */
const WARM_UP_MS = 1_000;

/** One of the things that are compared. */
export interface Arm {
  readonly name: string;
  /** @returns what was measured, by phase */
  run(phaseMs: number): Promise<Readonly<Record<string, Measurement>>>;
}

/** The measurements of all counted rounds, in their order. */
export type RoundsResult = (arm: string, phase: string) => readonly Measurement[];

/**
 * Runs the arms one after the other, round by round, so that whatever else the machine does meets all of them; every
 * other round backwards, so that none always follows the same one.
 */
export async function runRounds(
  arms: readonly Arm[],
  { rounds, phaseMs }: { rounds: number; phaseMs: number },
): Promise<RoundsResult> {
  const results = new Map<string, Measurement[]>();
  const progress = new Progress(process.stderr, arms.length * (rounds + 1));
  const runArm = async (arm: Arm, round: number) => {
    const isWarmUp = round === 0;
    progress.begin(`${isWarmUp ? 'warm-up' : `round ${round}`}, ${arm.name}`);
    const measured = await arm.run(isWarmUp ? Math.min(WARM_UP_MS, phaseMs) : phaseMs);
    progress.done(Object.entries(measured).map(([phase, measurement]) => lineOf(phase, measurement)));
    if (isWarmUp) return;
    for (const [phase, measurement] of Object.entries(measured)) {
      const key = keyOf(arm.name, phase);
      results.set(key, [...(results.get(key) ?? []), measurement]);
    }
  };
  try {
    // Round 0 warms every process up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const arm of round % 2 === 0 ? arms : arms.toReversed()) await runArm(arm, round);
    }
  } finally {
    progress.end();
  }
  return (arm, phase) => results.get(keyOf(arm, phase)) ?? [];
}

const keyOf = (arm: string, phase: string) => `${arm}\n${phase}`;
