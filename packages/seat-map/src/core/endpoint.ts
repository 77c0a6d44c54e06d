/** Where the API is, by the address of its HTTP endpoint. */
export interface Endpoint {
  readonly http: string;
  readonly socket: string;
  /** GraphQL over Server-Sent Events, where sockets are blocked. */
  readonly stream: string;
}

/** @param address may be relative in a browser */
export function endpointOf(address: string | URL): Endpoint {
  // A server that renders the page has no address of its own, and calls nothing.
  const http = new URL(address, globalThis.location?.href ?? 'http://no-page.invalid');
  const socket = new URL(http);
  socket.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';
  const stream = new URL(http);
  stream.pathname = `${http.pathname.replace(/\/$/, '')}/stream`;
  return { http: http.href, socket: socket.href, stream: stream.href };
}
