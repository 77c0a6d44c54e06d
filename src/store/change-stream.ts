import { mongo } from 'mongoose';
import type { Change } from '../booking/change.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';
import type { ChangeDocument } from './models/change.model.js';

const REOPEN_MS = 250;
/** Attempts to resume from one token before the stream starts anew. */
const RESUMES_MAX = 20;
/** Server errors after which a resume token is useless. */
const HISTORY_LOST: ReadonlySet<unknown> = new Set([
  260, // InvalidResumeToken: after an `invalidate` nothing can be resumed
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost: older than the oplog
]);

/** Receives what the stream delivers, in commit order. */
export interface ChangeReceiver {
  change(change: Change): void;
  /** A user's tokens have ended, or the user is another kind of user now. */
  userChanged(userId: string): void;
  /** The stream starts anew: what was committed in between is not delivered. */
  interrupted(): void;
}

/**
 * The process's one change stream, on the insert-only collection `changes`. It delivers every document that a majority
 * has committed, and nothing else, in commit order. After an error it resumes from its token. If the token is useless,
 * it starts anew and reports that.
 */
export class ChangeStream {
  #stream: mongo.ChangeStream<ChangeDocument> | undefined;
  /** The first read of a new stream, which waits for the next change. */
  #next: Promise<mongo.ChangeStreamDocument<ChangeDocument>> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #current = false;
  #clusterTime: mongo.Timestamp | undefined;

  constructor(
    private readonly database: Database,
    private readonly receiver: ChangeReceiver,
    private readonly log: Log,
  ) {}

  /** Whether changes are being delivered now. */
  get isCurrent(): boolean {
    return this.#current;
  }

  /** The time of the last delivered change, or of the stream's start. A read at or after it sees all delivered changes. */
  get clusterTime(): mongo.Timestamp | undefined {
    return this.#clusterTime;
  }

  /** Returns once the stream is open: everything committed from then on will be delivered. */
  async open(): Promise<void> {
    await this.#startAnew();
    this.#current = true;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.close().catch(() => undefined);
    await this.#running;
  }

  /**
   * Starts right after a known instant, so that a read at that instant and the stream together miss nothing. It does not
   * start at the instant itself: the event that ended the last stream may have happened then, and would end this one too.
   */
  async #startAnew(): Promise<void> {
    const instant = await this.database.operationTime();
    const [t, i] = [instant.getHighBitsUnsigned(), instant.getLowBitsUnsigned() + 1];
    await this.#open({ startAtOperationTime: new mongo.Timestamp({ t, i }) });
    this.#clusterTime = instant;
  }

  async #open(from: mongo.ChangeStreamOptions): Promise<void> {
    if (this.#closed) return;
    const stream = this.database.changes.collection.watch<ChangeDocument>(
      [{ $match: { operationType: 'insert' } }],
      from,
    ) as mongo.ChangeStream<ChangeDocument>;
    this.#stream = stream;
    // The first read creates the cursor and waits for a change. If no change comes, the first resume token shows that
    // the cursor exists.
    const quiet = new Promise<void>((resolve) => stream.once('resumeTokenChanged', () => resolve()));
    this.#next = stream.next();
    await Promise.race([quiet, this.#next]);
  }

  async #run(): Promise<void> {
    let resumes = 0;
    while (!this.#closed) {
      try {
        if (!this.#current && (await this.#reopen(resumes))) resumes = 0;
        while (!this.#closed) {
          const next = this.#next ?? this.#stream?.next();
          this.#next = undefined;
          this.#deliver((await next) as mongo.ChangeStreamDocument<ChangeDocument>);
          resumes = 0;
        }
      } catch (error) {
        if (this.#closed) return;
        this.#current = false;
        const { code } = error as { code?: unknown };
        resumes = HISTORY_LOST.has(code) ? RESUMES_MAX : resumes + 1;
        this.log.warn({ err: error, resumes }, 'The change stream was interrupted; reopening it');
        await this.#stream?.close().catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  /** @returns whether the stream started anew; then the failed resumes of the old token no longer count */
  async #reopen(resumes: number): Promise<boolean> {
    const resumeAfter = resumes < RESUMES_MAX ? this.#stream?.resumeToken : undefined;
    if (resumeAfter == null) await this.#startAnew();
    else await this.#open({ resumeAfter });
    if (this.#closed) return false;
    if (resumeAfter == null) this.receiver.interrupted();
    this.#current = true;
    this.log.info({ resumed: resumeAfter != null }, 'The change stream is open again');
    return resumeAfter == null;
  }

  #deliver(event: mongo.ChangeStreamDocument<ChangeDocument>): void {
    if (event.operationType !== 'insert') return;
    this.#clusterTime = event.clusterTime ?? this.#clusterTime;
    const { fullDocument: document } = event;
    if (document.loggedOutUserId !== undefined) this.receiver.userChanged(document.loggedOutUserId);
    if (document.eventId !== null) this.receiver.change(document as Change);
  }
}
