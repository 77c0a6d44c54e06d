import { createSeatMapClient, type SeatMapClient } from '../core/client.js';

/** A page has few servers, and all maps of one server share its connection. */
const clients = new Map<string, SeatMapClient>();

export function clientOf(endpoint: string): SeatMapClient {
  const known = clients.get(endpoint);
  if (known !== undefined) return known;
  const client = createSeatMapClient({ endpoint });
  clients.set(endpoint, client);
  return client;
}
