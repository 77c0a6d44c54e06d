import type { mongo } from 'mongoose';
import type { Change } from '../booking/change.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';
import type { ChangeDocument } from './models/change.model.js';

const REOPEN_MS = 250;
/** Tries with the same resume token before it is given up. */
const RESUMES_MAX = 20;
/** The server's answers that say that a resume token leads nowhere any more. */
const HISTORY_LOST = new Set([280, 286, 260, 50811]);

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

  /** The time of the last change delivered; a read after it sees all that was delivered. */
  get clusterTime(): mongo.Timestamp | undefined {
    return this.#clusterTime;
  }

  /** Returns once the stream is open: what is committed from now on will be delivered. */
  async open(): Promise<void> {
    await this.#open(undefined);
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.close().catch(() => undefined);
    await this.#running;
  }

  async #open(resumeAfter: mongo.ResumeToken | undefined): Promise<void> {
    const stream = this.database.changes.collection.watch<ChangeDocument>(
      [{ $match: { operationType: 'insert' } }],
      resumeAfter === undefined ? {} : { resumeAfter },
    );
    this.#stream = stream as mongo.ChangeStream<ChangeDocument>;
    // The cursor is made by the first look at it.
    const first = await this.#stream.tryNext();
    this.#current = true;
    if (first !== null) this.#deliver(first);
  }

  async #run(): Promise<void> {
    let resumes = 0;
    while (!this.#closed) {
      try {
        if (!this.#current) await this.#reopen(resumes);
        for (;;) {
          this.#deliver(await (this.#stream as mongo.ChangeStream<ChangeDocument>).next());
          resumes = 0;
        }
      } catch (error) {
        if (this.#closed) return;
        this.#current = false;
        const code = (error as { code?: unknown }).code;
        resumes = HISTORY_LOST.has(code as number) ? RESUMES_MAX : resumes + 1;
        this.log.warn({ err: error, resumes }, 'The change stream was interrupted; reopening it');
        await this.#stream?.close().catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  async #reopen(resumes: number): Promise<void> {
    const token = resumes < RESUMES_MAX ? this.#stream?.resumeToken : undefined;
    await this.#open(token ?? undefined);
    if (token == null) this.receiver.interrupted();
    this.log.info({ resumed: token != null }, 'The change stream is open again');
  }

  #deliver(event: mongo.ChangeStreamDocument<ChangeDocument>): void {
    if (event.operationType !== 'insert') return;
    this.#clusterTime = event.clusterTime ?? this.#clusterTime;
    const { fullDocument: document } = event;
    if (document.loggedOutUserId !== undefined) this.receiver.loggedOut(document.loggedOutUserId);
    if (document.eventId !== null) this.receiver.change(document as Change);
  }
}
