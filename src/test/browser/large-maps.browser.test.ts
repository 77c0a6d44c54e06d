import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { LOCK_SEATS } from '../support/operations.js';

/**
 * Large maps and slow phones: the work grows with what is visible and what has changed, and not with the size of the
 * event. How long it took on this machine is printed.
 */

const CHANGED = 500;
const SEATS_PER_CALL = 100;
/** The life of a lock, and the delay after which another server may record its expiry. */
const EXPIRED_AFTER_MS = 5 * 60_000 + 1_000;
/** Sprites for 860 x 620 pixels at the smallest size that shows shapes, with the marks of the viewer's own seats. */
const DRAWN_AT_ONCE_MAX = 9_000;

/** A phone on a poor mobile network, with the values that browser developer tools use. */
const SLOW_NETWORK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 };
const SLOW_PROCESSOR = { rate: 4 };

interface Measure {
  readonly name: string;
  readonly startTime: number;
  readonly duration: number;
  readonly detail: { readonly seats?: number } | null;
}

describeOnPage('a large seat map', { config: { seatsPerViewerMax: 2_000 } }, (site) => {
  test.each([
    [10_000, { sections: 10, rows: 20, seatsPerRow: 50 }],
    [100_000, { sections: 20, rows: 50, seatsPerRow: 100 }],
  ])(
    'of %i seats is drawn by what is in view, and changed by what has changed',
    async (totalSeats, shape) => {
      const { sections, rows, seatsPerRow } = shape;
      const price = { amount: 4_500, currency: 'USD' };
      const eventId = await site.app.event(await site.app.user(), {
        sections: Array.from({ length: sections }, (_, index) => ({
          name: `Block ${index + 1}`,
          rows,
          seatsPerRow,
          price,
        })),
      });
      const fan = await site.open({ user: await site.app.user() });
      // Counts every draw call at the lowest level.
      await fan.page.addInitScript(`
      globalThis.drawn = 0;
      globalThis.measured = [];
      new PerformanceObserver((list) => {
        for (const { name, startTime, duration, detail } of list.getEntries()) {
          globalThis.measured.push({ name, startTime, duration, detail });
        }
      }).observe({ type: 'measure', buffered: true });
      const { drawImage } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        globalThis.drawn += 1;
        return drawImage.apply(this, args);
      };`);
      const drawnBy = async (work: () => Promise<void>) => {
        await fan.page.evaluate('globalThis.drawn = 0');
        await work();
        await fan.page.evaluate(
          'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
        );
        return (await fan.page.evaluate('globalThis.drawn')) as number;
      };
      const measures = async (wanted: string, sinceMs = 0) =>
        ((await fan.page.evaluate('globalThis.measured')) as Measure[]).filter(
          ({ name, startTime }) => name === wanted && startTime >= sinceMs,
        );
      const lock = async (firstSeat: number) => {
        const user = await site.app.user();
        await Promise.all(
          Array.from({ length: CHANGED / SEATS_PER_CALL }, (_, call) => {
            const first = firstSeat + call * SEATS_PER_CALL;
            const seatNumbers = Array.from({ length: SEATS_PER_CALL }, (_, index) => first + index);
            return site.app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
          }),
        );
      };
      /** Total duration of the page's main-thread tasks so far, in ms. */
      const debug = await fan.context.newCDPSession(fan.page);
      await debug.send('Performance.enable');
      const taskMs = async () => {
        const { metrics } = await debug.send('Performance.getMetrics');
        return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
      };

      await fan.goToEvent(eventId);
      await fan.count('available', totalSeats);
      const [first] = await measures('seat-map:first-draw');
      const report = [`${totalSeats} seats: first drawn ${ms(first?.duration)} after their data`];

      // The overview first, then a section's seats with their shapes.
      for (const where of ['whole map', 'one section near'] as const) {
        if (where !== 'whole map') {
          const drawn = await drawnBy(async () =>
            fan.page.getByRole('button', { name: /^Block 1 / }).click(),
          );
          expect(drawn).toBeGreaterThan(0);
          expect(drawn).toBeLessThan(DRAWN_AT_ONCE_MAX);
        }
        await lock(1);
        await fan.count('locked', CHANGED);
        const sinceMs = (await fan.page.evaluate('performance.now()')) as number;
        const before = await taskMs();
        // Locks that were made together expire together: one or two messages contain all of them.
        const drawn = await drawnBy(async () => {
          site.app.clock.advance(EXPIRED_AFTER_MS);
          await fan.count('available', totalSeats);
        });
        const after = await taskMs();
        expect(drawn).toBeLessThanOrEqual(CHANGED);
        const seatsIn = (changes: readonly Measure[]) =>
          changes.reduce((seats, { detail }) => seats + (detail?.seats ?? 0), 0);
        // The browser reports a measure when it is idle.
        await expect.poll(async () => seatsIn(await measures('seat-map:change', sinceMs))).toBe(CHANGED);
        const changes = await measures('seat-map:change', sinceMs);
        const draws = await measures('seat-map:draw', sinceMs);
        const together = changes.reduce((sum, { duration }) => sum + duration, 0);
        const worstDraw = Math.max(0, ...draws.map(({ duration }) => duration));
        report.push(
          `${where}: ${CHANGED} seats in ${changes.length} message(s), together ${ms(together)} + ${ms(worstDraw)} in the frame; ` +
            `all tasks of the page meanwhile ${ms(after - before)}; ${drawn} pictures drawn`,
        );
      }
      process.stdout.write(`${report.join('\n  ')}\n`);
      expect(fan.complaints).toEqual([]);
    },
  );

  test('on a slow phone the page is visible before its code has loaded, and the map appears with its first data', async () => {
    const price = { amount: 4_500, currency: 'USD' };
    const sections = [{ name: 'Stalls', rows: 100, seatsPerRow: 100, price }];
    const eventId = await site.app.event(await site.app.user(), { sections });
    const fan = await site.open({ width: 360, height: 740, touch: true });
    const debug = await fan.context.newCDPSession(fan.page);
    await debug.send('Network.enable');
    await debug.send('Network.emulateNetworkConditions', SLOW_NETWORK);
    await debug.send('Emulation.setCPUThrottlingRate', SLOW_PROCESSOR);
    // The time at which the first live message is on the screen.
    await fan.page.addInitScript(`
      new MutationObserver((_changes, observer) => {
        if (!/\\d/.test(document.querySelector('[data-count=available]')?.textContent)) return;
        globalThis.liveAtMs = performance.now();
        observer.disconnect();
      }).observe(document, { subtree: true, childList: true, characterData: true });`);
    await fan.goToEvent(eventId);
    const [paintedAtMs, drawnAtMs, liveAtMs] = (await fan.page.evaluate(`(() => {
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      const [draw] = performance.getEntriesByName('seat-map:first-draw');
      return [paint.startTime, draw.startTime + draw.duration, globalThis.liveAtMs];
    })()`)) as [number, number, number];
    process.stdout.write(
      `10000 seats on a slow phone: something to see after ${ms(paintedAtMs)}, the map drawn after ${ms(drawnAtMs)}, live after ${ms(liveAtMs)}\n`,
    );
    expect(paintedAtMs).toBeLessThan(drawnAtMs);
    expect(drawnAtMs).toBeLessThan(liveAtMs);
    expect(fan.complaints).toEqual([]);
  });
});

const ms = (duration: number | undefined) => `${(duration ?? Number.NaN).toFixed(1)} ms`;
