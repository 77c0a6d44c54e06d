import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newUserId } from '../core/ids.js';
import { addressFrom, storedForms } from './address.js';
import type { GuestMerges, Guests } from './guests.js';
import type { PasswordResets } from './password-resets.js';
import { findMatchingForm, hashPassword, newPassword, typedPassword } from './passwords.js';
import type { Tokens } from './tokens.js';
import { type AccountUser, EmailInUse, isGuest, type User, type Users, type Viewer } from './user.js';

/** Users in the cache of a process, so that not every call reads its viewer from the database. */
const CACHED_USERS_MAX = 100_000;
/** How long a user is cached. A log-out everywhere removes the user from every process's cache sooner. */
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

export interface AccountsOptions {
  readonly users: Users;
  readonly guests: Guests;
  readonly merges: GuestMerges;
  readonly tokens: Tokens;
  readonly resets: PasswordResets;
  readonly clock: Clock;
  /** Whether this process receives log-outs of other processes at once; while it does not, no user is cached. */
  readonly receivesLogOuts: () => boolean;
}

/** Guests, sign-up, log-in, log-out, and whose token a call carries. */
export class Accounts {
  // By size: with `max` the library would allocate room for all of them at once, which takes 20 ms.
  readonly #cachedUsers = new LRUCache<string, CachedUser>({
    maxSize: CACHED_USERS_MAX,
    sizeCalculation: () => 1,
    ttl: CACHED_USER_MS,
  });
  #logOuts = 0;
  readonly #tokensEndedListeners = new Set<(userId: string | null) => void>();

  constructor(private readonly options: AccountsOptions) {}

  /** A user without address and password. */
  async startGuest(): Promise<SignedIn> {
    const guest: User = {
      id: newUserId(),
      email: null,
      passwordHash: null,
      tokensValidFrom: this.options.clock.now(),
    };
    const signedIn = await this.#signIn(guest);
    await this.options.guests.insert(guest, signedIn.expiresAt);
    return signedIn;
  }

  /**
   * A new account; or a guest becomes one and keeps everything.
   *
   * @param caller whose token the call has
   * @throws BAD_USER_INPUT, EMAIL_TAKEN
   */
  async signUp({ email, password }: Credentials, caller: Viewer | null): Promise<SignedIn> {
    const address = addressFrom(email);
    if (address === null) throw badUserInput('email', 'This is not an e-mail address.');
    const passwordHash = await hashPassword(newPassword(password));
    // After the hash, so that an address that is taken costs the same time. The database's index refuses the present form
    // of an address; this look-up refuses the forms that earlier releases stored.
    if ((await this.options.users.findByEmail(storedForms(email))) !== null) throw emailTaken();
    const named = caller && isGuest(caller) && (await this.#nameGuest(caller.userId, address, passwordHash));
    if (named) return this.#signIn(named);
    const user: AccountUser = {
      id: newUserId(),
      email: address,
      passwordHash,
      tokensValidFrom: this.options.clock.now(),
    };
    if (!(await this.options.users.insert(user))) throw emailTaken();
    return this.#signIn(user);
  }

  async #nameGuest(id: string, email: string, passwordHash: string): Promise<User | null> {
    try {
      const user = await this.options.guests.name(id, email, passwordHash);
      if (user !== null) this.userChanged(id);
      return user;
    } catch (error) {
      throw error instanceof EmailInUse ? emailTaken() : error;
    }
  }

  /**
   * A guest who logs in is merged into the account.
   *
   * @param caller whose token the call has
   * @throws INVALID_CREDENTIALS; an unknown address and a wrong password get the same answer after the same time
   */
  async logIn({ email, password }: Credentials, caller: Viewer | null): Promise<SignedIn> {
    const begunAt = this.options.clock.now();
    const user = await this.options.users.findByEmail(storedForms(email));
    const typed = typedPassword(password);
    const passwordHash = user?.passwordHash ?? undefined;
    const matching = await findMatchingForm(typed, passwordHash);
    if (user === null || passwordHash === undefined || matching === null) {
      throw new DomainError('INVALID_CREDENTIALS', 'The address or the password is wrong.');
    }
    if (typed.form !== null && matching !== typed.form) await this.#rehash(user.id, passwordHash, typed.form);
    return this.#enter(user, caller, begunAt);
  }

  /**
   * Sets a new password by a mailed link, and logs in with it.
   *
   * @param caller whose token the call has; a guest is merged into the account
   * @throws RESET_LINK_INVALID, BAD_USER_INPUT
   */
  async resetPassword(token: string, password: string, caller: Viewer | null): Promise<SignedIn> {
    const user = await this.options.resets.setPassword(token, password);
    this.userChanged(user.id);
    return this.#enter(user, caller, user.tokensValidFrom);
  }

  /**
   * @param begunAt before the password was checked. The token counts as issued then: another password or a log-out that is
   *   set while this log-in is in progress ends it
   */
  async #enter(user: User, caller: Viewer | null, begunAt: Date): Promise<SignedIn> {
    if (caller !== null && isGuest(caller)) await this.#merge(caller.userId, user.id);
    return this.#signIn(user, begunAt);
  }

  async #merge(guestId: string, accountId: string): Promise<void> {
    const merge = await this.options.merges.begin(guestId, accountId);
    if (merge === null) return;
    this.userChanged(guestId);
    await this.options.merges.transfer(merge);
  }

  /** A token that expires later, of the same session. @throws UNAUTHENTICATED if the session has ended */
  async renewToken({ userId, tokenIssuedAt }: Viewer): Promise<SignedIn> {
    const user = await this.options.users.find(userId);
    if (user === null || tokenIssuedAt < user.tokensValidFrom) throw unauthenticated();
    const renewed = await this.options.tokens.renew(userId, tokenIssuedAt);
    if (isGuest(user)) await this.options.guests.keep(userId, renewed.expiresAt);
    return { ...renewed, user };
  }

  /** Ends every token of the user that was issued up to now, everywhere. */
  async logOutEverywhere(userId: string): Promise<User> {
    const validFrom = new Date(this.options.clock.now().getTime() + 1);
    const user = await this.options.users.endTokens(userId, validFrom);
    if (user === null) throw unauthenticated();
    this.userChanged(userId);
    return user;
  }

  /**
   * @returns whose token it is
   * @throws UNAUTHENTICATED if the token is forged, damaged, expired or was ended by a log-out
   */
  async authenticate(token: string): Promise<Viewer> {
    const claims = await this.options.tokens.verify(token);
    if (claims === null) throw unauthenticated();
    const user = await this.#user(claims.userId);
    if (user === null || claims.issuedAt < user.tokensValidFrom) throw unauthenticated();
    const { issuedAt: tokenIssuedAt, expiresAt: tokenExpiresAt } = claims;
    return { userId: user.id, email: user.email, tokenIssuedAt, tokenExpiresAt };
  }

  /** A log-out everywhere or another change of a user was committed by some process. */
  userChanged(userId: string): void {
    this.#cachedUsers.delete(userId);
    this.#notifyTokensEnded(userId);
  }

  /** Log-outs of other processes may have been missed. */
  clearCache(): void {
    this.#cachedUsers.clear();
    this.#notifyTokensEnded(null);
  }

  /** Calls back when tokens may have ended early: those of one user, or of any user (null). */
  onTokensEnded(listener: (userId: string | null) => void): void {
    this.#tokensEndedListeners.add(listener);
  }

  #notifyTokensEnded(userId: string | null): void {
    this.#logOuts += 1;
    for (const listener of this.#tokensEndedListeners) listener(userId);
  }

  async #user(id: string): Promise<CachedUser | null> {
    if (!this.options.receivesLogOuts()) return this.options.users.find(id);
    const cached = this.#cachedUsers.get(id);
    if (cached !== undefined) return cached;
    const logOutsBefore = this.#logOuts;
    const user = await this.options.users.find(id);
    // If a log-out was committed during the read, the user may be from before it.
    if (user !== null && this.#logOuts === logOutsBefore) {
      const { email, tokensValidFrom } = user;
      this.#cachedUsers.set(id, { id, email, tokensValidFrom });
    }
    return user;
  }

  /** Stores the hash of the password's profile form instead of an earlier release's form, so that every device can type it. */
  async #rehash(id: string, passwordHash: string, form: string): Promise<void> {
    try {
      await this.options.users.replacePasswordHash(id, passwordHash, await hashPassword(form));
    } catch {
      // The log-in itself succeeded; the next one tries again.
    }
  }

  async #signIn(user: User, begunAt?: Date): Promise<SignedIn> {
    return { ...(await this.options.tokens.issue(user.id, user.tokensValidFrom, begunAt)), user };
  }
}

const emailTaken = (): DomainError =>
  new DomainError('EMAIL_TAKEN', 'There is an account with this address already.', { field: 'email' });

export const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'Sign in: this needs a valid token.');

/** Whether the error means that a token is invalid. After any other error it is unknown whether the token is valid. */
export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'UNAUTHENTICATED';
