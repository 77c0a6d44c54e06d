import { EVENT_HEAD } from '../event-text.js';
import type { MessageEncoding } from './broadcast.js';

/** Ends a message of a WebSocket. The body before it is an execution result as JSON. */
export const MESSAGE_TAIL = Buffer.from('}');

/**
 * What comes before the body of a message.
 *
 * @param id the operation's id on its connection. An event stream has one operation, and its events have no id.
 */
export const messageHead = (encoding: MessageEncoding, id: string): Buffer =>
  encoding === 'event-stream'
    ? EVENT_HEAD
    : Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
