import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newUserId } from '../core/ids.js';
import { addressFrom, storedForms } from './address.js';
import { findMatchingForm, hashPassword, newPassword, typedPassword } from './passwords.js';
import type { Tokens } from './tokens.js';
import type { User, Users, Viewer } from './user.js';

/** Users that a process remembers, so that not every call reads its viewer from the database. */
const CACHED_USERS_MAX = 100_000;
/** How long one is remembered at most; a log-out everywhere makes every process forget sooner. */
const CACHED_USER_MS = 60_000;

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface SignedIn {
  readonly token: string;
  readonly expiresAt: Date;
  readonly user: User;
}

type CachedUser = Pick<User, 'id' | 'email' | 'tokensValidFrom'>;

/** Signing up, logging in and out, and whose token it is. */
export class Accounts {
  readonly #cachedUsers = new LRUCache<string, CachedUser>({ max: CACHED_USERS_MAX, ttl: CACHED_USER_MS });
  #logOuts = 0;
  readonly #tokensEndedListeners = new Set<(userId: string | null) => void>();

  constructor(
    private readonly users: Users,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    /** Whether this process hears at once of a log-out on another one; while it does not, nobody is remembered. */
    private readonly receivesLogOuts: () => boolean,
  ) {}

  /** @throws BAD_USER_INPUT, EMAIL_TAKEN */
  async signUp({ email, password }: Credentials): Promise<SignedIn> {
    const address = addressFrom(email);
    if (address === null) throw badUserInput('email', 'This is not an e-mail address.');
    const checked = newPassword(password);
    const user: User = {
      id: newUserId(),
      email: address,
      passwordHash: await hashPassword(checked),
      tokensValidFrom: this.clock.now(),
    };
    // After the hash, so that an address that is taken costs the same. The database's index refuses the
    // present form of an address; this look-up refuses the forms that earlier releases stored.
    if ((await this.users.findByEmail(storedForms(email))) !== null) throw emailTaken();
    if (!(await this.users.insert(user))) throw emailTaken();
    return this.#signIn(user);
  }

  /** @throws INVALID_CREDENTIALS, the same and in the same time for an unknown address and a wrong password */
  async logIn({ email, password }: Credentials): Promise<SignedIn> {
    const user = await this.users.findByEmail(storedForms(email));
    const typed = typedPassword(password);
    const matching = await findMatchingForm(typed, user?.passwordHash);
    if (user === null || matching === null) {
      throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is wrong.');
    }
    if (typed.form !== null && matching !== typed.form) await this.#rehash(user, typed.form);
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
    this.#cachedUsers.delete(userId);
    this.#notifyTokensEnded(userId);
  }

  /** Log-outs of other processes may have been missed. */
  clearCache(): void {
    this.#cachedUsers.clear();
    this.#notifyTokensEnded(null);
  }

  /** Calls back when tokens may have ended before their time: those of one user, or of anybody (null). */
  onTokensEnded(listener: (userId: string | null) => void): void {
    this.#tokensEndedListeners.add(listener);
  }

  #notifyTokensEnded(userId: string | null): void {
    this.#logOuts += 1;
    for (const listener of this.#tokensEndedListeners) listener(userId);
  }

  async #user(id: string): Promise<CachedUser | null> {
    if (!this.receivesLogOuts()) return this.users.find(id);
    const known = this.#cachedUsers.get(id);
    if (known !== undefined) return known;
    const logOutsBefore = this.#logOuts;
    const user = await this.users.find(id);
    // What was read while somebody logged out may be from before it.
    if (user !== null && this.#logOuts === logOutsBefore) {
      const { email, tokensValidFrom } = user;
      this.#cachedUsers.set(id, { id, email, tokensValidFrom });
    }
    return user;
  }

  /** A password of an earlier release is kept in its profile form from now on, so that every device can type it. */
  async #rehash({ id, passwordHash }: User, form: string): Promise<void> {
    try {
      await this.users.replacePasswordHash(id, passwordHash, await hashPassword(form));
    } catch {
      // The log-in itself succeeded; the next one tries again.
    }
  }

  async #signIn(user: User): Promise<SignedIn> {
    return { ...(await this.tokens.issue(user.id, user.tokensValidFrom)), user };
  }
}

const emailTaken = (): DomainError =>
  new DomainError('EMAIL_TAKEN', 'There is an account with this address already.', { field: 'email' });

export const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'Sign in: this needs a valid token.');

/** Whether a token is no good. Anything else says nothing of the token: it could not be looked at. */
export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'UNAUTHENTICATED';
