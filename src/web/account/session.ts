/**
 * How the page stays signed in. Its token is handed to the server right after a log-in, which keeps it in a cookie that
 * no script can read and that goes to /graphql of this server only; the page itself forgets it. A script that got into
 * the page could act while the page is open, but it would find no token to carry away and use elsewhere.
 */

const OTHER_TABS = 'account';

/** @throws when the server does not take it */
export async function keepToken(token: string): Promise<void> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`The session was not kept: ${response.status}`);
}

export async function dropToken(): Promise<void> {
  const response = await fetch('/session', { method: 'DELETE' });
  if (!response.ok) throw new Error(`The session was not ended: ${response.status}`);
}

/** Tells this user's other tabs that somebody has logged in or out, and hears it from them. */
export function openTabs(changed: () => void): { tell: () => void; close: () => void } {
  const channel = new BroadcastChannel(OTHER_TABS);
  channel.onmessage = changed;
  return { tell: () => channel.postMessage('changed'), close: () => channel.close() };
}
