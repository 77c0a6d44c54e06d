import { hkdfSync, webcrypto } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';

const ALGORITHM = 'HS256';
const ISSUER = 'seat-booking-live';
const TOKEN_LENGTH_MAX = 2_000;
/** Verified tokens in the cache of a process: checking a signature costs more than the rest of a small call. */
const VERIFIED_TOKENS_MAX = 100_000;

export interface TokenClaims {
  readonly userId: string;
  /** When the session began: a renewed token keeps the instant of the first one. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Signed tokens that expire. They contain the user's id, and nothing that could become outdated. */
export class Tokens {
  readonly #key: Promise<webcrypto.CryptoKey>;
  // By size: with `max` the library would allocate room for all of them at once, which takes 20 ms.
  readonly #verified = new LRUCache<string, TokenClaims>({
    maxSize: VERIFIED_TOKENS_MAX,
    sizeCalculation: () => 1,
  });

  constructor(
    secret: string,
    private readonly ttlMs: number,
    private readonly clock: Clock,
  ) {
    // Imported once: with a text, the library would import it for each token.
    this.#key = webcrypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    );
  }

  /**
   * @param notBefore the user's last log-out everywhere: a token issued at the same instant is valid
   * @param begunAt when the log-in began
   */
  issue(
    userId: string,
    notBefore: Date,
    begunAt = this.clock.now(),
  ): Promise<{ token: string; expiresAt: Date }> {
    return this.issueFrom(userId, new Date(Math.max(begunAt.getTime(), notBefore.getTime())));
  }

  /** A token that counts as issued at that instant. */
  issueFrom(userId: string, issuedAt: Date): Promise<{ token: string; expiresAt: Date }> {
    return this.#sign(userId, issuedAt, issuedAt);
  }

  /**
   * A token that expires later, for a session that began at `issuedAt`. As it keeps that instant, a log-out everywhere
   * that ends the session's first token ends this one too, even if both happen at once.
   */
  renew(userId: string, issuedAt: Date): Promise<{ token: string; expiresAt: Date }> {
    return this.#sign(userId, issuedAt, this.clock.now());
  }

  async #sign(userId: string, issuedAt: Date, validFrom: Date): Promise<{ token: string; expiresAt: Date }> {
    const expiresAt = new Date(validFrom.getTime() + this.ttlMs);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setSubject(userId)
      .setIssuedAt(issuedAt.getTime() / 1000)
      .setExpirationTime(expiresAt.getTime() / 1000)
      .sign(await this.#key);
    return { token, expiresAt };
  }

  /** @returns the token's claims, or null if it is forged, damaged or expired */
  async verify(token: string): Promise<TokenClaims | null> {
    const known = this.#verified.get(token);
    const claims = known ?? (await this.#claimsOf(token));
    // The library compares whole seconds; by the contract, tokens expire to the millisecond.
    if (claims === null || claims.expiresAt <= this.clock.now()) return null;
    if (known === undefined) this.#verified.set(token, claims);
    return claims;
  }

  /** What a token with a good signature says, to the second not run out; null for any other text. */
  async #claimsOf(token: string): Promise<TokenClaims | null> {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    try {
      const { payload } = await jwtVerify(token, await this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: this.clock.now(),
      });
      const { sub, iat, exp } = payload as { sub: string; iat: number; exp: number };
      return {
        userId: sub,
        issuedAt: new Date(Math.round(iat * 1000)),
        expiresAt: new Date(Math.round(exp * 1000)),
      };
    } catch {
      return null;
    }
  }
}

/** A secret for another kind of token, the same in every process. What is signed with one of them is worth nothing elsewhere. */
export const derivedSecret = (secret: string, purpose: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
