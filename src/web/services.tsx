import type { ApolloClient } from '@apollo/client';
import { createContext, useContext } from 'react';
import type { ServerClock } from 'seat-map';
import type { ResumeDetector } from './network/resume-detector.js';
import type { ServerBusyWait } from './network/server-busy-wait.js';
import type { SessionEnd } from './network/session-end.js';
import type { LiveSocket } from './network/socket.js';

/** Objects of which the page has one. */
export interface Services {
  readonly client: ApolloClient;
  readonly socket: LiveSocket;
  readonly clock: ServerClock;
  readonly resumeDetector: ResumeDetector;
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
