import { type PasswordResets, RESET_LINK_MS } from '../account/password-resets.js';
import type { MailResetLink } from '../booking/mail-messages.js';
import type { Mailer } from './mail.js';
import { type MailContent, mailOf } from './mail-content.js';

/** Mails links to set a new password. */
export class PasswordResetMails {
  /** @param publicUrl the base of links, without a slash at its end */
  constructor(
    private readonly resets: PasswordResets,
    private readonly mailer: Mailer,
    private readonly publicUrl: () => string,
  ) {}

  async send({ id, ...request }: MailResetLink): Promise<void> {
    const link = await this.resets.linkFor(request);
    if (link === null) return;
    // In the fragment, which browsers send to no server.
    const url = `${this.publicUrl()}/reset-password#${link.token}`;
    await this.mailer.send(mailOf(id, link.to, contentOf(url)));
  }
}

const contentOf = (url: string): MailContent => ({
  subject: 'Set a new password',
  paragraphs: [
    [`Somebody, probably you, has forgotten the password of your account at ${new URL(url).host}.`],
    [{ text: 'Set a new password', url }],
    [`The link works once, within ${RESET_LINK_MS / 60_000} minutes. It signs you out on all devices.`],
    ['If it was not you, ignore this mail. Your password stays as it is.'],
  ],
});
