import { badUserInput } from '../core/errors.js';
import { addressFrom } from './address.js';

/**
 * Where a user's tickets go: to the given address, or else to the account's.
 *
 * @param own null for a guest, who has to give one
 * @throws BAD_USER_INPUT
 */
export function contactAddress(given: string | null | undefined, own: string | null): string {
  if (given == null) {
    if (own !== null) return own;
    throw badUserInput('contactEmail', 'An e-mail address is needed: your tickets go there.');
  }
  const address = addressFrom(given);
  if (address === null) throw badUserInput('contactEmail', 'This is not an e-mail address.');
  return address;
}
