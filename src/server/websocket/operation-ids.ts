import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import { type DeferredLists, fillPlaceholders } from '../../graphql/deferred-seat-lists.js';
import type { WebSocketConnection } from './connection.js';

/** The id is sent with every message of its operation. Clients use a number or a UUID. */
export const OPERATION_ID_LENGTH_MAX = 128;
/** The protocol allows 123 bytes for a close reason. A character that is cut in two may take up to 3 more. */
const REASON_BYTES_MAX = 120;

/** Resolves once the operation that the message starts has ended. */
type Receive = (message: Message) => Promise<void>;

/** An operation that has not ended. */
interface Operation {
  /** The client sent `complete`. The operation may still take a while to end. */
  completed: boolean;
  /** The operation that will use the id next. */
  next: SubscribeMessage | undefined;
  isSubscription: boolean;
}

/**
 * A socket for graphql-ws, with two corrections.
 *
 * A client may use an id again as soon as it has completed it. graphql-ws knows operations only by their ids: an old
 * operation that is still ending would send its result or its end under the id of the new one, and unregister it. So
 * the new operation starts once the old one has ended; a subscription ends immediately.
 *
 * A message that only a server may send is answered like any invalid message, and not as an internal error.
 */
export class OperationIds {
  readonly #operations = new Map<string, Operation>();
  readonly #deferred: DeferredLists = new Map();

  #subscriptions = 0;

  constructor(private readonly connection: WebSocketConnection) {}

  /** Operations that have not ended, completed ones included. */
  get inProgress(): number {
    return this.#operations.size;
  }

  /** Subscriptions that the client has not completed. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** Called once an operation has been parsed and is a subscription. */
  markAsSubscription(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined || operation.isSubscription) return;
    operation.isSubscription = true;
    this.#subscriptions += 1;
  }

  get protocol(): string {
    return this.connection.protocol;
  }

  /** Keeps lists that will be inserted into the messages that are sent next. */
  defer(lists: DeferredLists): void {
    for (const [placeholder, list] of lists) this.#deferred.set(placeholder, list);
  }

  send(message: string): Promise<void> {
    return this.#deferred.size === 0
      ? this.connection.send(message)
      : this.connection.sendParts(fillPlaceholders(message, this.#deferred));
  }

  close(code: number, reason: string): void {
    // It may quote an id, and `ws` throws if a reason is too long.
    this.connection.close(code, Buffer.from(reason).subarray(0, REASON_BYTES_MAX).toString());
  }

  /** @param receiveText graphql-ws's handler. It also accepts parsed messages, and does not parse them again. */
  onMessage(receiveText: (text: string) => Promise<void>): void {
    const receive = receiveText as unknown as Receive;
    this.connection.onMessage(async (text) => {
      const message = parse(text);
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
    const current = this.#operations.get(id);
    if (current === undefined) return this.#run(message, receive);
    // graphql-ws refuses it.
    if (!current.completed) return receive(message);
    if (current.next === undefined) current.next = message;
    else this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
  }

  #complete(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) return;
    if (operation.next !== undefined) operation.next = undefined;
    else operation.completed = true;
    // The client may start another subscription at once.
    this.#endSubscription(operation);
  }

  #endSubscription(operation: Operation): void {
    if (operation.isSubscription) this.#subscriptions -= 1;
    operation.isSubscription = false;
  }

  /** Resolves once the operation and those that waited for its id have ended. */
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

function parse(text: string): Message | undefined {
  try {
    const message = parseMessage(text);
    return 'id' in message && message.id.length > OPERATION_ID_LENGTH_MAX ? undefined : message;
  } catch {
    return undefined;
  }
}
