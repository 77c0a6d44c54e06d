import type { SeededRandom } from '../../src/test/support/seeded-random.js';

/** Fans arrive within this time, most of them at its start. */
const ARRIVAL_MS_MAX = 4_000;

/** Probabilities of actions, in percent. */
const PERCENT = {
  checksOut: 60,
  twoSeats: 40,
  takesSuggestion: 80,
  extends: 6,
  changesMind: 4,
  cancels: 5,
} as const;

export type CardStatus = 'SUCCESS' | 'DECLINED' | 'INSUFFICIENT_FUNDS' | 'EXPIRED' | 'PROCESSING';

/** When fans wait until their lock has expired. */
const EXPIRY_WAITS: readonly (readonly [percent: number, when: 'before paying' | 'after paying' | null])[] = [
  [4, 'before paying'],
  [4, 'after paying'],
  [92, null],
];

/** Cards in the order in which a fan tries them. */
const WALLETS: readonly (readonly [percent: number, cards: readonly CardStatus[]])[] = [
  [66, ['SUCCESS']],
  [8, ['DECLINED', 'SUCCESS']],
  [6, ['INSUFFICIENT_FUNDS', 'DECLINED', 'SUCCESS']],
  [5, ['EXPIRED']],
  [15, ['PROCESSING']],
];

/** Settlements of a pending payment. */
const SETTLEMENTS: readonly (readonly [percent: number, outcome: 'COMPLETED' | 'FAILED' | null])[] = [
  [65, 'COMPLETED'],
  [20, 'FAILED'],
  [15, null],
];

/** What a fan will do, drawn before the sale. */
export interface Habits {
  /** Holds seats and checks out. Other fans lock seats, pay and confirm. */
  readonly checksOut: boolean;
  readonly arrivesAfterMs: number;
  readonly seats: number;
  readonly takesSuggestion: boolean;
  readonly extends: boolean;
  readonly changesMind: boolean;
  /** Waits until the lock has expired. */
  readonly waitsForExpiry: 'before paying' | 'after paying' | null;
  readonly cards: readonly CardStatus[];
  /** Null: the payment stays pending. */
  readonly settlement: 'COMPLETED' | 'FAILED' | null;
  readonly cancels: boolean;
}

export function drawHabits(random: SeededRandom): Habits {
  const early = random.below(1_000) / 1_000;
  const checksOut = random.chance(PERCENT.checksOut);
  const drawn = draw(EXPIRY_WAITS, random);
  // A check-out leaves no time after the payment.
  const waitsForExpiry = checksOut && drawn !== null ? 'before paying' : drawn;
  return {
    checksOut,
    arrivesAfterMs: ARRIVAL_MS_MAX * early * early,
    seats: random.chance(PERCENT.twoSeats) ? 2 : 1,
    takesSuggestion: random.chance(PERCENT.takesSuggestion),
    // After a cut connection an extension may arrive seconds later, so the time of expiry would be unknown.
    extends: random.chance(PERCENT.extends) && waitsForExpiry === null,
    changesMind: random.chance(PERCENT.changesMind),
    waitsForExpiry,
    cards: draw(WALLETS, random),
    settlement: draw(SETTLEMENTS, random),
    cancels: random.chance(PERCENT.cancels),
  };
}

function draw<Value>(
  shares: readonly (readonly [percent: number, value: Value])[],
  random: SeededRandom,
): Value {
  let left = random.below(100);
  for (const [percent, value] of shares) {
    if (left < percent) return value;
    left -= percent;
  }
  throw new Error('The shares are less than a hundred.');
}
