import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The bench's interface to a peer's server: `POST /publish?eventId=…&version=…` publishes a change. */
export function publishServer(publish: (eventId: string, version: number) => void): Server {
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'POST' || pathname !== '/publish') {
      response.writeHead(404).end();
      return;
    }
    publish(searchParams.get('eventId') ?? '', Number(searchParams.get('version')));
    response.writeHead(204).end();
  });
}

/** Listens on loopback and prints the address. */
export function listen(server: Server): void {
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
  });
}
