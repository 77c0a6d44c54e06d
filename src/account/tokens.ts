import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../core/clock.js';

const ALGORITHM = 'HS256';
const ISSUER = 'seat-booking-live';
const TOKEN_LENGTH_MAX = 2_000;

export interface TokenClaims {
  readonly userId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Signed, expiring tokens: they say who somebody is, and nothing that could go out of date. */
export class Tokens {
  readonly #key: Uint8Array;

  constructor(
    secret: string,
    private readonly ttlMs: number,
    private readonly clock: Clock,
  ) {
    this.#key = new TextEncoder().encode(secret);
  }

  /** @param notBefore the user's last log-out everywhere: a token issued in the same instant is newer than it */
  async issue(userId: string, notBefore: Date): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = new Date(Math.max(this.clock.now().getTime(), notBefore.getTime()));
    const expiresAt = new Date(issuedAt.getTime() + this.ttlMs);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setSubject(userId)
      .setIssuedAt(issuedAt.getTime() / 1000)
      .setExpirationTime(expiresAt.getTime() / 1000)
      .sign(this.#key);
    return { token, expiresAt };
  }

  /** @returns what the token says, or null where it is forged, damaged or has run out */
  async verify(token: string): Promise<TokenClaims | null> {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: this.clock.now(),
      });
      const { sub, iat, exp } = payload as { sub: string; iat: number; exp: number };
      const expiresAt = new Date(Math.round(exp * 1000));
      // The library compares whole seconds; the contract says when the token runs out to the millisecond.
      if (expiresAt <= this.clock.now()) return null;
      return { userId: sub, issuedAt: new Date(Math.round(iat * 1000)), expiresAt };
    } catch {
      return null;
    }
  }
}
