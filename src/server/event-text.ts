/** The text of an event stream, as graphql-sse's protocol defines it in its distinct connections mode. */

/** Around the result of an operation, as JSON. JSON has no line break. */
export const EVENT_HEAD = Buffer.from('event: next\ndata: ');
export const EVENT_TAIL = Buffer.from('\n\n');
/** The operation has ended: the client does not open it again. */
export const COMPLETE_EVENT = Buffer.from('event: complete\ndata:\n\n');
/** Clients ignore it. */
export const COMMENT = Buffer.from(':\n\n');
