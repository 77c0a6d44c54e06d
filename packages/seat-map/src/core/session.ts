import { RenewTokenDocument, StartGuestDocument } from './generated/operations.js';
import type { Http } from './http.js';
import type { ServerClock } from './server-clock.js';
import { keptIn, storageOf, type TextStorage } from './storage.js';

/** Sends calls in the name of the session. */
export type Call = Http['call'];

/** In whose name the client calls the server. */
export interface Session {
  /** Whether the browser's cookies of the server are sent. Default: they are not. */
  readonly credentials?: RequestCredentials;
  /** The value of the header Authorization; undefined without a token. */
  authorization?(): string | undefined | Promise<string | undefined>;
  /** The id of the present user, or null. Asked once, when the client first needs it. Default: nobody knows until setViewer. */
  viewerId?(): string | null;
  /** Before a call that needs a user: starts a guest, or renews a token. @returns the user's id */
  ensureViewer?(call: Call, clock: ServerClock): Promise<string>;
  /** The server has refused the token. */
  ended?(): void;
}

/** For users who have a token already. */
export const tokenSession = (token: string | (() => string), viewerId: string): Session => ({
  authorization: () => `Bearer ${typeof token === 'string' ? token : token()}`,
  viewerId: () => viewerId,
});

interface Guest {
  readonly id: string;
  readonly token: string;
  /** By the device's clock, in ms since the epoch. */
  readonly renewAtMs: number;
}

/** After how long a token is renewed if the server's time, and so the token's life, is not known. */
const UNKNOWN_LIFE_MS = 60 * 60_000;

/**
 * A guest, whom the first call that needs a user starts. The token is kept in `storage`, so that the guest is the same after a
 * reload. It is renewed once half of its life is over. Whoever can read the storage can act as the guest.
 */
export function guestSession(
  storage: TextStorage = storageOf('localStorage'),
  key = 'seat-map guest',
): Session {
  const read = () => keptIn<Guest>(storage, key);
  const keep = (
    id: string,
    { token, expiresAt }: { token: string; expiresAt: string },
    clock: ServerClock,
  ) => {
    const lifeMs = clock.hasReceived ? Date.parse(expiresAt) - clock.nowMs() : UNKNOWN_LIFE_MS;
    storage.setItem(key, JSON.stringify({ id, token, renewAtMs: Date.now() + lifeMs / 2 }));
    return id;
  };
  let starting: Promise<string> | undefined;
  const ensure = async (call: Call, clock: ServerClock) => {
    const guest = read();
    if (guest === null) {
      const { startGuest } = await call(StartGuestDocument, {});
      // Another tab may have started one meanwhile. The tabs share the storage, so they must be the same guest.
      return read()?.id ?? keep(startGuest.user.id, startGuest, clock);
    }
    if (guest.renewAtMs <= Date.now()) {
      // The old token is still good, so nothing waits for the new one.
      call(RenewTokenDocument, {}).then(
        ({ renewToken }) => keep(guest.id, renewToken, clock),
        () => {},
      );
    }
    return guest.id;
  };
  return {
    authorization: () => {
      const guest = read();
      return guest === null ? undefined : `Bearer ${guest.token}`;
    },
    viewerId: () => read()?.id ?? null,
    ensureViewer: (call, clock) => {
      // Two calls at once start one guest.
      starting ??= ensure(call, clock).finally(() => {
        starting = undefined;
      });
      return starting;
    },
    ended: () => storage.removeItem(key),
  };
}
