import { registerEnumType } from 'type-graphql';

/** The schema's names, and what the domain calls them. */
export const CardStatus = {
  SUCCESS: 'success',
  DECLINED: 'declined',
  INSUFFICIENT_FUNDS: 'insufficientFunds',
  EXPIRED: 'expired',
  PROCESSING: 'processing',
} as const;
export const SettlementOutcome = { COMPLETED: 'completed', FAILED: 'failed' } as const;
export const SeatStatus = { AVAILABLE: 'available', LOCKED: 'locked', BOOKED: 'booked' } as const;
export const LockStatus = {
  ACTIVE: 'active',
  USED: 'used',
  EXPIRED: 'expired',
  RELEASED: 'released',
} as const;
export const PaymentStatus = {
  PENDING: 'pending',
  COMPLETED: 'completed',
  FAILED: 'failed',
  REFUNDED: 'refunded',
} as const;
export const BookingStatus = { PENDING: 'pending', CONFIRMED: 'confirmed', CANCELLED: 'cancelled' } as const;
export const SeatUpdateKind = { SNAPSHOT: 'snapshot', CHANGES: 'changes' } as const;

registerEnumType(CardStatus, { name: 'CardStatus', description: 'How the simulated card answers.' });
registerEnumType(SettlementOutcome, { name: 'SettlementOutcome' });
registerEnumType(SeatStatus, { name: 'SeatStatus' });
registerEnumType(LockStatus, { name: 'LockStatus' });
registerEnumType(PaymentStatus, {
  name: 'PaymentStatus',
  description: 'REFUNDED when all of the amount went back.',
});
registerEnumType(BookingStatus, { name: 'BookingStatus' });
registerEnumType(SeatUpdateKind, { name: 'SeatUpdateKind' });
