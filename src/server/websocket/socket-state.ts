import type { IncomingMessage } from 'node:http';
import type { Viewer } from '../../account/user.js';
import type { WebSocketConnection } from './connection.js';
import type { OperationIds } from './operation-ids.js';

/** What the server knows of a socket besides its connection. */
export interface SocketState {
  readonly connection: WebSocketConnection;
  /** Dropped at connection_init: a watcher stays for hours and does not need its headers. */
  request: IncomingMessage | undefined;
  readonly operations: OperationIds;
  viewer?: Viewer | null;
  /** Called when the socket is closed: its token is no longer watched. */
  forgetToken?: () => void;
  /** The token has expired or was revoked: new operations are refused. */
  tokenEnded?: true;
  /** Queries and mutations that are not answered yet. */
  readonly inProgress: Set<PromiseLike<unknown>>;
}

/** Resolves once all queries and mutations are answered and their answers were sent, or after `msMax`. */
export async function drained({ inProgress }: SocketState, msMax: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), msMax);
  });
  while (inProgress.size > 0) {
    if ((await Promise.race([late, Promise.allSettled(inProgress)])) === 'late') break;
  }
  clearTimeout(timer);
  await new Promise((resolve) => setImmediate(resolve));
}
