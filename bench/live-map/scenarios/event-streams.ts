import { atMost } from '../../lib/goals.js';
import { type Arm, runRoundsOf } from '../../lib/rounds.js';
import type { Report } from '../../lib/scenario.js';
import { compareDeliveries, type Kind } from '../alternation.js';
import { type Contender, startContender } from '../contenders.js';
import { columnsOf, type Figures, lineOf, medianOf, noErrors } from '../figures.js';
import { openIdle } from '../idle-memory.js';
import { type LiveSetting, mostWatchers } from '../setting.js';

/** An event stream may cost this much more than a WebSocket. */
const AS_MUCH = 1.1;

/** The cost of watchers on event streams, beside watchers on WebSockets. */
export async function eventStreams(setting: LiveSetting): Promise<Report> {
  const { environment, audience } = setting;
  const ours = await startContender(environment, 'ours');
  const comparisons = await compareDeliveries(setting, ours, kindsOf(ours));
  await ours.server.stop();

  const watchers = mostWatchers(setting);
  const arms = ([0, 1] as const).map(
    (side): Arm<Figures> => ({
      name: `memory, ${kindsOf(ours)[side].name}`,
      run: async () => {
        const contender = await startContender(environment, 'ours');
        const { server, newMap } = contender;
        const { watching } = kindsOf(contender)[side];
        const { emptyKb, idleKb } = await openIdle(audience, { server, watching }, await newMap(), watchers);
        await audience.close();
        await server.stop();
        return { memory: { idleKb: (idleKb - emptyKb) / watchers } };
      },
    }),
  );
  const results = await runRoundsOf(arms, { ...setting, warmsUp: false }, lineOf);
  const [sockets = [], streams = []] = arms.map(({ name }) => results(name, 'memory'));
  return {
    about:
      'One change of five seats after the other, on two maps of one server by turns: one map is watched over WebSockets, the ' +
      'other over event streams. times: the median of all pairs of changes, and where the true one is with a probability of 95 %. ' +
      `Then what ${watchers} idle watchers add to the memory (RSS) of a new server.`,
    rows: [
      ...comparisons.flatMap(({ rows }) => rows.map((row) => ({ ...row, idleKb: '' }))),
      ...[sockets, streams].map((rounds, side) => ({
        watchers: `idle ${kindsOf(ours)[side as 0 | 1].name}`,
        count: watchers,
        ...columnsOf(rounds, ['idleKb']),
      })),
    ],
    goals: [
      ...comparisons.map(({ watchers: count, ratio }) =>
        atMost(AS_MUCH, `server CPU of a delivery to ${count} event streams, times WebSockets`, ratio),
      ),
      atMost(
        AS_MUCH,
        'memory of an idle event stream, times a WebSocket',
        medianOf(streams, 'idleKb') / medianOf(sockets, 'idleKb'),
      ),
      ...noErrors(comparisons.flatMap(({ figures }) => figures)),
    ],
  };
}

const kindsOf = ({ watching }: Contender): readonly [Kind, Kind] => [
  { name: 'WebSockets', watching },
  { name: 'event streams', watching: { ...watching, protocol: 'event-stream' } },
];
