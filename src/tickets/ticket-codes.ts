import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, compactVerify, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { TicketClaims } from '../booking/ticket.js';

const ALGORITHM = 'EdDSA';
/** A code has about 260 characters. */
const CODE_LENGTH_MAX = 1_000;
/** The key's id is in every code, so it is short. Only a few keys have to differ. */
const KEY_ID_LENGTH = 8;
/** Of a PKCS #8 file with an Ed25519 key: the key's 32 bytes follow. */
const PKCS8_BEFORE_KEY = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;
/** Codes in memory, 300 bytes each. Lists of bookings are sent again and again, and a signature takes 0.3 ms. */
const SIGNED_CODES_MAX = 10_000;

interface TicketKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

/** The code of a ticket: a compact JWS (RFC 7515) with what the ticket says, which is always the same text. */
export class TicketCodes {
  // By size: with `max` the library would allocate room for all of them at once.
  readonly #signed = new LRUCache<string, string>({ maxSize: SIGNED_CODES_MAX, sizeCalculation: () => 1 });

  private constructor(
    private readonly current: TicketKey,
    private readonly keys: ReadonlyMap<string, TicketKey>,
  ) {}

  /**
   * @param secret the key that signs is derived from it, so that all processes with this secret have the same one
   * @param formerSecrets codes that were signed with these stay valid
   */
  static async from(secret: string, formerSecrets: readonly string[] = []): Promise<TicketCodes> {
    const current = await keyFrom(secret);
    const keys = [current, ...(await Promise.all(formerSecrets.map(keyFrom)))];
    return new TicketCodes(current, new Map(keys.map((key) => [key.id, key])));
  }

  async codeOf({ bookingId, eventId, seatNumber, issue }: TicketClaims): Promise<string> {
    const payload = JSON.stringify({ event: eventId, seat: seatNumber, booking: bookingId, issue });
    let code = this.#signed.get(payload);
    if (code === undefined) {
      code = await new CompactSign(Buffer.from(payload))
        .setProtectedHeader({ alg: ALGORITHM, kid: this.current.id })
        .sign(this.current.privateKey);
      this.#signed.set(payload, code);
    }
    return code;
  }

  /**
   * @param text whatever was scanned; scanners that type like a keyboard add blanks and line breaks
   * @returns what the code says, or null if this server has not signed it
   */
  async claimsIn(text: string): Promise<TicketClaims | null> {
    if (text.length > CODE_LENGTH_MAX) return null;
    try {
      const { payload } = await compactVerify(
        text.trim(),
        ({ kid = '' }) => {
          const key = this.keys.get(kid);
          if (key === undefined) throw new Error('The code was signed with another key.');
          return key.publicKey;
        },
        { algorithms: [ALGORITHM] },
      );
      const { event, seat, booking, issue } = JSON.parse(Buffer.from(payload).toString());
      return { bookingId: booking, eventId: event, seatNumber: seat, issue };
    } catch {
      return null;
    }
  }

  /** A JSON Web Key Set (RFC 7517), with which scanners check codes themselves. */
  get publicKeys(): { readonly keys: readonly JWK[] } {
    return { keys: [...this.keys.values()].map(({ jwk }) => jwk) };
  }
}

async function keyFrom(secret: string): Promise<TicketKey> {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'seat-booking-live ticket key', KEY_BYTES));
  const der = Buffer.concat([PKCS8_BEFORE_KEY, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const id = (await calculateJwkThumbprint(jwk)).slice(0, KEY_ID_LENGTH);
  return { id, privateKey, publicKey, jwk: { ...jwk, kid: id, alg: ALGORITHM, use: 'sig' } };
}
