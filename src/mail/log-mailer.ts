import type { Log } from '../core/log.js';
import type { Mail, Mailer } from './mail.js';

/** Writes mails to the log, for developers, who need their links. */
export class LogMailer implements Mailer {
  constructor(private readonly log: Log) {}

  async send({ to, subject, text }: Mail): Promise<void> {
    this.log.info({ to, subject, text }, 'A mail was not sent, because SMTP_URL is not set');
  }
}
