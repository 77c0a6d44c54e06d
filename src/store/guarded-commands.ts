import type { Command, CommandAnswer, Commands } from '../booking/commands.js';
import { DomainError } from '../core/errors.js';
import { type DatabaseStatus, databaseUnavailable } from './refuse-while-unavailable.js';

/** About how long a restart takes. */
const RETRY_AFTER_MS = 2_000;

/**
 * Commands whose callers get an answer in time. While the database is unavailable new commands are refused at once.
 * Accepted ones keep their time limit, which is longer than an election. Before the server stops, all are answered.
 */
export class GuardedCommands implements Commands {
  /** The reject functions of commands without an answer. */
  readonly #unanswered = new Set<(error: DomainError) => void>();

  constructor(
    private readonly commands: Commands,
    private readonly database: DatabaseStatus,
  ) {}

  submit<C extends Command>(command: C): Promise<CommandAnswer<C>> {
    if (this.database.isUnavailable) return Promise.reject(databaseUnavailable());
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      const done = () => this.#unanswered.delete(reject);
      this.commands.submit(command).finally(done).then(resolve, reject);
    });
  }

  /**
   * After `ms`, every command that is still waiting is answered with OUTCOME_UNKNOWN. That happens only if the database
   * does not answer: otherwise all are done by then, or refused in their queue.
   */
  answerAllWithin(ms: number): void {
    const timer = setTimeout(() => {
      for (const reject of this.#unanswered) reject(outcomeUnknown());
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
