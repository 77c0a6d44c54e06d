import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { Mail, Mailer } from './mail.js';

/** Mails about bookings that are written at once. After them it is one for each PAUSE_MS. */
export const BURST_MAX = 20;
export const PAUSE_MS = 1_000;

/**
 * Writes mails to the log, for developers, who need their links. A sale without mail server makes far more mails about
 * bookings than anybody reads; composing all of them would slow it down.
 */
export class LogMailer implements Mailer {
  #room = BURST_MAX;
  #countedMs: number;

  constructor(
    private readonly log: Log,
    private readonly nowMs: () => number = monotonicMs,
  ) {
    this.#countedMs = nowMs();
  }

  takesBookingMail(): boolean {
    const nowMs = this.nowMs();
    this.#room = Math.min(BURST_MAX, this.#room + (nowMs - this.#countedMs) / PAUSE_MS);
    this.#countedMs = nowMs;
    if (this.#room < 1) return false;
    this.#room -= 1;
    return true;
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    this.log.info({ to, subject, text }, 'A mail was not sent, because SMTP_URL is not set');
  }
}
