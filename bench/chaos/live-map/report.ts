import { CHECKS, type Check } from './message-audit.js';
import type { RunResult } from './run.js';

/** Examples printed for each kind of finding. */
const EXAMPLES_MAX = 4;

/** The result of one seed as text. */
export function reportOf(result: RunResult): string {
  const { seed, knownStates, findings, slowestMs } = result;
  const lines = [
    `seed ${seed}: ${result.faults.length} faults, ${result.versions} versions, ${result.messages} messages ` +
      `(${result.merged} merged, ${result.snapshots} snapshots), caught up within ${(slowestMs / 1000).toFixed(1)} s; ` +
      `subscribed with ${counts(Object.entries(knownStates))}`,
    `  client package: ${result.rightMessages} right messages, ${result.plantedFaults} planted faults`,
    `  writers: ${counts([...result.answers])}`,
  ];
  if (result.setbacks.size > 0)
    lines.push(`  watchers reconnected or retried: ${counts([...result.setbacks])}`);
  for (const check of Object.keys(CHECKS) as Check[]) {
    const found = findings.filter((finding) => finding.check === check);
    if (found.length === 0) continue;
    lines.push(`  ${CHECKS[check].toUpperCase()}: ${found.length}`);
    for (const { what } of found.slice(0, EXAMPLES_MAX)) lines.push(`    ${what}`);
  }
  return `${lines.join('\n')}\n`;
}

const counts = (entries: readonly (readonly [string, number])[]): string =>
  [...entries]
    .sort(([, one], [, other]) => other - one)
    .map(([what, times]) => `${times} × ${what}`)
    .join(', ');
