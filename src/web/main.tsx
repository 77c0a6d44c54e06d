import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Announcer, SeatMapProvider } from 'seat-map/react';
import './styles/theme.css';
import './styles/parts.css';
import './styles/frame.css';
import { createSeatMapClient } from 'seat-map';
import { AccountProvider } from './account/viewer.js';
import { App } from './app.js';
import { createClient } from './network/client.js';
import { ServerBusyWait } from './network/server-busy-wait.js';
import { SessionEnd } from './network/session-end.js';
import { ServicesProvider } from './services.js';

const sessionEnd = new SessionEnd();
const serverBusyWait = new ServerBusyWait();
const seats = createSeatMapClient({
  // The page's session is a cookie, and its account says whose it is.
  session: { credentials: 'same-origin' },
  onWait: serverBusyWait.begin,
  onSessionEnded: () => sessionEnd.sessionEnded(),
});
const client = createClient(seats, sessionEnd);
const services = { client, seats, sessionEnd, serverBusyWait };

const root = document.getElementById('root');
// browser-check.js removes it in browsers that are too old.
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ServicesProvider value={services}>
        <SeatMapProvider client={seats}>
          <ApolloProvider client={client}>
            <Announcer>
              <AccountProvider>
                <App />
              </AccountProvider>
            </Announcer>
          </ApolloProvider>
        </SeatMapProvider>
      </ServicesProvider>
    </StrictMode>,
  );
}
