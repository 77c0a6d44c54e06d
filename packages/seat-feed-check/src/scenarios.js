import { Finding, NotApplicable } from './session.js';

/** @typedef {import('./session.js').Session} Session */

const SILENCE_MS = 1_500;

/**
 * What the kit's server does. Each scenario begins with a client that shows the newest map.
 *
 * @type {readonly { name: string, about: string, play: (session: Session) => Promise<void> }[]}
 */
export const SCENARIOS = [
  {
    name: 'changes',
    about: 'a snapshot, and changes one by one',
    async play(session) {
      await session.begin();
      for (let times = 0; times < 8; times++) {
        session.truth.change();
        session.send(session.truth.changes(session.truth.version - 1));
        await session.showsMap();
      }
    },
  },
  {
    name: 'merged',
    about: 'several versions in one message, and a message without seats',
    async play(session) {
      const { truth } = session;
      await session.begin();
      const from = truth.version;
      const seat = truth.change({ status: 'LOCKED' });
      truth.change();
      truth.change({ seat, status: 'BOOKED' });
      session.send(truth.changes(from));
      await session.showsMap();
      session.send(truth.changes(truth.version));
      truth.change({ seat, status: 'AVAILABLE' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMap();
    },
  },
  {
    name: 'repeated',
    about: 'an old message comes again',
    async play(session) {
      const { truth } = session;
      await session.begin();
      const seat = truth.change({ seat: truth.anySeat(true), status: 'LOCKED' });
      const old = truth.changes(truth.version - 1);
      session.send(old);
      await session.showsMap();
      truth.change({ seat, status: 'AVAILABLE' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMap();
      session.send(old);
      await continues(session);
    },
  },
  {
    name: 'left-out',
    about: 'a message is lost',
    async play(session) {
      const { truth } = session;
      await session.begin();
      truth.change();
      truth.change();
      session.send(truth.changes(truth.version - 1));
      const { version } = truth;
      await session.recovers(
        `The message to version ${version - 1} was lost, so previousVersion ${version - 1} was not the version of the map`,
      );
      await continues(session);
    },
  },
  {
    name: 'reordered',
    about: 'two messages come in the wrong order',
    async play(session) {
      const { truth } = session;
      await session.begin();
      truth.change();
      truth.change();
      session.send(truth.changes(truth.version - 1));
      session.send(truth.changes(truth.version - 2, truth.version - 1));
      await session.recovers('Two messages came in the wrong order');
      await continues(session);
    },
  },
  {
    name: 'error',
    about: 'a message has errors instead of data',
    async play(session) {
      const { truth } = session;
      await session.begin();
      truth.change();
      session.send(new Error('This message could not be built.'));
      truth.change();
      session.send(truth.changes(truth.version - 1));
      await session.recovers('A message had errors, and the next one showed a gap');
      await continues(session);
    },
  },
  {
    name: 'reconnected',
    about: 'the connection is cut, and closed with 1001 and 1013; the client resumes from its version',
    async play(session) {
      const { truth, server } = session;
      await session.begin();
      for (const [how, why] of /** @type {const} */ ([
        [() => server.cut(), 'The connection was cut'],
        [() => server.closeClients(1001), 'The server closed the connection with 1001'],
        [() => server.closeClients(1013), 'The server closed the connection with 1013'],
      ])) {
        truth.change();
        truth.change();
        how();
        session.answer(await session.resumes(why));
        await session.showsMap();
      }
      await continues(session);
    },
  },
  {
    name: 'down',
    about: 'the server cannot be reached for a while',
    async play(session) {
      const { truth, server } = session;
      await session.begin();
      server.isDown = true;
      server.cut();
      truth.change();
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
      server.isDown = false;
      session.answer(await session.resumes('The server can be reached again'));
      await session.showsMap();
    },
  },
  {
    name: 'far',
    about: 'the server does not know the version in `since` any more: the answer is a snapshot',
    async play(session) {
      const { truth, server } = session;
      await session.begin();
      // Seats of the old map that the snapshot does not list.
      for (let times = 0; times < 3; times++)
        truth.change({ seat: truth.anySeat(false), status: 'AVAILABLE' });
      truth.change({ seat: truth.anySeat(true), status: 'BOOKED' });
      server.cut();
      const subscription = await session.resumes('The connection was cut');
      subscription.send(truth.snapshot());
      await session.showsMap();
      await continues(session);
    },
  },
  {
    name: 'restored',
    about: 'the answer is a snapshot with a lower version than the client has',
    async play(session) {
      const { truth, server } = session;
      await session.begin();
      server.cut();
      const subscription = await session.resumes('The connection was cut');
      truth.restore(truth.version - 2);
      subscription.send(truth.snapshot());
      await session.showsMap();
      await continues(session);
    },
  },
  {
    name: 'unknown',
    about: 'statuses, letters, kinds and members that the client does not know',
    async play(session) {
      const { truth } = session;
      await session.begin();
      // Treated as not available.
      const seat = truth.change({ seat: truth.anySeat(true), status: 'ADDED_LATER' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMap();
      // Ignored.
      session.send({ ...truth.changes(truth.version), kind: 'ADDED_LATER', previousVersion: null });
      truth.change({ seat, status: 'AVAILABLE' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMapOrRecovers('A message had a kind that the client does not know');
      truth.change({ seat, status: 'ADDED_LATER' });
      session.server.cut();
      (await session.subscribed('The connection was cut')).send(truth.snapshot());
      await session.showsMap();
    },
  },
  {
    name: 'silent',
    about: 'nothing changes for a while',
    async play(session) {
      await session.begin();
      await session.staysSubscribed(SILENCE_MS, 'Nothing had changed, and the connection was open.');
      await continues(session);
    },
  },
  {
    name: 'expired',
    about: 'a lock has expired and no version records it yet; the digest is right',
    async play(session) {
      const { truth } = session;
      await session.begin();
      const locked = truth.change({ seat: truth.anySeat(true), status: 'LOCKED' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMap();
      truth.expireLocks();
      truth.change({ seat: truth.anySeat(true), status: 'BOOKED' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMapWithoutSubscribing(
        `Its map was right: the lock of seat ${locked} ended before serverTime, so the seat counts as available in the digest.`,
      );
      truth.change({ seat: locked, status: 'AVAILABLE' });
      session.send(truth.changes(truth.version - 1));
      await session.showsMap();
    },
  },
  {
    name: 'digest',
    about: 'right digests, then a message without one of its seats',
    async play(session) {
      const { truth } = session;
      const { fields } = await session.begin();
      if (!fields.includes('digest')) throw new NotApplicable('The client does not request digest.');
      truth.change();
      session.send(truth.changes(truth.version - 1));
      await session.showsMapWithoutSubscribing('Every digest was that of the map.');
      truth.change({ seat: truth.anySeat(true), status: 'BOOKED' });
      const message = truth.changes(truth.version - 1);
      session.expectsWrongMap = true;
      session.send({ ...message, seats: [] });
      const why = `The digest of version ${truth.version} was not that of the client's map`;
      const again = await session.subscribed(why);
      if (again.since !== null)
        throw new Finding(
          `${why}. The client subscribed again with since: ${again.since}. Its map is wrong: without since it gets a whole one.`,
        );
      session.expectsWrongMap = false;
      session.answer(again);
      await session.showsMap();
      await continues(session);
    },
  },
];

/** One more change arrives. The client may need to subscribe again for it. @param {Session} session */
async function continues(session) {
  session.truth.change();
  session.send(session.truth.changes(session.truth.version - 1));
  await session.showsMapOrRecovers('A change followed');
}
