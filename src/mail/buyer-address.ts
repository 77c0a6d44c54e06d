import type { Users } from '../account/user.js';
import type { Payment } from '../booking/payment.js';

/** @returns null for a guest who gave no address */
export async function addressOf(
  { contactEmail, userId }: Pick<Payment, 'contactEmail' | 'userId'>,
  users: Pick<Users, 'find'>,
): Promise<string | null> {
  return contactEmail ?? (await users.find(userId))?.email ?? null;
}
