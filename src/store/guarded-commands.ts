import type { Command, CommandAnswer, Commands } from '../booking/commands.js';
import { DomainError } from '../core/errors.js';
import { type DatabaseStatus, databaseUnavailable } from './refuse-while-unavailable.js';

/** About how long a restart takes. */
const RETRY_AFTER_MS = 2_000;

/**
 * The commands as whoever waits for them meets them. While the database is known to be away new ones are refused at
 * once, and those that were taken before keep their time: an election is over within it. Before the server ends all are
 * answered.
 */
export class GuardedCommands implements Commands {
  /** Of those that have no answer yet. */
  readonly #giveUp = new Set<(error: DomainError) => void>();

  constructor(
    private readonly commands: Commands,
    private readonly database: DatabaseStatus,
  ) {}

  submit<C extends Command>(command: C): Promise<CommandAnswer<C>> {
    if (this.database.isUnavailable) return Promise.reject(databaseUnavailable());
    return new Promise((resolve, reject) => {
      this.#giveUp.add(reject);
      const over = () => this.#giveUp.delete(reject);
      this.commands.submit(command).finally(over).then(resolve, reject);
    });
  }

  /**
   * Whoever still waits then is told that nobody knows what becomes of it. It takes a database that does not answer
   * to come to that: all others are done by then, or out of their queue.
   */
  answerAllWithin(ms: number): void {
    const timer = setTimeout(() => {
      for (const giveUp of this.#giveUp) giveUp(outcomeUnknown());
    }, ms);
    timer.unref();
  }
}

const outcomeUnknown = (): DomainError =>
  new DomainError(
    'OUTCOME_UNKNOWN',
    'The server is stopping, and the database has not said whether this was done. It is safe to send it again; a payment only with a requestId.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
