/** A mail that is to be sent. */
export type MailMessage = MailResetLink;

/** A link to set a new password, for whoever has an account with the address. */
export interface MailResetLink {
  readonly id: string;
  readonly kind: 'mailResetLink';
  /** As typed. */
  readonly email: string;
  readonly requestedAt: Date;
}
