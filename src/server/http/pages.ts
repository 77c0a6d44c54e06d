import { existsSync } from 'node:fs';
import path from 'node:path';
import helmet from '@fastify/helmet';
import serveStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { serveLlmsTxt } from './llms-txt.js';

const OWN_ORIGIN_ONLY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  // Neither our markup nor a library uses script attributes.
  scriptSrcAttr: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  // This includes WebSockets. An injected script could send nothing to another server.
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
/** Scripts and styles only from this server's files. */
export const PAGE_POLICY = { useDefaults: false, directives: OWN_ORIGIN_ONLY };
/** Stripe's form: its script, its frames and the calls of its script. Nothing else of the page may reach Stripe. */
const STRIPE_POLICY = {
  useDefaults: false,
  directives: {
    ...OWN_ORIGIN_ONLY,
    scriptSrc: ["'self'", 'https://js.stripe.com', 'https://*.js.stripe.com'],
    frameSrc: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
    connectSrc: ["'self'", 'https://api.stripe.com'],
  },
};
/** GraphiQL's editor also inserts styles, images and fonts into the page, and starts workers. */
const PLAYGROUND_POLICY = {
  useDefaults: false,
  directives: {
    ...OWN_ORIGIN_ONLY,
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    workerSrc: ["'self'", 'blob:'],
  },
};

/**
 * The addresses of the seat-map page, which has a router of its own. Each of them can be opened, reloaded and shared.
 */
const SEAT_MAP_URLS = [
  '/',
  '/events/:id',
  '/events/:id/sales',
  '/events/:id/check-in',
  '/create-event',
  '/bookings',
  '/bookings/:id/ticket',
  '/payments',
  '/my-events',
  '/reset-password',
];

/**
 * Serves the built pages. To be registered in a scope of its own: the answers of /graphql do not need the pages'
 * security headers.
 *
 * @param pictureOrigins from where the page may load pictures of events
 */
export async function servePages(
  server: FastifyInstance,
  webRoot: string,
  withPlayground: boolean,
  paysByStripe: boolean,
  pictureOrigins: readonly string[],
): Promise<void> {
  const { directives } = paysByStripe ? STRIPE_POLICY : PAGE_POLICY;
  const imgSrc = ["'self'", ...pictureOrigins];
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { ...directives, imgSrc } },
  });
  await server.register(serveStatic, {
    root: path.join(webRoot, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    // The build writes a .br and a .gz next to each text file.
    preCompressed: true,
  });
  const send = (reply: FastifyReply, file: string) =>
    reply.header('cache-control', 'no-cache').sendFile(file, webRoot, { cacheControl: false });
  if (withPlayground) {
    const options = { helmet: { contentSecurityPolicy: PLAYGROUND_POLICY } };
    for (const url of ['/playground', '/playground/'])
      server.get(url, options, (_request, reply) => send(reply, 'playground/index.html'));
    // It tells as much of the schema as the playground does.
    serveLlmsTxt(server);
  }
  if (existsSync(path.join(webRoot, 'index.html'))) {
    for (const url of SEAT_MAP_URLS) server.get(url, (_request, reply) => send(reply, 'index.html'));
    // A browser gets the page, which shows its own "not found". Programs get the usual answer.
    server.get('*', (request, reply) => {
      const wantsPage = request.headers.accept?.includes('text/html');
      return wantsPage ? send(reply.code(404), 'index.html') : reply.callNotFound();
    });
  } else if (withPlayground) server.get('/', (_request, reply) => reply.redirect('/playground'));
}
