import { RefusedForGood } from '../core/delivery.js';
import type { Mail, Mailer } from './mail.js';

export interface MailLimit {
  /** Counts a mail. @returns what takes it out of the count again; null if it is one too many */
  count(mail: Mail): Promise<(() => void) | null>;
}

/** Drops mails to an address that has had too many. Whoever has booked sees the tickets on the page. */
export class LimitedMailer implements Mailer {
  constructor(
    private readonly mailer: Mailer,
    private readonly limit: MailLimit,
  ) {}

  async send(mail: Mail): Promise<void> {
    const uncount = await this.limit.count(mail);
    if (uncount === null) return;
    try {
      await this.mailer.send(mail);
    } catch (error) {
      // It is sent again, and counts then.
      if (!(error instanceof RefusedForGood)) uncount();
      throw error;
    }
  }
}
