import { createHash } from 'node:crypto';
import { createTransport, type Transporter } from 'nodemailer';
import { RefusedForGood } from '../core/delivery.js';
import type { Mail, Mailer } from './mail.js';

/** From connecting to the server's last answer. */
const SEND_MS_MAX = 15_000;

const MESSAGE_ID_LENGTH = 32;

/** The part of nodemailer's errors that is used. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** Sends mails over SMTP, each on a connection of its own. */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  /** The domain in every Message-ID. */
  readonly #domain: string;

  /** @param from an address, with or without a name: `Tickets <tickets@example.com>` */
  constructor(url: string, from: string) {
    this.#transport = createTransport(
      {
        url,
        // Without this, somebody between the two servers could have the password sent unencrypted.
        requireTLS: new URL(url).protocol === 'smtp:' && new URL(url).password !== '' && !isLoopback(url),
        disableFileAccess: true,
        disableUrlAccess: true,
      },
      { from },
    );
    this.#domain = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  }

  async send({ id, to, subject, text, html }: Mail): Promise<void> {
    // A hash is short enough for a header's line, whatever the id.
    const name = createHash('sha256').update(id).digest('hex').slice(0, MESSAGE_ID_LENGTH);
    try {
      await this.#transport.sendMail({
        // As an object, because a text would be parsed as a list of addresses.
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${name}@${this.#domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(SEND_MS_MAX),
      });
    } catch (error) {
      throw isRefused(error as SmtpError)
        ? new RefusedForGood((error as Error).message, { cause: error })
        : error;
    }
  }
}

/** Whether the address or the mail was refused for good. A refused log-in or sender is the operator's to mend. */
const isRefused = ({ code = '', command, responseCode = 500 }: SmtpError): boolean =>
  ['EENVELOPE', 'EMESSAGE'].includes(code) && command !== 'MAIL FROM' && responseCode >= 500;

const isLoopback = (url: string): boolean => /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);
