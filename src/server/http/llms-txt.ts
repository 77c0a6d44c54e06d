import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** The folder of llms.txt, above both `src` and `dist`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LINKED_FILE = /\]\(([\w-][\w./-]*)\)/g;
const TYPES: Readonly<Record<string, string>> = { '.md': 'text/markdown', '.graphql': 'application/graphql' };

/**
 * Serves /llms.txt, the API in short for programs that read text, with the documents that it links to; nothing where there is
 * only the built server without them.
 */
export function serveLlmsTxt(server: FastifyInstance): void {
  const short = contentOf('llms.txt');
  if (short === undefined) return;
  serve(server, 'llms.txt', short);
  for (const name of new Set(Array.from(short.matchAll(LINKED_FILE), ([, linked]) => linked as string))) {
    const content = contentOf(name);
    if (content !== undefined) serve(server, name, content);
  }
}

function contentOf(name: string): string | undefined {
  const file = path.join(ROOT, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function serve(server: FastifyInstance, name: string, content: string): void {
  const type = TYPES[path.extname(name)] ?? 'text/plain';
  server.get(`/${name}`, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(content));
}
