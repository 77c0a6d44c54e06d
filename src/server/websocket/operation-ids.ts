import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import { type DeferredLists, fillPlaceholders } from '../../graphql/deferred-seat-lists.js';
import type { WebSocketConnection } from './connections.js';

/** An id goes out with every message of its operation; clients make up a number, or a UUID. */
export const OPERATION_ID_LENGTH_MAX = 128;
/** What the WebSocket protocol leaves for a reason, less what a character cut in two may grow by. */
const REASON_BYTES_MAX = 120;

/** Returns once an operation that the message asks for is over. */
type Receive = (message: Message) => Promise<void>;

/** An operation that a client asked for and that is not over yet. */
interface Operation {
  /** The client wants no more of it; what it began may still take a while to end. */
  completed: boolean;
  /** The operation that is to have its id next. */
  next: SubscribeMessage | undefined;
  isSubscription: boolean;
}

/**
 * A socket as graphql-ws wants it, with what that leaves open in the protocol put right.
 *
 * A client may use an id again as soon as it has completed it. graphql-ws knows operations by their ids alone: an old one
 * that is still ending would send its result, or its end, in the name of the new one, and unregister it. So the new one
 * begins once the old one is over, which for a subscription is in the same instant.
 *
 * Messages that only a server may send are invalid like any other, and no fault of this server's.
 */
export class OperationIds {
  readonly #operations = new Map<string, Operation>();
  readonly #deferred: DeferredLists = new Map();

  #subscriptions = 0;

  constructor(private readonly connection: WebSocketConnection) {}

  /** Those that are not over, whether or not the client wants more of them. */
  get inProgress(): number {
    return this.#operations.size;
  }

  /** Those that the client wants more of. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** What an operation is turns out once it is read. */
  isSubscription(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined || operation.isSubscription) return;
    operation.isSubscription = true;
    this.#subscriptions += 1;
  }

  get protocol(): string {
    return this.connection.protocol;
  }

  /** What is to be put into the next messages, which are about to be sent. */
  defer(lists: DeferredLists): void {
    for (const [mark, text] of lists) this.#deferred.set(mark, text);
  }

  send(message: string): Promise<void> {
    return this.#deferred.size === 0
      ? this.connection.send(message)
      : this.connection.sendParts(fillPlaceholders(message, this.#deferred));
  }

  close(code: number, reason: string): void {
    // It may quote an id, and a longer one would be a fault of its own.
    this.connection.close(code, Buffer.from(reason).subarray(0, REASON_BYTES_MAX).toString());
  }

  /** @param receiveText takes a message that has been read already as well, and reads none a second time */
  onMessage(receiveText: (text: string) => Promise<void>): void {
    const receive = receiveText as unknown as Receive;
    this.connection.onMessage(async (text) => {
      const message = parsed(text);
      switch (message?.type) {
        case MessageType.Subscribe:
          return this.#subscribe(message, receive);
        case MessageType.Complete:
          this.#complete(message.id);
          return receive(message);
        case MessageType.ConnectionInit:
        case MessageType.Ping:
        case MessageType.Pong:
          return receive(message);
        default:
          return this.close(CloseCode.BadRequest, 'Invalid message received');
      }
    });
  }

  async #subscribe(message: SubscribeMessage, receive: Receive): Promise<void> {
    const { id } = message;
    const before = this.#operations.get(id);
    if (before === undefined) return this.#run(message, receive);
    // Refused by graphql-ws.
    if (!before.completed) return receive(message);
    if (before.next === undefined) before.next = message;
    else this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
  }

  #complete(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) return;
    if (operation.next !== undefined) operation.next = undefined;
    else operation.completed = true;
    // The client may begin another one in its place at once.
    this.#endSubscription(operation);
  }

  #endSubscription(operation: Operation): void {
    if (operation.isSubscription) this.#subscriptions -= 1;
    operation.isSubscription = false;
  }

  /** Returns once the operation is over, and those that waited for its id. */
  async #run(message: SubscribeMessage, receive: Receive): Promise<void> {
    const { id } = message;
    for (let next: SubscribeMessage | undefined = message; next !== undefined && this.connection.isOpen; ) {
      const operation: Operation = { completed: false, next: undefined, isSubscription: false };
      this.#operations.set(id, operation);
      try {
        await receive(next);
      } finally {
        this.#operations.delete(id);
        this.#endSubscription(operation);
      }
      next = operation.next;
    }
  }
}

function parsed(text: string): Message | undefined {
  try {
    const message = parseMessage(text);
    return 'id' in message && message.id.length > OPERATION_ID_LENGTH_MAX ? undefined : message;
  } catch {
    return undefined;
  }
}
