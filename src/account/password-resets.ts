import type { Clock } from '../core/clock.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { addressFrom, storedForms } from './address.js';
import { hashPassword, newPassword } from './passwords.js';
import type { Tokens } from './tokens.js';
import type { User, Users } from './user.js';

/** How long a link to set a new password can be used, from its request on. */
export const RESET_LINK_MS = 30 * 60_000;

/** A request for a link, for whoever has an account with the address. */
export interface ResetRequest {
  /** As typed. */
  readonly email: string;
  readonly requestedAt: Date;
}

export interface ResetLink {
  /** The account's address, and not the typed one: two that look alike can be two mailboxes. */
  readonly to: string;
  readonly token: string;
}

export interface PasswordResetsOptions {
  readonly users: Users;
  /** Signs links, with a key of their own: no link is a session's token, and no token is a link. */
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Has the link mailed. It takes as long for an address without account. */
  readonly mailLink: (request: ResetRequest) => Promise<void>;
}

/**
 * Forgotten passwords. A link's token is signed and not stored. It is valid while the account's tokens have not been ended
 * since the link's request. Setting a password ends them, and so voids this link and all earlier ones in the same write.
 */
export class PasswordResets {
  constructor(private readonly options: PasswordResetsOptions) {}

  /** The same answer after the same time, whether or not there is an account. @throws BAD_USER_INPUT */
  async request(email: string): Promise<void> {
    if (addressFrom(email) === null) throw badUserInput('email', 'This is not an e-mail address.');
    await this.options.mailLink({ email, requestedAt: this.options.clock.now() });
  }

  /** @returns what to mail; null if there is no such account, or the link could not be used any more */
  async linkFor({ email, requestedAt }: ResetRequest): Promise<ResetLink | null> {
    const { users, tokens, clock } = this.options;
    if (clock.now().getTime() - requestedAt.getTime() >= RESET_LINK_MS) return null;
    const user = await users.findByEmail(storedForms(email));
    if (user === null || user.email === null || requestedAt < user.tokensValidFrom) return null;
    return { to: user.email, token: (await tokens.issueFrom(user.id, requestedAt)).token };
  }

  /**
   * Sets the password and ends every token of the user.
   *
   * @throws RESET_LINK_INVALID if the link is forged, too old, or void; BAD_USER_INPUT for a password that nobody may have
   */
  async setPassword(token: string, password: string): Promise<User> {
    const { users, tokens, clock } = this.options;
    const claims = await tokens.verify(token);
    const before = claims && (await users.find(claims.userId));
    // Before the password is hashed, so that a void link costs nothing.
    if (claims === null || before === null || claims.issuedAt < before.tokensValidFrom) throw linkInvalid();
    const passwordHash = await hashPassword(newPassword(password));
    const validFrom = new Date(clock.now().getTime() + 1);
    const user = await users.setPassword(before.id, passwordHash, claims.issuedAt, validFrom);
    // The same link was used at the same time.
    if (user === null) throw linkInvalid();
    return user;
  }
}

const linkInvalid = (): DomainError =>
  new DomainError(
    'RESET_LINK_INVALID',
    'This link was used already, or is too old. If you have set a new password, log in with it; if not, request another link.',
  );
