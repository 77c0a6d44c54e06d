/** One mail to one address. */
export interface Mail {
  /** Becomes the Message-ID. The same mail, sent again, has the same one, so that mail servers can drop the copy. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** Asked once for each mail about bookings, before it is composed. Without this method every mail is taken. */
  takesBookingMail?(): boolean;
  /** @throws RefusedForGood if the mail can never be delivered; after any other error it may be sent again */
  send(mail: Mail): Promise<void>;
}
