import type { CheckOutAnswer, LockAnswer } from './operations.js';
import type { Data } from './server-api.js';

/** The only field of an answer, as a list: of a hold its locks, of a check-out its bookings. */
export function listOf<Item>(data: Data): readonly Item[] {
  const [field] = Object.values(data);
  const { locks, bookings } = field as { readonly locks?: Item[]; readonly bookings?: Item[] };
  return locks ?? bookings ?? ((Array.isArray(field) ? field : [field]) as Item[]);
}

const idsOf = (data: Data, key: string): string =>
  String(listOf<Record<string, unknown>>(data).map((item) => item[key]));

export const isSamePayment = (one: Data, other: Data): boolean =>
  idsOf(one, 'paymentId') === idsOf(other, 'paymentId');
export const isSameBooking = (one: Data, other: Data): boolean => idsOf(one, 'id') === idsOf(other, 'id');
export const isSameCheckOut = (one: Data, other: Data): boolean =>
  paymentOf(one) === paymentOf(other) && isSameBooking(one, other);
const paymentOf = ({ checkOut }: Data): string => (checkOut as CheckOutAnswer).payment.paymentId;

/** Different locks are right if the first one had expired before the second one. */
export function isSameLock(one: Data, other: Data): boolean {
  if (idsOf(one, 'id') === idsOf(other, 'id')) return true;
  const [earlier, later] = [listOf<LockAnswer>(one), listOf<LockAnswer>(other)].sort((a, b) =>
    (a[0]?.createdAt ?? '').localeCompare(b[0]?.createdAt ?? ''),
  );
  return (
    earlier?.every((lock, index) => lock.expiresAt <= (later?.[index]?.createdAt ?? lock.createdAt)) ?? false
  );
}
