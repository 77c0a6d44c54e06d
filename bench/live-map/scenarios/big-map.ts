import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { metricsOf } from '../../lib/measure.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { mapOf, startContender } from '../contenders.js';
import { columnsOf, deliverOneByOne, type Figures, lineOf, medianOf, noErrors } from '../figures.js';
import { type LiveSetting, upTo } from '../setting.js';

const WATCHERS = 1_000;
const SMALL = 1_000;
const BIG = 100_000;
/** The same on both maps, so that only their sizes differ. */
const TAKEN_SEATS = 500;
/** The spread between runs of the same. */
const AS_MUCH = 1.2;

/** A change on a map of 100,000 seats against one on a map of 1,000. */
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
      const { elapsedMs } = await audience.openMap(ours, eventId, watchers);
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
  const columns = ['cpuPerDeliveryUs', 'bytes', 'openedMs', 'snapshots'];
  return {
    about:
      `${watchers} watchers of one map with ${TAKEN_SEATS} seats taken, one change of five seats after the other. openedMs: until all are subscribed; ` +
      'snapshots: how often the map was built for them, at one version.',
    rows: [small, big].map((each) => ({ map: each.name, watchers, ...columnsOf(of(each), columns) })),
    goals: [
      atMost(
        AS_MUCH,
        `server CPU of a delivery on ${BIG} seats, times ${SMALL}`,
        medianOf(of(big), 'cpuPerDeliveryUs') / medianOf(of(small), 'cpuPerDeliveryUs'),
      ),
      atMost(1, `snapshots built at one version of ${BIG} seats`, medianOf(of(big), 'snapshots')),
      ...noErrors([...of(small), ...of(big)]),
    ],
  };
}
