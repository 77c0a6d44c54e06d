import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { startContender } from '../contenders.js';
import { columnsOf, deliverOneByOne, type Figures, lineOf, medianOf, noErrors, sumOf } from '../figures.js';
import { type LiveSetting, upTo } from '../setting.js';

const EVENTS = 1_000;
const WATCHERS = 1_000;
const SEATS = 1_000;
/** The spread between runs of the same. */
const AS_MUCH = 1.2;

/** Changes of one event while 1,000 are watched, against changes of the only watched event. */
export async function manyEvents(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours');
  const others: string[] = [];
  while (others.length < EVENTS - 1) others.push(await createEvent(database, SEATS));

  const arm = (name: string, alsoWatched: readonly string[]): Arm<Figures> => ({
    name,
    run: async (phaseMs) => {
      const map = await ours.newMap();
      await audience.watch(ours, map, watchers, alsoWatched);
      const delivery = await deliverOneByOne(ours.server, audience, map, phaseMs);
      await audience.close();
      return { change: delivery };
    },
  });
  const one = arm('one event', []);
  const many = arm(`${EVENTS} events`, others);
  const results = await runRoundsOf([one, many], setting, lineOf);
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'change');
  const all = [...of(one), ...of(many)];
  return {
    about: `${watchers} watchers of the event that changes, and one watcher of each other event, whose maps do not change.`,
    rows: [one, many].map((each) => ({
      watched: each.name,
      watchers,
      ...columnsOf(of(each), ['cpuPerDeliveryUs', 'bytes']),
    })),
    goals: [
      atMost(
        AS_MUCH,
        `server CPU of a delivery with ${EVENTS} events watched, times one`,
        medianOf(of(many), 'cpuPerDeliveryUs') / medianOf(of(one), 'cpuPerDeliveryUs'),
      ),
      atMost(0, 'messages to watchers of unchanged maps, all rounds', sumOf(all, 'messagesElsewhere')),
      ...noErrors(all),
    ],
  };
}
