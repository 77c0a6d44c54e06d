import type { ProviderPayments, StartedPayment } from '../booking/provider-payments.js';
import type { Clock } from '../core/clock.js';
import type { PaymentProvider } from './payment-provider.js';
import { FIRST_CHECK_MS, type Settlements } from './settlements.js';

/** Payments that one run compares. */
export const CHECKED_AT_ONCE_MAX = 100;
/** Calls to the provider at a time. */
const CALLS_AT_ONCE_MAX = 4;
/** The waits between comparisons of one payment grow up to this. */
const CHECK_WAIT_MS_MAX = 60 * 60 * 1_000;

/**
 * Compares payments that are not settled with what their provider says, for notifications that never came.
 *
 * @returns how many were settled
 */
export async function checkPayments(
  provider: PaymentProvider,
  settlements: Settlements,
  started: ProviderPayments,
  clock: Clock,
): Promise<number> {
  const due = await started.dueForCheck(provider.name, CHECKED_AT_ONCE_MAX);
  const faults: unknown[] = [];
  let settled = 0;
  const check = async ({ paymentId, providerId, checks }: StartedPayment) => {
    // First, so that a payment whose comparison fails does not hold up the others.
    const waitMs = Math.min(FIRST_CHECK_MS * 2 ** checks, CHECK_WAIT_MS_MAX);
    await started.checkAgain(paymentId, new Date(clock.now().getTime() + waitMs));
    const payment = await provider.read(providerId);
    await settlements.settle(provider.name, payment);
    if (payment.state !== 'open') settled += 1;
  };
  const worker = async () => {
    for (let next = due.shift(); next !== undefined; next = due.shift())
      await check(next).catch((fault: unknown) => faults.push(fault));
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE_MAX }, worker));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} payments could not be compared`);
  return settled;
}
