import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Browsers open connections that they do not use yet. Node counts one without its first request as busy, so a stopping
 * server would wait for it until the end of its time.
 *
 * @returns a function that cuts them
 */
export function trackUnusedConnections(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
