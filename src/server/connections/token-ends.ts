import { isUnauthenticated } from '../../account/accounts.js';
import type { Viewer } from '../../account/user.js';
import type { Alarm, Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';

/** Connections whose tokens are rechecked at once if log-outs may have been missed. Their users share queries. */
export const TOKENS_CHECKED_AT_ONCE_MAX = 100;

/** A connection that ends with its token. */
export interface TokenHolder {
  readonly authorization?: unknown;
  readonly isOpen: boolean;
  /** The token has expired or was revoked. */
  tokenEnded(reason: string): void;
  /** The token could not be checked. */
  tokenUncertain(): void;
}

export interface TokenEndsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** @throws UNAUTHENTICATED */
  readonly viewerOf: (authorization: unknown) => Promise<Viewer | null>;
  /** Calls back when tokens may have been revoked: those of one user, or of any user (null). */
  readonly onTokensEnded: (listener: (userId: string | null) => void) => void;
}

/** Tells connections that their token has expired or was revoked. */
export class TokenEnds {
  readonly #holdersOfUser = new Map<string, Map<TokenHolder, Alarm>>();

  constructor(private readonly options: TokenEndsOptions) {
    options.onTokensEnded((userId) => void this.#recheck(userId));
  }

  /**
   * From now on the holder is told. The caller checks the token once more afterwards, because a log-out just before did not
   * find this holder.
   *
   * @returns a function to call once the holder is closed
   */
  watch(holder: TokenHolder, { userId, tokenExpiresAt }: Viewer): () => void {
    const holders = this.#holdersOfUser.get(userId) ?? new Map<TokenHolder, Alarm>();
    this.#holdersOfUser.set(userId, holders);
    const expiry = this.options.clock.at(tokenExpiresAt, () => holder.tokenEnded('Token expired'));
    holders.set(holder, expiry);
    return () => {
      expiry.cancel();
      holders.delete(holder);
      if (holders.size === 0 && this.#holdersOfUser.get(userId) === holders)
        this.#holdersOfUser.delete(userId);
    };
  }

  /**
   * Checks all connections of a user who has logged out. Those with a newer token stay open.
   *
   * @param userId null for all users
   */
  async #recheck(userId: string | null): Promise<void> {
    const holders =
      userId === null
        ? [...this.#holdersOfUser.values()].flatMap((ofUser) => [...ofUser.keys()])
        : [...(this.#holdersOfUser.get(userId)?.keys() ?? [])];
    for (let checked = 0; checked < holders.length; checked += TOKENS_CHECKED_AT_ONCE_MAX) {
      const next = holders.slice(checked, checked + TOKENS_CHECKED_AT_ONCE_MAX);
      await Promise.all(next.map((holder) => this.#recheckToken(holder)));
    }
  }

  async #recheckToken(holder: TokenHolder): Promise<void> {
    try {
      if (holder.isOpen) await this.options.viewerOf(holder.authorization);
    } catch (error) {
      if (isUnauthenticated(error)) holder.tokenEnded('Logged out');
      else {
        this.options.log.error({ err: error }, 'A token could not be checked');
        holder.tokenUncertain();
      }
    }
  }
}
