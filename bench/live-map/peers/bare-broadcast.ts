import { WebSocketServer } from 'ws';
import { messageOf, seatUpdate } from '../message.js';
import { listen, publishServer } from './publish-server.js';

/** The floor: one string, made once and sent to every socket, without a protocol. */
const http = publishServer((_eventId, version) => {
  const text = Buffer.from(messageOf(seatUpdate(version)));
  for (const socket of sockets.clients) socket.send(text, { binary: false });
});
const sockets = new WebSocketServer({ server: http, path: '/graphql' });
listen(http);
