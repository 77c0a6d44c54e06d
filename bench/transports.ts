import { Pool } from 'undici';
import { WebSocket } from 'ws';

/** One caller's way to a server. */
export interface Caller {
  /** @returns the operation's data @throws with the code of its first error */
  call(query: string, variables: object, user: number): Promise<Record<string, unknown>>;
}

export interface Transport {
  readonly callers: readonly Caller[];
  close(): Promise<void>;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** A refusal that the server answered with. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

function dataOf(answer: Answer): Record<string, unknown> {
  const error = answer.errors?.[0];
  if (error !== undefined) throw new Refused(error.extensions?.code ?? error.message);
  return answer.data ?? {};
}

/** Each caller has a kept-alive connection of its own, as each fan's phone has. */
export function overHttp(url: string, tokens: readonly (readonly string[])[]): Transport {
  const pool = new Pool(new URL(url).origin, { connections: tokens.length, pipelining: 1 });
  const callers = tokens.map((users) => ({
    call: async (query: string, variables: object, user: number) => {
      const { body } = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${users[user]}` },
        body: JSON.stringify({ query, variables }),
      });
      return dataOf((await body.json()) as Answer);
    },
  }));
  return { callers, close: () => pool.close() };
}

/** Each caller has one WebSocket, with one operation after the other on it. */
export async function overWebSocket(url: string, tokens: readonly (readonly string[])[]): Promise<Transport> {
  const sockets = await Promise.all(tokens.map(([token]) => openSocket(url, token ?? '')));
  return {
    callers: sockets,
    close: async () => {
      for (const socket of sockets) socket.close();
    },
  };
}

async function openSocket(url: string, token: string): Promise<Caller & { close(): void }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const waiting = new Map<string, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let nextId = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => {
      for (const { reject: end } of waiting.values()) end(new Error(`The socket was closed with ${code}.`));
    });
    socket.on('open', () => {
      const payload = { authorization: `Bearer ${token}` };
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
    });
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { type: string; id: string; payload: unknown };
      if (message.type === 'connection_ack') resolve();
      if (message.type === 'next') waiting.get(message.id)?.resolve(message.payload as Answer);
      if (message.type === 'error') {
        waiting.get(message.id)?.resolve({ errors: message.payload as NonNullable<Answer['errors']> });
      }
      if (message.type === 'next' || message.type === 'error') waiting.delete(message.id);
    });
  });
  return {
    call: async (query, variables) => {
      const id = String(nextId++);
      const answer = await new Promise<Answer>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
      });
      return dataOf(answer);
    },
    close: () => socket.close(),
  };
}
