import type { IncomingMessage } from 'node:http';
import { CloseCode } from 'graphql-ws';
import { isUnauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import { authorizationOf } from '../access.js';
import { TRY_AGAIN_LATER } from './connection.js';
import { drained, type SocketState } from './socket-state.js';

/** Sockets whose tokens are rechecked at once if log-outs may have been missed. Their users share queries. */
export const TOKENS_CHECKED_AT_ONCE_MAX = 100;
/** How long a socket whose token has ended may wait for its operations in progress. */
const DRAIN_AFTER_TOKEN_END_MS_MAX = 1_000;

export interface SocketTokensOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  readonly authorizationInCookie: (request: IncomingMessage) => Promise<string | undefined>;
  /** Counts a bad token. @throws RATE_LIMITED */
  readonly badTokenFrom: (address: string) => void;
}

/** Authenticates sockets, and closes them with 4403 when their token expires or is revoked. */
export class SocketTokens {
  readonly #socketsOfUser = new Map<string, Set<SocketState>>();

  constructor(private readonly options: SocketTokensOptions) {}

  /** @returns false if the socket has to be closed with 4403 */
  async connect(
    connectionParams: Readonly<Record<string, unknown>> | undefined,
    socket: SocketState,
  ): Promise<boolean> {
    const { connection, request } = socket;
    socket.request = undefined;
    try {
      socket.authorization =
        authorizationOf(connectionParams) ??
        (request?.headers.cookie && (await this.options.authorizationInCookie(request)));
      const viewer = await this.options.viewerOf(socket.authorization);
      // A socket that was closed meanwhile has been unregistered, and must not be registered again.
      if (!connection.isOpen) return false;
      socket.viewer = viewer;
      if (viewer === null) return true;
      this.#register(socket, viewer);
      // Checked again, because a log-out just before the registration did not find this socket.
      await this.options.viewerOf(socket.authorization);
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

  #register(socket: SocketState, { userId, tokenExpiresAt }: Viewer): void {
    const sockets = this.#socketsOfUser.get(userId) ?? new Set();
    this.#socketsOfUser.set(userId, sockets.add(socket));
    socket.expiry = this.options.clock.at(tokenExpiresAt, () => this.#end(socket, 'Token expired'));
  }

  /** Called when the socket is closed. */
  unregister(socket: SocketState): void {
    socket.expiry?.cancel();
    const userId = socket.viewer?.userId;
    if (userId === undefined) return;
    const sockets = this.#socketsOfUser.get(userId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#socketsOfUser.delete(userId);
  }

  /**
   * Checks all sockets of a user who has logged out. Those with a newer token stay open.
   *
   * @param userId null for all users
   */
  async recheck(userId: string | null): Promise<void> {
    const sockets =
      userId === null
        ? [...this.#socketsOfUser.values()].flatMap((ofUser) => [...ofUser])
        : [...(this.#socketsOfUser.get(userId) ?? [])];
    for (let checked = 0; checked < sockets.length; checked += TOKENS_CHECKED_AT_ONCE_MAX) {
      const next = sockets.slice(checked, checked + TOKENS_CHECKED_AT_ONCE_MAX);
      await Promise.all(next.map((socket) => this.#recheckToken(socket)));
    }
  }

  async #recheckToken(socket: SocketState): Promise<void> {
    try {
      if (socket.connection.isOpen) await this.options.viewerOf(socket.authorization);
    } catch (error) {
      if (isUnauthenticated(error)) void this.#end(socket, 'Logged out');
      else {
        this.options.log.error({ err: error }, 'A token could not be checked');
        socket.connection.close(TRY_AGAIN_LATER, 'Sign in again');
      }
    }
  }

  /** Closes the socket after its operations in progress are answered: one of them may be the log-out itself. */
  async #end(socket: SocketState, reason: string): Promise<void> {
    socket.tokenEnded = true;
    await drained(socket, DRAIN_AFTER_TOKEN_END_MS_MAX);
    socket.connection.close(CloseCode.Forbidden, reason);
  }
}
