export interface User {
  readonly id: string;
  /** In the form of `addressFrom`, or in another one if an earlier release created the account. */
  readonly email: string;
  readonly passwordHash: string;
  /** Tokens issued before this instant are invalid. */
  readonly tokensValidFrom: Date;
}

/** The signed-in user of a call. */
export interface Viewer {
  readonly userId: string;
  readonly email: string;
  /** When the token of the call expires. */
  readonly tokenExpiresAt: Date;
}

/** What accounts need from the store. */
export interface Users {
  /** @returns false if the address is in use */
  insert(user: User): Promise<boolean>;
  /** @param forms of one address @returns the account of the first form that has one */
  findByEmail(forms: readonly string[]): Promise<User | null>;
  find(id: string): Promise<User | null>;
  /** Replaces a password's hash, unless it was replaced in the meantime. */
  replacePasswordHash(id: string, before: string, after: string): Promise<void>;
  /** Ends every token issued before the instant, and notifies every process. */
  endTokens(id: string, validFrom: Date): Promise<User | null>;
}
