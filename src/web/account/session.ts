/**
 * How the page stays signed in. After a log-in it sends its token to the server, which sets it as a cookie that no script can
 * read and that is sent only to /graphql of this server. The page keeps no token. An injected script could act while the page
 * is open, but could not steal a token.
 */

const OTHER_TABS = 'account';

/** @throws if the server refuses it */
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

/** Connects this user's tabs: each notifies the others after a log-in or log-out. */
export function openTabs(changed: () => void): { notify: () => void; close: () => void } {
  const channel = new BroadcastChannel(OTHER_TABS);
  channel.onmessage = changed;
  return { notify: () => channel.postMessage('changed'), close: () => channel.close() };
}
