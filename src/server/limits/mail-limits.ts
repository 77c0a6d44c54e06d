import { mailboxKey } from '../../account/address.js';
import type { Log } from '../../core/log.js';
import type { Limit, RateLimiter } from './rate-limiter.js';

const DAY_MS = 24 * 60 * 60_000;

/** Limits mails to one address, so that nobody can fill a mailbox by naming it in many check-outs. */
export class MailLimits {
  readonly #ofAddress: Limit;
  readonly #warnings: Limit;

  /**
   * @param limiter null if nothing is limited
   * @param mailsPerAddressMax mails to one address a day
   * @param name of the mails that are counted together
   */
  constructor(
    private readonly limiter: RateLimiter | null,
    mailsPerAddressMax: number,
    private readonly log: Log,
    name: 'mail' | 'cancelled-event-mail' = 'mail',
  ) {
    this.#ofAddress = { name: `${name}s`, points: mailsPerAddressMax, windowMs: DAY_MS };
    this.#warnings = { name: `${name}-warnings`, points: 1, windowMs: DAY_MS };
  }

  /** Counts a mail. @returns what takes it out of the count again; null if it is one too many */
  async count({ id, to }: { readonly id: string; readonly to: string }): Promise<(() => void) | null> {
    const { limiter } = this;
    if (limiter === null) return () => undefined;
    const mailbox = mailboxKey(to);
    const consumed = await limiter.consumeShared(this.#ofAddress, mailbox);
    if (typeof consumed !== 'number') return () => limiter.giveBack(consumed);
    // Once for each address and day: many mails must not fill the log either.
    if (typeof (await limiter.consumeShared(this.#warnings, mailbox)) !== 'number') {
      const facts = { messageId: id, mailsPerDay: this.#ofAddress.points };
      this.log.warn(facts, 'Too many mails to one address: further ones of this day are not sent');
    }
    return null;
  }
}
