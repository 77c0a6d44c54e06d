import { accountKey } from '../../account/address.js';
import { orRefuse } from './rate-limited.js';
import type { Limit, RateLimiter } from './rate-limiter.js';

const HOUR_MS = 60 * 60_000;

/** Mails to one account. Enough for mails that come late, too few to fill a mailbox. */
const LINKS_OF_ACCOUNT: Limit = { name: 'password-links', points: 5, windowMs: HOUR_MS };
/** Requests of one address for all accounts. */
const LINKS_OF_ADDRESS: Limit = { name: 'address-password-links', points: 100, windowMs: HOUR_MS };

/** Counts every request, whether or not there is an account, so that a refusal reveals nothing. @throws RATE_LIMITED */
export async function limitPasswordResets<Answer>(
  limiter: RateLimiter,
  email: string,
  address: string,
  request: () => Promise<Answer>,
): Promise<Answer> {
  orRefuse(limiter.consume(LINKS_OF_ADDRESS, address), 'Too many links from your network.');
  const ofAccount = await limiter.consumeShared(LINKS_OF_ACCOUNT, accountKey(email));
  orRefuse(ofAccount, 'Too many links were requested for this address.');
  return request();
}
