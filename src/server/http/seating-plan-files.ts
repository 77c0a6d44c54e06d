import { promisify } from 'node:util';
import zlib from 'node:zlib';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Events } from '../../catalog/events.js';
import { PLAN_ID, seatingPlanUrl } from '../../catalog/seating-plan-url.js';
import { countedAddress } from './client-address.js';
import { answerError } from './error-answers.js';
import { PAGE_POLICY } from './pages.js';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** Bytes of all plans in memory, in all encodings. A plan with 100,000 seats takes about one megabyte. */
const CACHED_BYTES_MAX = 32 * 1024 * 1024;
/** A year, as long as a cache may keep anything. */
const KEPT_SECONDS = 31_536_000;
/** Higher qualities take seconds for the largest plans, and save a few per cent. */
const BROTLI_QUALITY = 6;

type Encoding = 'br' | 'gzip' | 'identity';
type PlanFile = Readonly<Record<Encoding, Buffer>>;

/**
 * Serves seating plans as files. A plan never changes, so browsers and proxies keep it, and a busy event's plan is built,
 * compressed and sent to each cache once.
 *
 * @param countRead counts the read of a plan that is not in memory. @throws RATE_LIMITED
 */
export async function serveSeatingPlans(
  server: FastifyInstance,
  events: Pick<Events, 'storedPlan'>,
  countRead: (address: string) => void,
): Promise<void> {
  await server.register(helmet, { contentSecurityPolicy: PAGE_POLICY });
  const files = new LRUCache<string, PlanFile>({
    maxSize: CACHED_BYTES_MAX,
    sizeCalculation: ({ br, gzip, identity }) => br.length + gzip.length + identity.length,
    // Callers that ask for the same plan at the same time wait for one read.
    fetchMethod: async (planId) => {
      const plan = await events.storedPlan(planId);
      return plan === null ? undefined : planFile(JSON.stringify(plan));
    },
  });
  server.get<{ Params: { planId: string } }>(seatingPlanUrl(':planId'), async (request, reply) => {
    const { planId } = request.params;
    if (!files.has(planId)) countRead(countedAddress(request.ip));
    const file = PLAN_ID.test(planId) ? await files.fetch(planId) : undefined;
    if (file === undefined) {
      const message = 'There is no such seating plan.';
      return answerError(reply, 404, { code: 'BAD_USER_INPUT', message, details: { field: 'planId' } });
    }
    const encoding = encodingFor(request.headers['accept-encoding']);
    if (encoding !== 'identity') reply.header('content-encoding', encoding);
    return reply
      .type('application/json; charset=utf-8')
      .header('cache-control', `public, max-age=${KEPT_SECONDS}, immutable`)
      .header('vary', 'accept-encoding')
      .send(file[encoding]);
  });
}

async function planFile(json: string): Promise<PlanFile> {
  const identity = Buffer.from(json);
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return { identity, br: await brotli(identity, { params }), gzip: await gzip(identity) };
}

function encodingFor(accepted: string | string[] | undefined): Encoding {
  const names = String(accepted ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]);
  return (['br', 'gzip'] as const).find((encoding) => names.includes(encoding)) ?? 'identity';
}
