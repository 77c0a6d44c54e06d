import { expect, test, vi } from 'vitest';
import type { SeatUpdate } from '../../feed/seat-update.js';
import type { SeatWatcher } from '../../feed/seat-watcher.js';
import { SLICE_WATCHERS_DURING_BATCH_MAX, SLICE_WATCHERS_MAX, TICK_MS } from '../../feed/tick-schedule.js';
import { batch, deliver, newFeedForEachTest, watch } from '../../test/support/feed-with-fakes.js';
import type { BroadcastConnection, MessageEncoding } from './broadcast.js';
import { BroadcastGroup, type GroupMember, type Membership } from './broadcast-group.js';
import { COMPRESSED_BYTES_MIN } from './compression.js';

newFeedForEachTest(20);

const MANY = 2 * SLICE_WATCHERS_MAX + 10;

/** A member that records its messages. A step is "1>2", a snapshot ">2". */
class Member implements GroupMember {
  /** From its own watcher. */
  readonly individual: string[] = [];
  /** From the group. */
  readonly broadcast: string[] = [];
  readonly frames: Buffer[] = [];
  /** The result of a write to its connection. */
  result: ReturnType<BroadcastConnection['writeNow']> = 'sent';
  readonly connection = {
    encoding: 'websocket',
    writeNow: (parts: readonly Buffer[]) => {
      const [frame] = parts;
      this.frames.push(Buffer.concat(parts));
      if (this.result !== 'refused')
        this.broadcast.push(String(frame?.subarray(frame.indexOf('@') + 1)).replace(/}$/, ''));
      this.onWrite();
      return this.result;
    },
  } as unknown as BroadcastConnection;
  onWrite: () => void = () => undefined;
  membership: Membership<Member> | undefined;

  constructor(
    readonly updates: SeatWatcher,
    readonly id: string,
    private readonly group: BroadcastGroup<Member>,
    encoding: MessageEncoding = 'websocket',
  ) {
    Object.assign(this.connection, { encoding });
    this.membership = group.add(this);
    updates.push({
      mayReceive: () => true,
      update: ({ previousVersion, version }) => {
        this.individual.push(`${previousVersion ?? ''}>${version}`);
        queueMicrotask(this.drained);
        return false;
      },
      end: () => undefined,
      fault: (error) => {
        throw error;
      },
    });
  }

  readonly drained = (): void => {
    this.updates.ready();
    if (this.membership !== undefined) this.group.synchronise(this.membership);
  };

  async leave(): Promise<void> {
    if (this.membership !== undefined) this.group.remove(this.membership);
    this.membership = undefined;
    await this.updates.return();
  }
}

async function crowd(
  size: number,
  { body = '', encodingOf = (_index: number): MessageEncoding => 'websocket' } = {},
) {
  const updates: SeatUpdate[] = [];
  const watchers = (await Promise.all(Array.from({ length: size }, () => watch()))) as SeatWatcher[];
  const { map } = watchers[0] as SeatWatcher;
  const messagesSent = vi.fn<(messages: number) => void>();
  const bodies = { canBeShared: true };
  const group = new BroadcastGroup<Member>(
    map,
    (update) => {
      if (!bodies.canBeShared) return null;
      updates.push(update);
      return [Buffer.from(`${body}@${update.previousVersion}>${update.version}`)];
    },
    messagesSent,
  );
  // Every third member has an id of its own.
  const members = watchers.map(
    (watcher, index) =>
      new Member(watcher, index % 3 === 0 ? `own ${index}` : 'same', group, encodingOf(index)),
  );
  const ticks = async () => {
    for (let tick = 0; tick < 12; tick++) {
      await vi.advanceTimersByTimeAsync(TICK_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await ticks();
  return { group, members, updates, messagesSent, bodies, ticks };
}

test('all synchronised members get one update, once each, over several event-loop slices', async () => {
  const { members, updates, messagesSent, ticks } = await crowd(MANY);
  deliver(1);
  await ticks();
  deliver(2, 3);
  await ticks();
  expect(updates.map(({ version }) => version)).toEqual([1, 3]);
  for (const { individual, broadcast } of members)
    expect([individual, broadcast]).toEqual([['>0'], ['0>1', '1>3']]);
  const messages = messagesSent.mock.calls.map(([count]) => count);
  expect(messages.reduce((sum, count) => sum + count, 0)).toBe(2 * MANY);
  expect(Math.max(...messages)).toBe(SLICE_WATCHERS_MAX);
});

test('while a batch is in progress, slices are smaller', async () => {
  const { members, messagesSent, ticks } = await crowd(MANY);
  batch.isInFlight = true;
  deliver(1);
  await ticks();
  for (const { broadcast } of members) expect(broadcast).toEqual(['0>1']);
  expect(Math.max(...messagesSent.mock.calls.map(([count]) => count))).toBe(SLICE_WATCHERS_DURING_BATCH_MAX);
});

test('members with the same id get the message in the encoding of their connection', async () => {
  const body = 'seat '.repeat(COMPRESSED_BYTES_MIN);
  const encodings = ['websocket', 'websocket-deflate', 'event-stream'] as const;
  const encodingOf = (index: number) => encodings[Math.floor(index / 3) % 3] as MessageEncoding;
  const { members, updates, ticks } = await crowd(MANY, { body, encodingOf });
  deliver(1);
  await ticks();
  expect(updates).toHaveLength(1);
  for (const { frames, connection, id } of members) {
    const [frame, ...others] = frames as [Buffer];
    expect(others).toEqual([]);
    if (connection.encoding === 'event-stream') {
      expect(String(frame)).toBe(`event: next\ndata: ${body}@0>1\n\n`);
      continue;
    }
    const isDeflated = connection.encoding === 'websocket-deflate';
    expect(frame.includes(`{"id":"${id}","type":"next"`)).toBe(true);
    expect([frame[0], frame.includes(body)]).toEqual(isDeflated ? [0xc1, false] : [0x81, true]);
  }
});

test('members that leave during a delivery, served or not, cause no other member to be skipped or served twice', async () => {
  const { members, ticks } = await crowd(MANY);
  const leaving = [0, 1, SLICE_WATCHERS_MAX - 1, SLICE_WATCHERS_MAX, SLICE_WATCHERS_MAX + 5, MANY - 1];
  const staying = members.filter((_, index) => !leaving.includes(index));
  let written = 0;
  for (const member of members)
    member.onWrite = () => {
      written += 1;
      if (written === SLICE_WATCHERS_MAX)
        setImmediate(() => leaving.forEach((index) => void members[index]?.leave()));
    };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  for (const { broadcast } of staying) expect(broadcast).toEqual(['0>1', '1>2']);
  for (const index of leaving) expect(members[index]?.broadcast.includes('1>2')).toBe(false);
});

test('a slow reader is catching up until it has drained, and is then synchronised again', async () => {
  const { members, ticks } = await crowd(5);
  const [slow, closing] = members as [Member, Member];
  slow.result = 'buffered';
  closing.result = 'refused';
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  deliver(3);
  await ticks();
  // A buffered message counts as sent. A refused one is sent by the member's own watcher.
  expect([slow.individual, slow.broadcast]).toEqual([['>0'], ['0>1']]);
  expect(closing.individual).toEqual(['>0', '0>1', '1>2', '2>3']);
  slow.result = 'sent';
  closing.result = 'sent';
  slow.drained();
  await ticks();
  deliver(4);
  await ticks();
  expect([slow.individual, slow.broadcast]).toEqual([
    ['>0', '1>3'],
    ['0>1', '3>4'],
  ]);
  expect(closing.broadcast).toEqual(['3>4']);
});

test('if no body can be shared, every member gets its message individually', async () => {
  const { members, bodies, ticks } = await crowd(MANY);
  bodies.canBeShared = false;
  deliver(1);
  await ticks();
  bodies.canBeShared = true;
  deliver(2);
  await ticks();
  for (const { individual, broadcast } of members)
    expect([individual, broadcast]).toEqual([['>0', '0>1'], ['1>2']]);
});

test('a member added during a delivery is synchronised for the next one', async () => {
  const { group, members, ticks } = await crowd(MANY);
  let late: Member | undefined;
  const [first] = members as [Member];
  first.onWrite = () => {
    first.onWrite = () => undefined;
    setImmediate(
      () => void watch().then((watcher) => (late = new Member(watcher as SeatWatcher, 'same', group))),
    );
  };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  expect([late?.individual, late?.broadcast]).toEqual([['>1'], ['1>2']]);
  expect(first.broadcast).toEqual(['0>1', '1>2']);
});

test('a member added between a change and its tick does not get the change twice', async () => {
  const { group, members, ticks } = await crowd(3);
  deliver(1);
  await vi.advanceTimersByTimeAsync(0);
  // This change waits for the tick.
  deliver(2);
  const late = new Member((await watch()) as SeatWatcher, 'same', group);
  await ticks();
  deliver(3);
  await ticks();
  expect([late.individual, late.broadcast]).toEqual([['>2'], ['2>3']]);
  expect(members[0]?.broadcast).toEqual(['0>1', '1>2', '2>3']);
});

test('a member added while all others leave during a delivery gets nothing of that delivery', async () => {
  const { group, members, ticks } = await crowd(MANY);
  let late: Member | undefined;
  const [first] = members as [Member];
  first.onWrite = () => {
    first.onWrite = () => undefined;
    setImmediate(async () => {
      late = new Member((await watch()) as SeatWatcher, 'same', group);
      for (const member of members) void member.leave();
    });
  };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  expect([late?.individual, late?.broadcast]).toEqual([['>1'], ['1>2']]);
});
