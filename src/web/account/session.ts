/**
 * How the page stays signed in. After a log-in it sends its token to the server, which sets it as a cookie that no script can
 * read and that is sent only to /graphql of this server. The page keeps no token. An injected script could act while the page
 * is open, but could not steal a token.
 */

const OTHER_TABS = 'account';
/** When the token is to be renewed, by the device's clock. It is no secret, and is the same for all tabs. */
const RENEW_AT = 'renewSessionAt';
/** After how long a token of unknown age is renewed. */
const UNKNOWN_AGE_MS = 30 * 60_000;

/** @throws if the server refuses it */
export async function keepToken(token: string): Promise<void> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`The session was not kept: ${response.status}`);
  // Half of its life is left then, for a device that sleeps or is offline.
  const secondsLeft = Number(response.headers.get('session-expires-in'));
  renewAtMs.set(Date.now() + (secondsLeft / 2) * 1_000);
}

export const renewAtMs = {
  get(): number {
    try {
      return Number(localStorage.getItem(RENEW_AT) ?? Date.now() + UNKNOWN_AGE_MS);
    } catch {
      return Date.now() + UNKNOWN_AGE_MS;
    }
  },
  set(ms: number): void {
    try {
      localStorage.setItem(RENEW_AT, String(Math.round(ms)));
    } catch {
      // The browser forbids storage: the token counts as one of unknown age.
    }
  },
};

export async function dropToken(): Promise<void> {
  const response = await fetch('/session', { method: 'DELETE' });
  if (!response.ok) throw new Error(`The session was not ended: ${response.status}`);
}

/** Connects this user's tabs: each notifies the others after a log-in or log-out. */
export function openTabs(changed: () => void): { notify: () => void; close: () => void } {
  const channel = new BroadcastChannel(OTHER_TABS);
  channel.onmessage = changed;
  return { notify: () => channel.postMessage('changed'), close: () => channel.close() };
}
