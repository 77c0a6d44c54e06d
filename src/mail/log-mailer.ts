import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../core/log.js';
import type { Mail, Mailer } from './mail.js';

/** Ten mails a second are enough for a developer. A sale without mail server makes more, and must not be slowed down. */
const PAUSE_MS = 100;

/** Writes mails to the log, for developers, who need their links. Its caller sends one mail at a time. */
export class LogMailer implements Mailer {
  constructor(private readonly log: Log) {}

  async send({ to, subject, text }: Mail): Promise<void> {
    this.log.info({ to, subject, text }, 'A mail was not sent, because SMTP_URL is not set');
    await wait(PAUSE_MS);
  }
}
