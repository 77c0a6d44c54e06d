import { LRUCache } from 'lru-cache';
import validator from 'validator';
import type { Clock } from '../core/clock.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newUserId } from '../core/ids.js';
import { hashPassword, isPassword } from './passwords.js';
import type { Tokens } from './tokens.js';
import type { User, Users, Viewer } from './user.js';

export const EMAIL_LENGTH_MAX = 254;
export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 256;
/** Users that a process remembers, so that not every call reads its viewer from the database. */
const KNOWN_USERS_MAX = 100_000;
/** How long one is remembered at most; a log-out everywhere makes every process forget sooner. */
const KNOWN_USER_MS = 60_000;

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface SignedIn {
  readonly token: string;
  readonly expiresAt: Date;
  readonly user: User;
}

type KnownUser = Pick<User, 'id' | 'email' | 'tokensValidFrom'>;

/** Signing up, logging in and out, and whose token it is. */
export class Accounts {
  readonly #known = new LRUCache<string, KnownUser>({ max: KNOWN_USERS_MAX, ttl: KNOWN_USER_MS });
  #logOuts = 0;
  readonly #tokensEndedListeners = new Set<(userId: string | null) => void>();

  constructor(
    private readonly users: Users,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    /** Whether this process hears at once of a log-out on another one; while it does not, nobody is remembered. */
    private readonly hearsLogOuts: () => boolean,
  ) {}

  /** @throws BAD_USER_INPUT, EMAIL_TAKEN */
  async signUp({ email, password }: Credentials): Promise<SignedIn> {
    const address = email.trim().toLowerCase();
    if (address.length > EMAIL_LENGTH_MAX || !validator.isEmail(address)) {
      throw badUserInput('email', 'This is not an e-mail address.');
    }
    if (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX) {
      const [min, max] = [PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX];
      throw badUserInput('password', `A password has ${min} to ${max} characters.`, { min, max });
    }
    const user: User = {
      id: newUserId(),
      email: address,
      passwordHash: await hashPassword(password),
      tokensValidFrom: this.clock.now(),
    };
    if (!(await this.users.insert(user))) {
      throw new DomainError('EMAIL_TAKEN', 'There is an account with this address already.', {
        field: 'email',
      });
    }
    return this.#signIn(user);
  }

  /** @throws INVALID_CREDENTIALS, the same and in the same time for an unknown address and a wrong password */
  async logIn({ email, password }: Credentials): Promise<SignedIn> {
    const tooLong = email.length > EMAIL_LENGTH_MAX || password.length > PASSWORD_LENGTH_MAX;
    const user = tooLong ? null : await this.users.findByEmail(email.trim().toLowerCase());
    const right = await isPassword(tooLong ? '' : password, user?.passwordHash);
    if (user === null || !right) {
      throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is wrong.');
    }
    return this.#signIn(user);
  }

  /** Ends every token of the user that was issued up to now, everywhere. */
  async logOutEverywhere(userId: string): Promise<User> {
    const validFrom = new Date(this.clock.now().getTime() + 1);
    const user = await this.users.endTokens(userId, validFrom);
    if (user === null) throw unauthenticated();
    this.loggedOut(userId);
    return user;
  }

  /**
   * Whose token it is.
   *
   * @throws UNAUTHENTICATED for a token that is forged, damaged, has run out or was ended by a log-out
   */
  async authenticate(token: string): Promise<Viewer> {
    const claims = await this.tokens.verify(token);
    if (claims === null) throw unauthenticated();
    const user = await this.#user(claims.userId);
    if (user === null || claims.issuedAt < user.tokensValidFrom) throw unauthenticated();
    return { userId: user.id, email: user.email, tokenExpiresAt: claims.expiresAt };
  }

  /** A log-out everywhere was committed, here or elsewhere. */
  loggedOut(userId: string): void {
    this.#known.delete(userId);
    this.#tellTokensEnded(userId);
  }

  /** Log-outs of other processes may have been missed. */
  forgetAll(): void {
    this.#known.clear();
    this.#tellTokensEnded(null);
  }

  /** Calls back when tokens may have ended before their time: those of one user, or of anybody (null). */
  onTokensEnded(listener: (userId: string | null) => void): void {
    this.#tokensEndedListeners.add(listener);
  }

  #tellTokensEnded(userId: string | null): void {
    this.#logOuts += 1;
    for (const listener of this.#tokensEndedListeners) listener(userId);
  }

  async #user(id: string): Promise<KnownUser | null> {
    if (!this.hearsLogOuts()) return this.users.find(id);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const logOutsBefore = this.#logOuts;
    const user = await this.users.find(id);
    // What was read while somebody logged out may be from before it.
    if (user !== null && this.#logOuts === logOutsBefore) {
      const { email, tokensValidFrom } = user;
      this.#known.set(id, { id, email, tokensValidFrom });
    }
    return user;
  }

  async #signIn(user: User): Promise<SignedIn> {
    return { ...(await this.tokens.issue(user.id, user.tokensValidFrom)), user };
  }
}

export const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'Sign in: this needs a valid token.');

/** Whether a token is no good. Anything else says nothing of the token: it could not be looked at. */
export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'UNAUTHENTICATED';
