import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Announcer } from 'seat-map/react';
import './styles/theme.css';
import './styles/parts.css';
import './styles/frame.css';
import { ServerClock } from 'seat-map';
import { AccountProvider } from './account/viewer.js';
import { App } from './app.js';
import { createClient } from './network/client.js';
import { ResumeDetector } from './network/resume-detector.js';
import { ServerBusyWait } from './network/server-busy-wait.js';
import { SessionEnd } from './network/session-end.js';
import { LiveSocket } from './network/socket.js';
import { ServicesProvider } from './services.js';

const sessionEnd = new SessionEnd();
const resumeDetector = new ResumeDetector();
const socket = new LiveSocket(sessionEnd, resumeDetector);
const client = createClient(socket, sessionEnd);
const clock = new ServerClock();
// The first listener: messages that other listeners request then set the clock again.
resumeDetector.onResume(() => {
  clock.doubt();
  socket.check();
});
resumeDetector.watch();
const services = { client, socket, clock, resumeDetector, sessionEnd, serverBusyWait: new ServerBusyWait() };

const root = document.getElementById('root');
// browser-check.js removes it in browsers that are too old.
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ServicesProvider value={services}>
        <ApolloProvider client={client}>
          <Announcer>
            <AccountProvider>
              <App />
            </AccountProvider>
          </Announcer>
        </ApolloProvider>
      </ServicesProvider>
    </StrictMode>,
  );
}
