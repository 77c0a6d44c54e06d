import type { PaymentDetailsFragment } from '../graphql/generated/graphql.js';

/** What has become of a payment, in a few words. */
export function paymentWords({ status, reason }: Pick<PaymentDetailsFragment, 'status' | 'reason'>): string {
  switch (status) {
    case 'PENDING':
      return 'Pending';
    case 'COMPLETED':
      return 'Paid';
    case 'REFUNDED':
      return 'Paid back';
    case 'FAILED':
      return reason == null ? 'Not paid' : `Not paid: ${reason}`;
  }
}
