import type { ApolloClient } from '@apollo/client';
import { createContext, useContext } from 'react';
import type { SeatMapClient } from 'seat-map';
import type { ServerBusyWait } from './network/server-busy-wait.js';
import type { SessionEnd } from './network/session-end.js';

/** Objects of which the page has one. */
export interface Services {
  /** Lists and forms. */
  readonly client: ApolloClient;
  /** Maps, holds, check-outs, the connection and the server's clock. */
  readonly seats: SeatMapClient;
  readonly sessionEnd: SessionEnd;
  readonly serverBusyWait: ServerBusyWait;
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('ServicesProvider is missing');
  return services;
}
