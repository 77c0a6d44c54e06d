import { mongo } from 'mongoose';
import type { Change } from '../booking/change.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';
import type { ChangeDocument } from './models/change.model.js';

const REOPEN_MS = 250;
/** Tries with the same resume token before it is given up. */
const RESUMES_MAX = 20;
/** The server's answers that say that a resume token leads nowhere any more. */
const HISTORY_LOST: ReadonlySet<unknown> = new Set([
  260, // InvalidResumeToken: of an `invalidate`, after which nothing can be resumed
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost: older than the oplog
]);

/** What the stream delivers to, in commit order. */
export interface ChangeReceiver {
  change(change: Change): void;
  loggedOut(userId: string): void;
  /** The stream begins anew: what was committed in between was not delivered. */
  interrupted(): void;
}

/**
 * The process's one change stream, on the insert-only collection `changes`. It shows what a majority has committed and
 * nothing else, whole, in commit order. After a fault it goes on from its resume token, and where that is lost it
 * begins anew and says so.
 */
export class ChangeStream {
  #stream: mongo.ChangeStream<ChangeDocument> | undefined;
  /** The look that is waiting for the next change. */
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

  /** Whether changes are being delivered at this moment. */
  get isCurrent(): boolean {
    return this.#current;
  }

  /** The time of the last change delivered, or of the beginning; a read after it misses nothing that was delivered. */
  get clusterTime(): mongo.Timestamp | undefined {
    return this.#clusterTime;
  }

  /** Returns once the stream is open: what is committed from now on will be delivered. */
  async open(): Promise<void> {
    await this.#begin();
    this.#current = true;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.close().catch(() => undefined);
    await this.#running;
  }

  /**
   * Right after an instant that is known, so that what is read of that instant and what is delivered leave nothing
   * out. Not at it: what ended the last stream may have happened then, and would end this one as well.
   */
  async #begin(): Promise<void> {
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
    // The cursor is made by the first look at it, which waits until there is a change. On a quiet collection it is the
    // resume token, which comes with the cursor, that tells that it is there.
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

  /** @returns whether it began anew: what was wrong with the old token is nothing to the next one */
  async #reopen(resumes: number): Promise<boolean> {
    const resumeAfter = resumes < RESUMES_MAX ? this.#stream?.resumeToken : undefined;
    if (resumeAfter == null) await this.#begin();
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
    if (document.loggedOutUserId !== undefined) this.receiver.loggedOut(document.loggedOutUserId);
    if (document.eventId !== null) this.receiver.change(document as Change);
  }
}
