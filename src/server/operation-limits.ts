/** What one GraphQL operation may be, over either transport. */

/** Characters of an operation's text: comments and names cost the parser too, though they are no tokens. */
export const QUERY_LENGTH_MAX = 8_192;
export const QUERY_TOKENS_MAX = 1_000;
/** A request's or a message's body: the largest honest one creates an event of many sections. */
export const BODY_BYTES_MAX = 64 * 1024;
/** Operations that one socket may have under way. */
export const OPERATIONS_PER_SOCKET_MAX = 100;
