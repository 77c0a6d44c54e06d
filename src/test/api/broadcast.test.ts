import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { ExecutionScheduler, type QueuedExecution } from '../../server/broadcast/execution-scheduler.js';
import { DOCUMENTS_MAX } from '../../server/limits/operation-limits.js';
import { LOCK_SEAT, SEAT_AVAILABILITY_CHANGED } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';

/** Many watchers of one map: each shared answer is built once, and each watcher gets it as if it were alone. */

let app: App;
let organizer: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  organizer = await app.user();
});
afterAll(() => app.close());

let eventId: string;
beforeEach(async () => {
  eventId = await app.event(organizer, { totalSeats: 20 });
});

const FIELDS = 'kind version previousVersion seats { seatNumber status lockedUntil } statuses serverTime';
const watchOf = (fields = FIELDS) =>
  `subscription Watch($id: ID!, $since: Int) { seatAvailabilityChanged(eventId: $id, since: $since) { ${fields} } }`;
const lock = async (seatNumber: number) =>
  app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, await app.user());

async function openSocket(): Promise<RawSocket> {
  const socket = await RawSocket.open(app.url);
  await socket.init();
  return socket;
}

const payloadOf = async (socket: RawSocket) => {
  const message = await socket.next();
  return message?.payload as { data: { seatAvailabilityChanged: { version: number; kind: string } } };
};
const updateOf = async (socket: RawSocket) => (await payloadOf(socket)).data.seatAvailabilityChanged;

async function counted(work: () => Promise<unknown>) {
  const read = async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
    return { executions: value('feed_built_answers_total'), deliveries: value('feed_sent_messages_total') };
  };
  const before = await read();
  await work();
  const after = await read();
  return {
    executions: after.executions - before.executions,
    deliveries: after.deliveries - before.deliveries,
  };
}

describe('an update', () => {
  test('is executed once for all watchers with the same operation, whatever their ids, layout and starting versions', async () => {
    await lock(20);
    // The map may get a change a moment after the call that made it is answered.
    const watcher = app.watch(eventId);
    await watcher.until(({ seatAvailabilityChanged: { version } }) => version === 1);
    watcher.unsubscribe();
    const sockets = await Promise.all(Array.from({ length: 30 }, openSocket));
    sockets.forEach((socket, index) => {
      const query = index % 2 === 0 ? watchOf() : watchOf().replaceAll(' ', '\n  ');
      socket.subscribe(`watcher ${index}`, query, { id: eventId, ...(index % 3 === 0 && { since: 1 }) });
    });
    for (const socket of sockets) expect(await updateOf(socket)).toMatchObject({ version: 1 });

    const seen: unknown[] = [];
    const { executions, deliveries } = await counted(async () => {
      await lock(1);
      for (const socket of sockets) seen.push(await updateOf(socket));
    });
    expect(deliveries).toBe(30);
    expect(executions).toBe(1);
    expect(seen).toEqual(Array(30).fill(seen[0]));
    expect(seen[0]).toMatchObject({
      kind: 'CHANGES',
      previousVersion: 1,
      version: 2,
      seats: [{ seatNumber: 1 }],
    });
  });

  test('is executed once for a large group, also after twenty individual watchers subscribed', async () => {
    const individual = await openSocket();
    for (let id = 0; id < 20; id++) {
      individual.subscribe(`own ${id}`, watchOf(`own${id}: version`), { id: eventId });
      await individual.next();
    }
    const crowd = await Promise.all(Array.from({ length: 50 }, openSocket));
    for (const socket of crowd) {
      socket.subscribe('1', watchOf(), { id: eventId });
      await socket.next();
    }
    const { executions, deliveries } = await counted(async () => {
      await lock(1);
      for (const socket of crowd) await socket.next();
      for (let id = 0; id < 20; id++) await individual.next();
    });
    expect(deliveries).toBe(70);
    expect(executions).toBe(21);
  });

  test('is sent to later watchers without being built again, each with its own server time', async () => {
    const first = await openSocket();
    first.subscribe('1', watchOf('version a: serverTime seats { seatNumber } b: serverTime'), {
      id: eventId,
    });
    type Times = { a: string; b: string };
    const timesOf = async (socket: RawSocket) => (await updateOf(socket)) as unknown as Times;
    const early = await timesOf(first);
    app.clock.advance(1_234);
    const later = await openSocket();
    const { executions, deliveries } = await counted(async () => {
      later.subscribe('1', watchOf('version a: serverTime seats { seatNumber } b: serverTime'), {
        id: eventId,
      });
      const late = await timesOf(later);
      expect(late.a).toBe(late.b);
      expect(Date.parse(late.a) - Date.parse(early.a)).toBe(1_234);
    });
    expect({ executions, deliveries }).toEqual({ executions: 0, deliveries: 1 });
  });

  test('is executed for each selection, alias, directive and name of an operation', async () => {
    const socket = await openSocket();
    const skipping = watchOf('version statuses @include(if: $all)').replace(
      '$since: Int',
      '$since: Int, $all: Boolean!',
    );
    const operations: [query: string, variables: object, shape: object][] = [
      [watchOf('version'), {}, { seatAvailabilityChanged: { version: 1 } }],
      [watchOf('v: version'), {}, { seatAvailabilityChanged: { v: 1 } }],
      [watchOf('version').replace('seatAv', 'map: seatAv'), {}, { map: { version: 1 } }],
      [skipping, { all: false }, { seatAvailabilityChanged: { version: 1 } }],
      [skipping, { all: true }, { seatAvailabilityChanged: { version: 1, statuses: `L${'A'.repeat(19)}` } }],
    ];
    for (const [index, [query, variables]] of operations.entries()) {
      socket.subscribe(String(index), query, { id: eventId, ...variables });
      await socket.next();
    }
    await lock(1);
    const answers = await Promise.all(operations.map(() => socket.next()));
    for (const [index, [, , data]] of operations.entries()) {
      expect(answers.find((answer) => answer?.id === String(index))?.payload).toEqual({ data });
    }
  });

  test('is executed once also for a watcher that comes after hundreds of other documents were parsed', async () => {
    const [early, others, late] = [await openSocket(), await openSocket(), await openSocket()];
    early.subscribe('1', watchOf(), { id: eventId });
    await updateOf(early);
    for (let each = 0; each < DOCUMENTS_MAX; each++) {
      others.subscribe('1', `{ n${each}: __typename }`);
      await others.answerTo('1');
    }
    late.subscribe('1', watchOf(), { id: eventId });
    await updateOf(late);
    const { executions, deliveries } = await counted(async () => {
      await lock(1);
      for (const socket of [early, late]) expect(await updateOf(socket)).toMatchObject({ version: 1 });
    });
    expect({ executions, deliveries }).toEqual({ executions: 1, deliveries: 2 });
  });

  test('of one of two operations in a document is that one’s', async () => {
    const socket = await openSocket();
    const query = `subscription A($id: ID!) { seatAvailabilityChanged(eventId: $id) { version } }
      subscription B($id: ID!) { seatAvailabilityChanged(eventId: $id) { kind } }`;
    for (const operationName of ['A', 'B']) {
      socket.send({
        id: operationName,
        type: 'subscribe',
        payload: { query, operationName, variables: { id: eventId } },
      });
    }
    const answers = [await socket.next(), await socket.next()];
    expect(answers).toEqual(
      expect.arrayContaining([
        { id: 'A', type: 'next', payload: { data: { seatAvailabilityChanged: { version: 0 } } } },
        { id: 'B', type: 'next', payload: { data: { seatAvailabilityChanged: { kind: 'SNAPSHOT' } } } },
      ]),
    );
  });

  test('is executed once, whatever else the documents contain', async () => {
    const beside = [
      '',
      'query Me { me { ...F } } fragment F on User { id }',
      'query E($id: ID!) { event(id: $id) { id } }',
    ];
    const sockets = await Promise.all(beside.map(openSocket));
    for (const [index, socket] of sockets.entries()) {
      const query = `${watchOf()} ${beside[index]}`;
      socket.send({
        id: '1',
        type: 'subscribe',
        payload: { query, operationName: 'Watch', variables: { id: eventId } },
      });
      await socket.next();
    }
    const { executions, deliveries } = await counted(async () => {
      await lock(1);
      for (const socket of sockets) expect(await updateOf(socket)).toMatchObject({ version: 1 });
    });
    // The documents differ, so each is executed by itself, and every watcher still gets the update.
    expect({ executions, deliveries }).toEqual({ executions: 3, deliveries: 3 });
  });

  test('is sent under any id that JSON can express', async () => {
    const socket = await openSocket();
    const id = 'a "quoted" \\ id\nof 💺';
    socket.subscribe(id, watchOf('version'), { id: eventId });
    expect(await socket.next()).toEqual({
      id,
      type: 'next',
      payload: { data: { seatAvailabilityChanged: { version: 0 } } },
    });
  });
});

describe('while there is no scheduler slot for individual answers', () => {
  test('a large group gets each change at once, and an individual watcher gets the newest state when its slot comes', async () => {
    const crowd = await Promise.all(Array.from({ length: 25 }, openSocket));
    for (const socket of crowd) {
      socket.subscribe('1', watchOf(), { id: eventId });
      await socket.next();
    }
    const individual = await openSocket();
    individual.subscribe('1', watchOf('own: version seats { seatNumber }'), { id: eventId });
    await individual.next();

    const waiting: QueuedExecution[] = [];
    vi.spyOn(ExecutionScheduler.prototype, 'hasFreeSlot', 'get').mockReturnValue(false);
    vi.spyOn(ExecutionScheduler.prototype, 'enqueue').mockImplementation((one) => void waiting.push(one));
    for (const seatNumber of [1, 2]) {
      await lock(seatNumber);
      for (const socket of crowd) expect(await updateOf(socket)).toMatchObject({ version: seatNumber });
    }
    // One entry waits, however many changes come meanwhile. So does a newcomer without a shared answer yet.
    expect(waiting).toHaveLength(1);
    const newcomer = await openSocket();
    newcomer.subscribe('1', watchOf(), { id: eventId });
    await expect.poll(() => waiting).toHaveLength(2);
    for (const one of waiting) one.execute();
    expect(await updateOf(newcomer)).toMatchObject({ kind: 'SNAPSHOT', version: 2 });
    expect(await updateOf(individual)).toEqual({ own: 2, seats: [{ seatNumber: 1 }, { seatNumber: 2 }] });
    // An answer built for one watcher is there for all with the same operation.
    const another = await openSocket();
    another.subscribe('1', watchOf(), { id: eventId });
    expect(await updateOf(another)).toMatchObject({ kind: 'SNAPSHOT', version: 2 });
    expect(waiting).toHaveLength(2);
    vi.restoreAllMocks();
    await lock(3);
    expect(await updateOf(individual)).toEqual({ own: 3, seats: [{ seatNumber: 3 }] });
  });
});

describe('an execution', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('for a large group at a tick is not charged to the scheduler', async () => {
    const took = vi.spyOn(ExecutionScheduler.prototype, 'charge');
    const socket = await openSocket();
    socket.subscribe('1', watchOf('crowd: version'), { id: eventId });
    await socket.next();
    expect(took).toHaveBeenCalledOnce();
    for (const seatNumber of [1, 2, 3]) {
      await lock(seatNumber);
      expect(await updateOf(socket)).toEqual({ crowd: seatNumber });
    }
    expect(took).toHaveBeenCalledOnce();
  });

  test('for a small group is compressed before its time is charged', async () => {
    const took = vi.spyOn(ExecutionScheduler.prototype, 'charge');
    const deflated = vi.spyOn(zlib, 'deflateRawSync');
    syncBuiltinESMExports();
    onTestFinished(() => {
      deflated.mockRestore();
      syncBuiltinESMExports();
    });
    eventId = await app.event(organizer, { totalSeats: 2_000 });
    const socket = await openSocket();
    socket.subscribe('1', watchOf('a: statuses b: statuses'), { id: eventId });
    await socket.next();
    expect(deflated).toHaveBeenCalledOnce();
    expect(deflated).toHaveBeenCalledBefore(took);
  });

  test.each([-1, 1_000])(
    'in a scheduler slot ends within the slot, also for a watcher that starts at %i',
    async (since) => {
      const waiting: QueuedExecution[] = [];
      vi.spyOn(ExecutionScheduler.prototype, 'hasFreeSlot', 'get').mockReturnValue(false);
      vi.spyOn(ExecutionScheduler.prototype, 'enqueue').mockImplementation((one) => void waiting.push(one));
      const took = vi.spyOn(ExecutionScheduler.prototype, 'charge');
      const socket = await openSocket();
      socket.subscribe('1', watchOf('late: version kind'), { id: eventId, since });
      await expect.poll(() => waiting).toHaveLength(1);
      expect(took).not.toHaveBeenCalled();
      waiting[0]?.execute();
      expect(took).toHaveBeenCalledOnce();
      expect(await updateOf(socket)).toEqual({ late: 0, kind: 'SNAPSHOT' });
    },
  );

  test('does not stay queued when its watcher has gone', async () => {
    vi.spyOn(ExecutionScheduler.prototype, 'hasFreeSlot', 'get').mockReturnValue(false);
    const wait = vi.spyOn(ExecutionScheduler.prototype, 'enqueue').mockReturnValue();
    const leave = vi.spyOn(ExecutionScheduler.prototype, 'remove');
    const socket = await openSocket();
    socket.subscribe('1', watchOf('gone: version'), { id: eventId });
    await expect.poll(() => wait).toHaveBeenCalledOnce();
    socket.socket.terminate();
    await expect.poll(() => leave).toHaveBeenCalledOnce();
    expect(leave.mock.calls[0]).toEqual(wait.mock.calls[0]?.slice(0, 2));
  });
});

describe('a subscription', () => {
  test('that was completed gets nothing more, and its id can be used again', async () => {
    const socket = await openSocket();
    socket.subscribe('1', watchOf('version'), { id: eventId });
    await socket.next();
    socket.send({ id: '1', type: 'complete' });
    socket.send({ type: 'ping' });
    expect(await socket.next()).toEqual({ type: 'pong' });
    socket.subscribe('1', watchOf('kind version'), { id: eventId });
    expect((await socket.next())?.payload).toEqual({
      data: { seatAvailabilityChanged: { kind: 'SNAPSHOT', version: 0 } },
    });
    await lock(1);
    expect((await socket.next())?.payload).toEqual({
      data: { seatAvailabilityChanged: { kind: 'CHANGES', version: 1 } },
    });
    await lock(2);
    expect((await socket.next())?.payload).toMatchObject({
      data: { seatAvailabilityChanged: { version: 2 } },
    });
  });

  test('to an unknown event ends in an error under its id', async () => {
    const socket = await openSocket();
    socket.subscribe('1', watchOf('version'), { id: 'nothing00000' });
    expect(await socket.next()).toMatchObject({
      id: '1',
      payload: { errors: [{ extensions: { code: 'EVENT_NOT_FOUND' } }] },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  });

  test('works with a standard client library', async () => {
    const messages = app.subscribe(SEAT_AVAILABILITY_CHANGED, { eventId });
    expect((await messages.next()).seatAvailabilityChanged.kind).toBe('SNAPSHOT');
    await lock(3);
    expect((await messages.next()).seatAvailabilityChanged).toMatchObject({ kind: 'CHANGES', version: 1 });
  });
});
