export interface User {
  readonly id: string;
  /** In lower case. */
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
  findByEmail(email: string): Promise<User | null>;
  find(id: string): Promise<User | null>;
  /** Ends every token issued before the instant, and tells every process so. */
  endTokens(id: string, validFrom: Date): Promise<User | null>;
}
