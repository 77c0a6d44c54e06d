import type { mongo } from 'mongoose';

const LEASE_ID = 'migrations';
/** How long others wait for a process that has died. Longer than an election, during which no process can renew. */
const LEASE_MS = 30_000;
const RENEW_EVERY_MS = LEASE_MS / 6;
const LONG_AGO = new Date(0);

interface Lease {
  readonly _id: string;
  readonly owner: string;
  readonly until: Date;
}

/** Lets one process at a time change the database. It uses the database's clock, as those of the processes may differ. */
export class MigrationLock {
  #renewing: NodeJS.Timeout | undefined;

  constructor(
    private readonly leases: mongo.Collection<Lease>,
    readonly owner: string,
  ) {}

  /** @returns whether this process holds the lock now; it renews it until `release` */
  async acquire(): Promise<boolean> {
    // An upsert cannot compare with the database's clock, so a free lease is created first.
    await this.leases.updateOne(
      { _id: LEASE_ID },
      { $setOnInsert: { owner: 'nobody', until: LONG_AGO } },
      { upsert: true },
    );
    if (!(await this.#extend({ $or: [{ $eq: ['$owner', this.owner] }, { $lte: ['$until', '$$NOW'] }] }))) {
      return false;
    }
    // A failed renewal is followed by another. If the lock is lost, nothing is damaged: index changes can be repeated,
    // and only its present owner can save a migration's progress.
    this.#renewing = setInterval(() => {
      this.#extend({ $eq: ['$owner', this.owner] }).catch(() => undefined);
    }, RENEW_EVERY_MS).unref();
    return true;
  }

  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.leases.deleteOne({ _id: LEASE_ID, owner: this.owner });
  }

  async #extend(condition: object): Promise<boolean> {
    const { matchedCount } = await this.leases.updateOne({ _id: LEASE_ID, $expr: condition }, [
      { $set: { owner: { $literal: this.owner }, until: { $add: ['$$NOW', LEASE_MS] } } },
    ]);
    return matchedCount === 1;
  }
}
