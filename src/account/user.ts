/** An account, or a guest: a user of one device without address and password. */
export interface User {
  readonly id: string;
  /** In the form of `addressFrom`, or in another one if an earlier release created the account. Null for a guest. */
  readonly email: string | null;
  /** Null for a guest. */
  readonly passwordHash: string | null;
  /** Tokens issued before this instant are invalid. */
  readonly tokensValidFrom: Date;
}

/** A user with address and password. */
export interface AccountUser extends User {
  readonly email: string;
  readonly passwordHash: string;
}

/** The signed-in user of a call. */
export interface Viewer {
  readonly userId: string;
  /** Null for a guest. */
  readonly email: string | null;
  /** When the session of the call's token began. */
  readonly tokenIssuedAt: Date;
  /** When the token of the call expires. */
  readonly tokenExpiresAt: Date;
}

export const isGuest = ({ email }: Pick<User, 'email'>): boolean => email === null;

/** What accounts need from the store. */
export interface Users {
  /** @returns false if the address is in use */
  insert(user: AccountUser): Promise<boolean>;
  /** @param forms of one address @returns the account of the first form that has one */
  findByEmail(forms: readonly string[]): Promise<User | null>;
  find(id: string): Promise<User | null>;
  /** Replaces a password's hash, unless it was replaced in the meantime. */
  replacePasswordHash(id: string, before: string, after: string): Promise<void>;
  /**
   * Sets the password of an account and ends every token issued before `validFrom`, in one write, and notifies every process.
   *
   * @returns null if the account's tokens were ended after `unlessEndedAfter`; then nothing has changed
   */
  setPassword(
    id: string,
    passwordHash: string,
    unlessEndedAfter: Date,
    validFrom: Date,
  ): Promise<User | null>;
  /** Ends every token issued before the instant, and notifies every process. */
  endTokens(id: string, validFrom: Date): Promise<User | null>;
}

/** The database has refused an address, because another user has it. */
export class EmailInUse extends Error {}
