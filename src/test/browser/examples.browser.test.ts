import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { LOCK_SEATS } from '../support/operations.js';
import { EVENT_INPUT } from '../support/seat-map-page.js';

/** The examples of `examples/`, on pages of another origin, as they are built for use. */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ELEMENT_BYTES_MAX = 45 * 1_024;
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

let folder: string;
const origin = await new Promise<{ server: Server; url: string }>((resolve) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://any');
    const file = path.join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    response.setHeader('content-type', TYPES[path.extname(file).slice(1)] ?? 'text/plain');
    // Neither the element nor the component needs more: no styles in the page, no code but the page's own.
    const policy = `default-src 'none'; connect-src *; script-src 'self' 'unsafe-inline'; style-src 'self'`;
    response.setHeader('content-security-policy', policy);
    readFile(file).then(
      (content) => response.end(content),
      () => response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end(),
    );
  }).listen(0, '127.0.0.1', () =>
    resolve({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
});

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-examples-'));
  const vite = (...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', '--emptyOutDir', ...args],
      { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' } },
    );
  await vite(
    ...['--config', 'packages/seat-map/vite.element.config.ts'],
    ...['--outDir', path.join(folder, 'element')],
  );
  await cp(path.join(ROOT, 'examples/element'), path.join(folder, 'element'), { recursive: true });
  await mkdir(path.join(folder, 'early'));
  await writeFile(path.join(folder, 'early/index.html'), EARLY_PAGE);
  await vite('examples/react', '--config', 'examples/vite.config.ts', '--outDir', path.join(folder, 'react'));
});
afterAll(async () => {
  origin.server.close();
  await rm(folder, { recursive: true });
});

test('the element with all that it needs is small', () => {
  const bytes = brotliCompressSync(readFileSync(path.join(folder, 'element/element.js'))).length;
  process.stdout.write(`the element: ${bytes} bytes, compressed by brotli\n`);
  expect(bytes).toBeLessThan(ELEMENT_BYTES_MAX);
});

/** A page that sets the element's properties before its script is there. */
const EARLY_PAGE = `<!doctype html><html lang="en"><title>Early</title><main><seat-map></seat-map></main>
  <script>
    const map = document.querySelector('seat-map');
    Object.assign(map, Object.fromEntries(new URLSearchParams(location.search)));
  </script>
  <script type="module" src="../element/element.js"></script>`;

describeOnPage('a page of another origin', { config: { allowedOrigins: [origin.url] } }, (site) => {
  const open = async (example: string, eventId: string, width: number, colorScheme: 'dark' | 'light') => {
    const context = await site.browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    const query = new URLSearchParams({ event: eventId, endpoint: `${site.app.url}/graphql` });
    await page.goto(`${origin.url}/${example}/?${query}`);
    return { page, complaints };
  };
  const counts = (page: Page, appearance: string, seats: number) =>
    expect.poll(() => page.locator(`[data-count=${appearance}]`).textContent()).toBe(String(seats));
  const violations = async (page: Page) => {
    if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
    return page.evaluate(async () => {
      const { axe: runner } = globalThis as unknown as { axe: typeof axe };
      const { violations: found } = await runner.run({ resultTypes: ['violations'] });
      return found.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html) }));
    });
  };
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  test('shows the map by an element or by React; a guest picks by keyboard, holds, pays, and everybody sees it', async () => {
    const floor = {
      name: 'Floor',
      kind: 'STANDING',
      capacity: 100,
      price: { amount: 1_000, currency: 'USD' },
    };
    const sections = [...EVENT_INPUT.sections, floor];
    const eventId = await site.app.event(await site.app.user(), { sections });
    const react = await open('react', eventId, 1280, 'light');
    const element = await open('element', eventId, 390, 'dark');
    await counts(react.page, 'available', 174);
    await counts(element.page, 'available', 174);

    const news = element.page.locator('#news');
    await element.page.getByRole('grid', { name: 'Seat map' }).focus();
    for (const key of ['+', 'ArrowRight', 'Enter', '0']) await element.page.keyboard.press(key);
    await news.getByText('Picked: Stalls, row A, seat 2').waitFor();
    expect(await violations(element.page)).toEqual([]);
    await button(element.page, 'Hold this seat').click();
    await news.getByText(/^1 held until /).waitFor();
    await counts(react.page, 'locked', 1);
    // A press that left with its button must not leave the keyboard's user at the top of the page.
    await element.page
      .getByRole('group', { name: 'Your seats' })
      .and(element.page.locator(':focus'))
      .waitFor();
    expect(await violations(element.page)).toEqual([]);
    // A reload interrupts the check-out before the server has it. It goes on by itself.
    let isReloaded = false;
    const isSent = new Promise<void>((sent) => {
      void element.page.route('**/graphql', (route) => {
        if (isReloaded || !route.request().postData()?.includes('checkOut(')) return route.continue();
        sent();
      });
    });
    await button(element.page, 'Pay and book').click();
    await isSent;
    isReloaded = true;
    await element.page.reload();
    await expect.poll(() => site.app.database.bookings.countDocuments({ eventId })).toBe(1);
    await counts(element.page, 'yours', 1);

    await counts(react.page, 'booked', 1);
    await react.page.getByRole('grid', { name: 'Seat map' }).focus();
    for (const key of ['Enter', 'ArrowDown', 'Enter']) await react.page.keyboard.press(key);
    await react.page.getByRole('button', { name: 'One place more in Floor' }).click({ clickCount: 2 });
    await button(react.page, 'Hold these 4 seats').waitFor();
    // Somebody else takes one of the picked seats.
    await site.app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1] } }, await site.app.user());
    await react.page.locator('.seat-map-problem', { hasText: 'faster: Stalls, row A, seat 1.' }).waitFor();
    await button(react.page, 'Hold these 3 seats').click();
    await react.page.getByLabel('E-mail address').fill('fan@example.com');
    expect(await violations(react.page)).toEqual([]);
    await button(react.page, 'Pay and book').click();
    await counts(react.page, 'yours', 3);
    await counts(element.page, 'booked', 3);
    expect([element.complaints, react.complaints]).toEqual([[], []]);
  });

  test('may set the element’s properties before the script is loaded, and is told that nothing is held', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    const { page, complaints } = await open('early', eventId, 1280, 'light');
    await counts(page, 'available', 74);
    const told = await page.evaluate(
      `document.querySelector('seat-map').checkOut().catch(({ message }) => message)`,
    );
    expect([told, complaints]).toEqual(['No seats are held.', []]);
  });
});
