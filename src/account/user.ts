export interface User {
  readonly id: string;
  /** In the form of `addressFrom`; an account of an earlier release may have it in another one. */
  readonly email: string;
  readonly passwordHash: string;
  /** Tokens issued before this instant are over. */
  readonly tokensValidFrom: Date;
}

/** The signed-in user of a call. */
export interface Viewer {
  readonly userId: string;
  readonly email: string;
  /** When the token that the viewer came with runs out. */
  readonly tokenExpiresAt: Date;
}

/** What accounts ask of the store. */
export interface Users {
  /** @returns false when the address is in use */
  insert(user: User): Promise<boolean>;
  /** @param forms of one address; the account of the first one that has an account */
  findByEmail(forms: readonly string[]): Promise<User | null>;
  find(id: string): Promise<User | null>;
  /** Replaces a password's hash, unless it was replaced meanwhile. */
  replacePasswordHash(id: string, before: string, after: string): Promise<void>;
  /** Ends every token issued before the instant, and tells every process so. */
  endTokens(id: string, validFrom: Date): Promise<User | null>;
}
