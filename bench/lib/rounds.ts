import { lineOf, type Measurement } from './measure.js';
import { Progress } from './progress.js';
import type { Setting } from './scenario.js';

/** How long a phase accepts new work in the warm-up round. */
const WARM_UP_MS = 1_000;

/** One of the compared contenders. */
export interface Arm<Measured = Measurement> {
  readonly name: string;
  /** @returns the measurements by phase */
  run(phaseMs: number): Promise<Readonly<Record<string, Measured>>>;
}

/** The measurements of all counted rounds, in order. */
export type MeasurementsOf<Measured = Measurement> = (arm: string, phase: string) => readonly Measured[];

type Rounds = Omit<Setting, 'environment'> & {
  /** Whether there is a warm-up round. Default: true. Pass false if each contender starts its own processes. */
  readonly warmsUp?: boolean;
};

/** `runRoundsOf` for measurements of the load client. */
export const runRounds = (arms: readonly Arm[], setting: Rounds): Promise<MeasurementsOf> =>
  runRoundsOf(arms, setting, lineOf);

/**
 * Runs the arms one after the other, round by round, so that other load on the machine affects all of them. Every other
 * round runs backwards, so that no arm always follows the same one.
 *
 * @param format Formats one measurement for the progress output.
 */
export async function runRoundsOf<Measured>(
  arms: readonly Arm<Measured>[],
  { rounds, phaseMs, endMs, counted, warmsUp = true }: Rounds,
  format: (phase: string, measured: Measured) => string,
): Promise<MeasurementsOf<Measured>> {
  const results = new Map<string, Measured[]>();
  const progress = new Progress(process.stderr, { onTerminalOnly: true });
  const steps = arms.length * (rounds + (warmsUp ? 1 : 0));
  let step = 0;
  const runArm = async (arm: Arm<Measured>, round: number) => {
    const isWarmUp = round === 0;
    const title = `[${++step}/${steps}] ${isWarmUp ? 'warm-up' : `round ${round}`}, ${arm.name}`;
    const startMs = performance.now();
    progress.show(() => `${title} … ${Math.round((performance.now() - startMs) / 1000)} s`);
    const measured = await arm.run(isWarmUp ? Math.min(WARM_UP_MS, phaseMs) : phaseMs);
    progress.print([
      title,
      ...Object.entries(measured).map(([phase, measurement]) => `  ${format(phase, measurement)}`),
    ]);
    if (isWarmUp) return;
    for (const [phase, measurement] of Object.entries(measured)) {
      const key = keyOf(arm.name, phase);
      results.set(key, [...(results.get(key) ?? []), measurement]);
    }
  };
  try {
    // Round 0 is the warm-up round and is not counted.
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
