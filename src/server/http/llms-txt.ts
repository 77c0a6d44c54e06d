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
  const fileOf = (name: string) => path.join(ROOT, name);
  if (!existsSync(fileOf('llms.txt'))) return;
  const links = readFileSync(fileOf('llms.txt'), 'utf8').matchAll(LINKED_FILE);
  const names = new Set(['llms.txt', ...Array.from(links, ([, name]) => name as string)]);
  for (const name of names) {
    if (!existsSync(fileOf(name))) continue;
    const type = TYPES[path.extname(name)] ?? 'text/plain';
    const content = readFileSync(fileOf(name), 'utf8');
    server.get(`/${name}`, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(content));
  }
}
