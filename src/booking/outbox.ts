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
  /** Claims messages of these kinds that are due, oldest first. */
  claimDue(kinds: readonly OutboxMessage['kind'][], limit: number): Promise<ClaimedMessage[]>;
  done(ids: readonly string[]): Promise<void>;
  /**
   * Does nothing if the claim has ended and another sender has the message.
   *
   * @param failures how many attempts have failed now
   */
  postpone(claimed: ClaimedMessage, dueAt: Date, failures: number, error: string): Promise<void>;
  /** As `postpone`, for good. */
  giveUp(claimed: ClaimedMessage, error: string): Promise<void>;
  /** Writes a message that no batch decides, unless it is there already. @returns it, claimed */
  add(message: OutboxMessage): Promise<ClaimedMessage>;
  isWaiting(id: string): Promise<boolean>;
}

/** Messages whose sending had an effect that failed later. */
export interface SentMessages {
  /** Marks it as given up. @returns false if that is known already, or there is no such message */
  failSent(id: string, error: string): Promise<boolean>;
}

/** The claim with which a message is written. */
export const firstClaimOf = (message: OutboxMessage): ClaimedMessage => ({ message, claims: 1, failures: 0 });

/** For messages that are sent at most once, and lost if that fails. */
export const NO_OUTBOX: OutboxStore = {
  claimDue: async () => [],
  done: async () => undefined,
  postpone: async () => undefined,
  giveUp: async () => undefined,
  add: async (message) => firstClaimOf(message),
  isWaiting: async () => false,
};
