import type { OutboxMessage } from './outbox-messages.js';

/**
 * How long a claim lasts. It is longer than a message takes to send. If its sender has died, another one sends it after
 * that; if it only was slow, the message is sent twice, which its id makes harmless.
 */
export const CLAIM_MS = 60_000;

/** A message that this process may send until the claim ends. */
export interface ClaimedMessage {
  readonly message: OutboxMessage;
  /** How often it was claimed, with this time. */
  readonly claims: number;
  /** How many attempts have failed. */
  readonly failures: number;
}

/** What is to be sent, as the store keeps it. */
export interface OutboxStore {
  /** Claims messages that are due, oldest first. */
  claimDue(limit: number): Promise<ClaimedMessage[]>;
  done(ids: readonly string[]): Promise<void>;
  /**
   * Does nothing if the claim has ended and another sender has the message.
   *
   * @param failures how many attempts have failed now
   */
  postpone(claimed: ClaimedMessage, dueAt: Date, failures: number, error: string): Promise<void>;
  /** As `postpone`, for good. */
  giveUp(claimed: ClaimedMessage, error: string): Promise<void>;
  isWaiting(id: string): Promise<boolean>;
}
