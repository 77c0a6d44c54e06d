import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { SeatUpdate } from '../../feed/seat-update.js';
import type { SeatWatcher, UpdateReceiver } from '../../feed/seat-watcher.js';
import type { BroadcastConnection } from './broadcast.js';
import type { GroupMember, Membership } from './broadcast-group.js';
import type { QueuedExecution } from './execution-scheduler.js';
import type { OperationGroup } from './map-groups.js';

/** Executes and sends the answers of a subscription that is not served with its group. */
export interface AnswerSender {
  /** If not, the subscription is queued for a scheduler slot. */
  mayExecute(subscription: BroadcastSubscription, update: SeatUpdate, isShared: boolean): boolean;
  /** @returns whether the next update may follow, or a result that the subscription's iterator has to return instead */
  send(
    subscription: BroadcastSubscription,
    update: SeatUpdate,
    now: Date,
    isShared: boolean,
  ): boolean | ExecutionResult;
  end(subscription: BroadcastSubscription): void;
}

/**
 * One subscription to a seat map. Its answers are written to the connection as the watcher delivers updates, or by its
 * group. To the protocol's library it is an iterator that returns only results with errors, and the end.
 */
export class BroadcastSubscription
  implements AsyncIterableIterator<ExecutionResult>, UpdateReceiver, QueuedExecution, GroupMember
{
  /** The scheduler granted a slot: the next update may be executed. */
  #hasSlot = false;
  /** Whether the next update is executed for a shared group at a tick. */
  #isShared = false;
  #isEnded = false;
  readonly #membership: Membership<BroadcastSubscription>;
  #resolve: (result: IteratorResult<ExecutionResult>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    private readonly sender: AnswerSender,
    readonly group: OperationGroup<BroadcastSubscription>,
    readonly args: ExecutionArgs,
    readonly updates: SeatWatcher,
    readonly connection: BroadcastConnection,
    readonly id: string,
  ) {
    this.#membership = group.members.add(this);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.updates.push(this);
    });
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    return this.updates.return() as Promise<IteratorResult<never>>;
  }

  throw(): Promise<IteratorResult<ExecutionResult>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly drained = (): void => {
    this.updates.ready();
    if (!this.#isEnded) this.group.members.synchronise(this.#membership);
  };

  mayReceive(update: SeatUpdate, isFirst: boolean): boolean {
    const hasSlot = this.#hasSlot;
    this.#hasSlot = false;
    if (hasSlot) return true;
    // The first update depends on where the subscription starts, so it is not the one that the group gets at a tick.
    this.#isShared = this.group.isShared && !isFirst;
    return this.sender.mayExecute(this, update, this.#isShared);
  }

  execute(): void {
    this.#hasSlot = true;
    this.updates.deliverNow();
    // A slot that was not needed is lost.
    this.#hasSlot = false;
  }

  update(update: SeatUpdate, now: Date): boolean {
    const sent = this.sender.send(this, update, now, this.#isShared);
    if (typeof sent === 'boolean') return sent;
    this.#resolve({ done: false, value: sent });
    return false;
  }

  end(): void {
    this.#end();
    this.#resolve({ done: true, value: undefined });
  }

  fault(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.sender.end(this);
    this.group.remove(this.#membership);
  }
}
