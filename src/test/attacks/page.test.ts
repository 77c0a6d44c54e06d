import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import { type TestApp as App, TestApp, TOKEN_SECRET, WEB_ROOT } from '../support/test-app.js';

/** What browsers and anonymous callers get: the pages, their headers, and the server's metrics. */

let app: App;
beforeAll(async () => {
  app = await TestApp.start({ webRoot: WEB_ROOT });
});
afterAll(() => app.close());

async function server(config: Partial<Config>): Promise<App> {
  const started = await TestApp.start({ config, webRoot: WEB_ROOT });
  onTestFinished(() => started.close());
  return started;
}

describe('what is sent to every browser', () => {
  const files = () =>
    readdirSync(WEB_ROOT, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(js|css|html|svg|map)$/.test(file))
      .map((file) => [file, readFileSync(path.join(WEB_ROOT, file), 'utf8')] as const);

  test('has no secret, no source and nothing of the server', () => {
    const all = files();
    expect(all.length).toBeGreaterThan(4);
    for (const [file, text] of all) {
      expect(file).not.toMatch(/\.map$/);
      for (const secret of [
        TOKEN_SECRET,
        'TOKEN_SECRET',
        'mongodb://',
        'mongodb+srv://',
        'passwordHash',
        'process.env.MONGO',
      ])
        expect([file, text.includes(secret)]).toEqual([file, false]);
    }
  });

  test('has no script, no handler and no style in its markup', () => {
    for (const [file, text] of files().filter(([name]) => name.endsWith('.html'))) {
      expect([file, /<script(?![^>]*\bsrc=)|\son\w+\s*=|\sstyle\s*=|javascript:/i.test(text)]).toEqual([
        file,
        false,
      ]);
    }
  });

  test.each(['/', '/playground'])(
    '%s runs the scripts of this server alone, in no frame, and says to nobody where it came from',
    async (page) => {
      const { headers } = await fetch(`${app.url}${page}`);
      const policy = Object.fromEntries(
        (headers.get('content-security-policy') ?? '').split(';').map((directive) => {
          const [name = '', ...sources] = directive.trim().split(' ');
          return [name, sources.join(' ')];
        }),
      );
      expect(policy).toMatchObject({
        'default-src': "'none'",
        'script-src': "'self'",
        'script-src-attr': "'none'",
        // GraphiQL's editor writes styles into its page; the seat map's page takes them from files alone.
        'style-src': page === '/' ? "'self'" : "'self' 'unsafe-inline'",
        'connect-src': "'self'",
        'object-src': "'none'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
      });
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );
});

describe('/metrics', () => {
  const status = async ({ url }: App, headers: Record<string, string> = {}) =>
    (await fetch(`${url}/metrics`, { headers })).status;

  test('is for private addresses, and not for callers that may come through a proxy', async () => {
    expect(await status(app)).toBe(200);
    for (const name of ['x-forwarded-for', 'forwarded'])
      expect([name, await status(app, { [name]: 'for=127.0.0.1' })]).toEqual([name, 403]);
    const refused = await fetch(`${app.url}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test('takes the caller’s address from a trusted proxy', async () => {
    const behind = await server({ trustProxy: ['loopback'] });
    expect(await status(behind, { 'x-forwarded-for': '10.1.2.3' })).toBe(200);
    expect(await status(behind, { 'x-forwarded-for': '203.0.113.1' })).toBe(403);
    // A client's own text comes before what the proxy appends.
    expect(await status(behind, { 'x-forwarded-for': '10.1.2.3, 203.0.113.1' })).toBe(403);
  });

  test('is for nobody if every caller’s address header is trusted and METRICS_TOKEN is not set', async () => {
    const believing = await server({ trustProxy: true });
    expect(await status(believing, { 'x-forwarded-for': '10.1.2.3' })).toBe(403);
    expect(await status(believing)).toBe(403);
    const guarded = await server({ metricsToken: 'a-token-of-24-characters', trustProxy: true });
    expect(await status(guarded, { authorization: 'Bearer a-token-of-24-characters' })).toBe(200);
    expect(await status(guarded, { 'x-forwarded-for': '10.1.2.3' })).toBe(401);
  });

  test('with METRICS_TOKEN is for every caller that has it, from any address', async () => {
    const guarded = await server({ metricsToken: 'a-token-of-24-characters', trustProxy: ['loopback'] });
    const far = { 'x-forwarded-for': '203.0.113.1' };
    expect(await status(guarded, { ...far, authorization: 'Bearer a-token-of-24-characters' })).toBe(200);
    for (const authorization of [
      '',
      'Bearer ',
      'Bearer a-token-of-24-character',
      'a-token-of-24-characters',
      'Basic x',
    ])
      expect([authorization, await status(guarded, { authorization })]).toEqual([authorization, 401]);
    expect(await status(guarded)).toBe(401);
  });
});

test('with PLAYGROUND=off there is neither playground nor llms.txt, and the seat map is served', async () => {
  const closed = await server({ playground: false });
  for (const path of ['/playground', '/llms.txt', '/schema.graphql'])
    expect([path, (await fetch(`${closed.url}${path}`)).status]).toEqual([path, 404]);
  expect((await fetch(`${closed.url}/`)).status).toBe(200);
});
