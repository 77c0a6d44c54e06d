import { createContext, type ReactNode, useContext } from 'react';
import type { SeatMapClient } from '../core/client.js';

const ClientContext = createContext<SeatMapClient | null>(null);

/** Says which client the hooks and components inside use. An application creates it once, outside of its components. */
export function SeatMapProvider({ client, children }: { client: SeatMapClient; children?: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>;
}

export function useSeatMapClient(): SeatMapClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('SeatMapProvider is missing.');
  return client;
}
