import { runRoundsOf } from '../lib/rounds.js';
import type { Row } from '../lib/scenario.js';
import { median, medianInterval } from '../lib/statistics.js';
import { figure } from '../lib/table.js';
import { Audience } from './audience.js';
import type { Contender } from './contenders.js';
import { columnsOf, deliverOneByOne, type Figures } from './figures.js';
import type { LiveSetting } from './setting.js';

/** Watchers of each kind: with more, both kinds together could need more sockets than the server allows an address. */
const WATCHERS_MAX = 1_000;

/** Watchers of one kind. */
export interface Kind {
  readonly name: string;
  readonly watching: Contender['watching'];
}

/** What deliveries cost to two kinds of watchers. */
export interface Comparison {
  readonly watchers: number;
  readonly rows: readonly Row[];
  /** CPU time of a delivery to the second kind, times one to the first. */
  readonly ratio: number;
  /** Of all changes. */
  readonly figures: readonly Figures[];
}

/** A change for the first and one for the second kind, one right after the other. */
type Pair = readonly [Figures, Figures];

/**
 * Compares the server's CPU time of a delivery to two kinds of watchers, by number of watchers. Both kinds stay connected to
 * one server, and each watches a map of its own. The maps change by turns, one change at a time, so other load of the machine
 * affects both kinds alike. Every other time the order is reversed.
 */
export async function compareDeliveries(
  setting: LiveSetting,
  { server, newMap }: Contender,
  kinds: readonly [Kind, Kind],
): Promise<readonly Comparison[]> {
  // One process for the watchers of each kind. It is idle while the others' map changes.
  const audiences = [setting.audience, new Audience(setting.environment)] as const;
  const counts = [...new Set(setting.watchers.map((count) => Math.min(count, WATCHERS_MAX)))];
  let isSwapped = false;
  const arms = counts.map((count) => ({
    name: `watchers: ${count}`,
    run: async (phaseMs: number) => {
      // By turns each kind is the first that connects.
      isSwapped = !isSwapped;
      const deliver: (() => Promise<Figures>)[] = [];
      for (const [index, audience] of audiences.entries()) {
        const kind = isSwapped ? 1 - index : index;
        const map = await newMap();
        await audience.watch(kinds[kind] as Kind, map, count);
        deliver[kind] = () => deliverOneByOne(server, audience, map, 0);
      }
      const [first, second] = deliver as [() => Promise<Figures>, () => Promise<Figures>];
      const pairs: Pair[] = [];
      for (const endMs = Date.now() + phaseMs; Date.now() < endMs; ) {
        const secondBefore = pairs.length % 2 === 1 ? await second() : undefined;
        pairs.push([await first(), secondBefore ?? (await second())]);
      }
      for (const audience of audiences) await audience.close();
      return { pairs };
    },
  }));
  try {
    const results = await runRoundsOf<readonly Pair[]>(arms, setting, (_, pairs) => ratioText(pairs));
    return counts.map((count) => {
      const pairs = results(`watchers: ${count}`, 'pairs').flat();
      const row = (side: 0 | 1): Row => ({
        watchers: kinds[side].name,
        count,
        ...columnsOf(
          pairs.map((pair) => pair[side]),
          ['cpuPerDeliveryUs', 'bytes'],
        ),
        times: side === 0 ? '' : ratioText(pairs),
      });
      return {
        watchers: count,
        rows: [row(0), row(1)],
        ratio: median(ratiosOf(pairs)),
        figures: pairs.flat(),
      };
    });
  } finally {
    await audiences[1].stop();
  }
}

const ratiosOf = (pairs: readonly Pair[]): number[] =>
  pairs.map(
    ([first, second]) => (second.cpuPerDeliveryUs ?? Number.NaN) / (first.cpuPerDeliveryUs ?? Number.NaN),
  );

function ratioText(pairs: readonly Pair[]): string {
  const ratios = ratiosOf(pairs);
  const [low, high] = medianInterval(ratios).map((bound) => bound.toFixed(3));
  return `${median(ratios).toFixed(3)} (${low} to ${high}, ${figure(pairs.length)} pairs)`;
}
