import type { IncomingMessage } from 'node:http';
import { CloseCode } from 'graphql-ws';
import { isUnauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import type { Log } from '../../core/log.js';
import { authorizationOf } from '../access.js';
import type { TokenEnds } from '../connections/token-ends.js';
import { TRY_AGAIN_LATER } from './connection.js';
import { drained, type SocketState } from './socket-state.js';

/** How long a socket whose token has ended may wait for its operations in progress. */
const DRAIN_AFTER_TOKEN_END_MS_MAX = 1_000;

export interface SocketTokensOptions {
  readonly log: Log;
  readonly tokenEnds: TokenEnds;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  readonly authorizationInCookie: (request: IncomingMessage) => Promise<string | undefined>;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
}

/** Authenticates sockets, and closes them with 4403 when their token expires or is revoked. */
export class SocketTokens {
  constructor(private readonly options: SocketTokensOptions) {}

  /** @returns false if the socket has to be closed with 4403 */
  async connect(
    connectionParams: Readonly<Record<string, unknown>> | undefined,
    socket: SocketState,
  ): Promise<boolean> {
    const { connection, request } = socket;
    socket.request = undefined;
    try {
      const authorization =
        authorizationOf(connectionParams) ??
        (request?.headers.cookie && (await this.options.authorizationInCookie(request)));
      const viewer = await this.options.viewerOf(authorization);
      // A socket that was closed meanwhile has been cleaned up, and must not be watched.
      if (!connection.isOpen) return false;
      socket.viewer = viewer;
      if (viewer === null) return true;
      const holder = {
        authorization,
        get isOpen() {
          return connection.isOpen;
        },
        tokenEnded: (reason: string) => void end(socket, reason),
        tokenUncertain: () => connection.close(TRY_AGAIN_LATER, 'Sign in again'),
      };
      socket.forgetToken = this.options.tokenEnds.watch(holder, viewer);
      await this.options.viewerOf(authorization);
      return true;
    } catch (error) {
      if (isUnauthenticated(error)) {
        try {
          this.options.badTokenFrom(connection.address);
        } catch {
          connection.close(TRY_AGAIN_LATER, 'Too many bad tokens');
        }
        return false;
      }
      this.options.log.error({ err: error }, 'A socket could not be authenticated');
      connection.close(TRY_AGAIN_LATER, 'Sign in again');
      return false;
    }
  }
}

/** Closes the socket after its operations in progress are answered: one of them may be the log-out itself. */
async function end(socket: SocketState, reason: string): Promise<void> {
  socket.tokenEnded = true;
  await drained(socket, DRAIN_AFTER_TOKEN_END_MS_MAX);
  socket.connection.close(CloseCode.Forbidden, reason);
}
