import { formatTime } from '../text/time.js';
import type { Verdict } from './scan-queue.js';

/** What the person at the entrance is told. */
export interface VerdictText {
  readonly tone: 'good' | 'warning' | 'bad' | 'plain';
  readonly title: string;
  readonly detail: string;
}

/**
 * @param verdict null while the scan is being checked
 * @param timeZone the venue's
 */
export function verdictText(verdict: Verdict | null, timeZone: string): VerdictText {
  if (verdict === null) return { tone: 'plain', title: 'Checking…', detail: '' };
  if (verdict.kind === 'waiting')
    return {
      tone: 'plain',
      title: 'Not checked yet',
      detail: 'There is no network. The scan is kept, and sent as soon as there is one.',
    };
  if (verdict.kind === 'refused') return { tone: 'bad', title: 'Not checked', detail: verdict.message };
  const { result, checkedInAt, place } = verdict;
  const where = place ?? '';
  switch (result) {
    case 'ADMITTED':
      return { tone: 'good', title: 'Admitted', detail: where };
    case 'ALREADY_ADMITTED': {
      const at = checkedInAt === null ? '' : ` at ${formatTime(checkedInAt, timeZone)}`;
      return { tone: 'warning', title: `Already admitted${at}`, detail: where };
    }
    case 'CANCELLED':
      return { tone: 'bad', title: 'Cancelled', detail: `${where}. The ticket is void.` };
    case 'WRONG_EVENT':
      return { tone: 'bad', title: 'Another event', detail: 'This ticket admits to another event.' };
    case 'UNKNOWN':
      return { tone: 'bad', title: 'No ticket', detail: 'This code is no ticket of ours.' };
  }
}
