import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { metricsOf } from '../../lib/measure.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { mapOf, startContender } from '../contenders.js';
import { columnsOf, deliverOneByOne, type Figures, lineOf, medianOf, sumOf } from '../figures.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 1_000;
const SMALL = 1_000;
const BIG = 100_000;
/** As many on either map, so that it is its size alone that differs. */
const TAKEN_SEATS = 500;
/** What differs from one run of the same to another. */
const AS_MUCH = 1.2;

/** A change on a map of a hundred thousand seats against one on a map of a thousand. */
export async function bigMap(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const database = environment.database(OURS);
  const watchers = upTo(WATCHERS, setting);
  const ours = await startContender(environment, 'ours');
  const snapshots = async () => (await metricsOf(ours.server.url))('feed_snapshots_total');

  const arm = (seats: number): Arm<Figures> => ({
    name: `${seats} seats`,
    run: async (phaseMs) => {
      const eventId = await createEvent(database, seats, (seat) =>
        seat <= TAKEN_SEATS ? 'locked' : 'available',
      );
      const map = mapOf(database, eventId, seats, TAKEN_SEATS + 1);
      const before = await snapshots();
      const { elapsedMs } = await audience.open({
        ...ours.watching,
        maps: [{ eventId, watchers }],
        since: null,
      });
      const built = (await snapshots()) - before;
      const delivery = await deliverOneByOne(ours.server, audience, map, phaseMs);
      await audience.close();
      return { change: { ...delivery, openedMs: elapsedMs, snapshots: built } };
    },
  });
  const small = arm(SMALL);
  const big = arm(BIG);
  const results = await runRoundsOf([small, big], setting, lineOf);
  await ours.server.stop();

  const of = ({ name }: Arm<Figures>) => results(name, 'change');
  const all = [...of(small), ...of(big)];
  const columns = ['cpuPerDeliveryUs', 'bytes', 'openedMs', 'snapshots'];
  return {
    about:
      `${watchers} watchers of one map with ${TAKEN_SEATS} seats taken, one change of five seats after the other. openedMs: until all watch; ` +
      'snapshots: how often the map was put together for them, at one version.',
    rows: [small, big].map((each) => ({ map: each.name, watchers, ...columnsOf(of(each), columns) })),
    goals: [
      atMost(
        AS_MUCH,
        `server CPU of a delivery on ${BIG} seats, times ${SMALL}`,
        medianOf(of(big), 'cpuPerDeliveryUs') / medianOf(of(small), 'cpuPerDeliveryUs'),
      ),
      atMost(1, `snapshots built at one version of ${BIG} seats`, medianOf(of(big), 'snapshots')),
      atMost(0, 'messages out of order, all rounds', sumOf(all, 'outOfOrder')),
      atMost(0, 'sockets lost, all rounds', sumOf(all, 'lost')),
    ],
  };
}
