import { Client } from 'undici';
import { WebSocket } from 'ws';
import { HELLO } from './operations.js';

/** Connections opened at once. More than a server's backlog would be dropped and retried a second later. */
const OPENING_AT_ONCE_MAX = 200;
/** Larger than the map of the largest event with every seat taken. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** One caller's connection to a server. */
export interface Caller {
  /**
   * @param correlationId in the server's log lines of the call; by default the server chooses one
   * @returns the operation's data @throws Refused with the code of its first error
   */
  call(
    query: string,
    variables: object,
    user: number,
    correlationId?: string,
  ): Promise<Record<string, unknown>>;
}

export interface Transport {
  readonly callers: readonly Caller[];
  close(): Promise<void>;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: {
    message: string;
    extensions?: { code?: string; details?: { suggestedSeats?: readonly number[] } };
  }[];
}

/** The server has refused the call. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly suggestedSeats: readonly number[] = [],
  ) {
    super(code);
  }
}

function dataOf(answer: Answer): Record<string, unknown> {
  const error = answer.errors?.[0];
  if (error !== undefined) {
    const { code, details } = error.extensions ?? {};
    throw new Refused(code ?? error.message, details?.suggestedSeats);
  }
  return answer.data ?? {};
}

/** Each caller has a kept-alive connection of its own, as each fan's phone has, and it is open. */
export async function overHttp(
  urls: readonly string[],
  tokens: readonly (readonly string[])[],
): Promise<Transport> {
  const clients = tokens.map(
    // The load client has its own limit for answers.
    (_, index) =>
      new Client(new URL(urls[index % urls.length] as string).origin, { headersTimeout: 0, bodyTimeout: 0 }),
  );
  const callers = tokens.map((users, index) => ({
    call: async (query: string, variables: object, user: number, correlationId?: string) => {
      const { body } = await (clients[index] as Client).request({
        path: '/graphql',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${users[user]}`,
          ...(correlationId !== undefined && { 'x-correlation-id': correlationId }),
        },
        body: JSON.stringify({ query, variables }),
      });
      return dataOf((await body.json()) as Answer);
    },
  }));
  await withConcurrency(callers, (caller) => caller.call(HELLO, {}, 0));
  return {
    callers,
    close: async () => {
      await Promise.all(clients.map((client) => client.destroy()));
    },
  };
}

/** Each caller has one open WebSocket for each of its users, and uses one after the other. */
export async function overWebSocket(
  urls: readonly string[],
  tokens: readonly (readonly string[])[],
): Promise<Transport> {
  const wanted = tokens.flatMap((users, index) =>
    users.map((token, user) => ({ url: urls[index % urls.length] as string, token, index, user })),
  );
  const socketsOfCaller = tokens.map((): Socket[] => []);
  await withConcurrency(wanted, async ({ url, token, index, user }) => {
    (socketsOfCaller[index] as Socket[])[user] = await openSocket(url, token);
  });
  return {
    callers: socketsOfCaller.map((sockets) => ({
      call: (query, variables, user, correlationId) =>
        (sockets[user] as Socket).call(query, variables, correlationId),
    })),
    close: async () => {
      await Promise.all(socketsOfCaller.flat().map((socket) => socket.close()));
    },
  };
}

/** Opens items in groups of OPENING_AT_ONCE_MAX. */
async function withConcurrency<T>(items: readonly T[], open: (item: T) => Promise<unknown>): Promise<void> {
  for (let begin = 0; begin < items.length; begin += OPENING_AT_ONCE_MAX) {
    await Promise.all(items.slice(begin, begin + OPENING_AT_ONCE_MAX).map(open));
  }
}

interface Socket {
  call(query: string, variables: object, correlationId?: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A minimal client of graphql-transport-ws: a library would use part of the CPU time that the load needs. */
async function openSocket(url: string, token: string): Promise<Socket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
    maxPayload: ANSWER_BYTES_MAX,
  });
  const waiting = new Map<string, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let nextId = 0;
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => {
      const error = new Error(`The socket was closed with ${code}.`);
      reject(error);
      for (const { reject: end } of waiting.values()) end(error);
    });
    socket.on('open', () => {
      const payload = { authorization: `Bearer ${token}` };
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
    });
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { type: string; id: string; payload: unknown };
      if (message.type === 'connection_ack') resolve();
      else if (message.type === 'ping') socket.send('{"type":"pong"}');
      else if (message.type === 'next') waiting.get(message.id)?.resolve(message.payload as Answer);
      else if (message.type === 'error') {
        waiting.get(message.id)?.resolve({ errors: message.payload as NonNullable<Answer['errors']> });
      }
      waiting.delete(message.id);
    });
  });
  return {
    call: async (query, variables, correlationId) => {
      const id = String(nextId++);
      const extensions = correlationId === undefined ? {} : { extensions: { correlationId } };
      const answer = await new Promise<Answer>((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) throw new Error('The socket was closed.');
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables, ...extensions } }));
      });
      return dataOf(answer);
    },
    close: () => {
      socket.close();
      return closed;
    },
  };
}
