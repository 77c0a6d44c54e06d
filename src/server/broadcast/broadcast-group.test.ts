import { expect, test, vi } from 'vitest';
import type { SeatUpdate } from '../../feed/seat-update.js';
import type { SeatWatcher } from '../../feed/seat-watcher.js';
import { SLICE_WATCHERS_DURING_BATCH_MAX, SLICE_WATCHERS_MAX, TICK_MS } from '../../feed/tick-schedule.js';
import { batch, deliver, newFeedForEachTest, watch } from '../../test/support/feed-with-fakes.js';
import type { WebSocketConnection } from '../websocket/connections.js';
import { COMPRESSED_BYTES_MIN } from '../websocket/deflate.js';
import { BroadcastGroup, type GroupMember, type Membership } from './broadcast-group.js';

newFeedForEachTest(20);

const MANY = 2 * SLICE_WATCHERS_MAX + 10;

/** Whoever watches, and what it was told: in step with others, or by itself. */
class Member implements GroupMember {
  /** The steps that it was told by itself, a map as ">version", and those that it was told with others. */
  readonly alone: string[] = [];
  readonly inStep: string[] = [];
  readonly frames: Buffer[] = [];
  /** What its connection does with a frame. */
  sends: ReturnType<WebSocketConnection['sendFrame']> = 'sent';
  readonly connection = {
    compresses: false,
    sendFrame: (parts: readonly Buffer[]) => {
      const [frame] = parts;
      this.frames.push(Buffer.concat(parts));
      if (this.sends !== 'refused') this.inStep.push(String(frame?.subarray(frame.indexOf('@') + 1)));
      this.onTold();
      return this.sends;
    },
  } as unknown as WebSocketConnection;
  onTold: () => void = () => undefined;
  place: Membership<Member> | undefined;

  constructor(
    readonly updates: SeatWatcher,
    readonly id: string,
    private readonly row: BroadcastGroup<Member>,
    compresses = false,
  ) {
    Object.assign(this.connection, { compresses });
    this.place = row.add(this);
    updates.push({
      mayReceive: () => true,
      update: ({ previousVersion, version }) => {
        this.alone.push(`${previousVersion ?? ''}>${version}`);
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
    if (this.place !== undefined) this.row.synchronise(this.place);
  };

  async leave(): Promise<void> {
    if (this.place !== undefined) this.row.remove(this.place);
    this.place = undefined;
    await this.updates.return();
  }
}

async function crowd(size: number, { body = '', deflates = (_index: number): boolean => false } = {}) {
  const updates: SeatUpdate[] = [];
  const watchers = (await Promise.all(Array.from({ length: size }, () => watch()))) as SeatWatcher[];
  const { map } = watchers[0] as SeatWatcher;
  const delivered = vi.fn<(messages: number) => void>();
  const bodies = { isForAll: true };
  const row = new BroadcastGroup<Member>(
    map,
    (update) => {
      if (!bodies.isForAll) return null;
      updates.push(update);
      return [Buffer.from(`${body}@${update.previousVersion}>${update.version}`)];
    },
    delivered,
  );
  // Every third has an id of its own.
  const members = watchers.map(
    (watcher, index) => new Member(watcher, index % 3 === 0 ? `own ${index}` : 'same', row, deflates(index)),
  );
  const ticks = async () => {
    for (let turns = 0; turns < 12; turns++) {
      await vi.advanceTimersByTimeAsync(TICK_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await ticks();
  return { row, members, updates, delivered, bodies, ticks };
}

test('all who are at one version are told by one update, once each, over several turns', async () => {
  const { members, updates, delivered, ticks } = await crowd(MANY);
  deliver(1);
  await ticks();
  deliver(2, 3);
  await ticks();
  expect(updates.map(({ version }) => version)).toEqual([1, 3]);
  for (const { alone, inStep } of members) expect([alone, inStep]).toEqual([['>0'], ['0>1', '1>3']]);
  const messages = delivered.mock.calls.map(([count]) => count);
  expect(messages.reduce((sum, count) => sum + count, 0)).toBe(2 * MANY);
  expect(Math.max(...messages)).toBe(SLICE_WATCHERS_MAX);
});

test('while a batch is under way few are told before it has its turn', async () => {
  const { members, delivered, ticks } = await crowd(MANY);
  batch.isUnderWay = true;
  deliver(1);
  await ticks();
  for (const { inStep } of members) expect(inStep).toEqual(['0>1']);
  expect(Math.max(...delivered.mock.calls.map(([count]) => count))).toBe(SLICE_WATCHERS_DURING_BATCH_MAX);
});

test('whoever takes compressed messages is told by one, whoever does not by a whole one, also where their ids are the same', async () => {
  const body = 'seat '.repeat(COMPRESSED_BYTES_MIN);
  const { members, updates, ticks } = await crowd(MANY, { body, deflates: (index) => index % 2 === 0 });
  deliver(1);
  await ticks();
  expect(updates).toHaveLength(1);
  for (const { frames, connection, id } of members) {
    const [frame, ...others] = frames as [Buffer];
    expect(others).toEqual([]);
    expect(frame.includes(`{"id":"${id}","type":"next"`)).toBe(true);
    expect([frame[0], frame.includes(body)]).toEqual(connection.compresses ? [0xc1, false] : [0x81, true]);
  }
});

test('whoever leaves while others are told, told already or not, takes nobody’s message along', async () => {
  const { members, ticks } = await crowd(MANY);
  const leaving = [0, 1, SLICE_WATCHERS_MAX - 1, SLICE_WATCHERS_MAX, SLICE_WATCHERS_MAX + 5, MANY - 1];
  const staying = members.filter((_, index) => !leaving.includes(index));
  let told = 0;
  for (const member of members)
    member.onTold = () => {
      told += 1;
      if (told === SLICE_WATCHERS_MAX)
        setImmediate(() => leaving.forEach((index) => void members[index]?.leave()));
    };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  for (const { inStep } of staying) expect(inStep).toEqual(['0>1', '1>2']);
  for (const index of leaving) expect(members[index]?.inStep.includes('1>2')).toBe(false);
});

test('whoever reads slowly is told by itself what it missed, and with the others again once it has read', async () => {
  const { members, ticks } = await crowd(5);
  const [slow, closing] = members as [Member, Member];
  slow.sends = 'buffered';
  closing.sends = 'refused';
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  deliver(3);
  await ticks();
  // What it was sent it has been told; what was not sent came by itself.
  expect([slow.alone, slow.inStep]).toEqual([['>0'], ['0>1']]);
  expect(closing.alone).toEqual(['>0', '0>1', '1>2', '2>3']);
  slow.sends = 'sent';
  closing.sends = 'sent';
  slow.drained();
  await ticks();
  deliver(4);
  await ticks();
  expect([slow.alone, slow.inStep]).toEqual([
    ['>0', '1>3'],
    ['0>1', '3>4'],
  ]);
  expect(closing.inStep).toEqual(['3>4']);
});

test('where there is nothing that is for all, each is told by itself, and nobody is left out', async () => {
  const { members, bodies, ticks } = await crowd(MANY);
  bodies.isForAll = false;
  deliver(1);
  await ticks();
  bodies.isForAll = true;
  deliver(2);
  await ticks();
  for (const { alone, inStep } of members) expect([alone, inStep]).toEqual([['>0', '0>1'], ['1>2']]);
});

test('whoever comes while others are told is told in step with them from the next time on', async () => {
  const { row, members, ticks } = await crowd(MANY);
  let late: Member | undefined;
  const [first] = members as [Member];
  first.onTold = () => {
    first.onTold = () => undefined;
    setImmediate(
      () => void watch().then((watcher) => (late = new Member(watcher as SeatWatcher, 'same', row))),
    );
  };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  expect([late?.alone, late?.inStep]).toEqual([['>1'], ['1>2']]);
  expect(first.inStep).toEqual(['0>1', '1>2']);
});

test('whoever comes between a change and its tick is not told it a second time', async () => {
  const { row, members, ticks } = await crowd(3);
  deliver(1);
  await vi.advanceTimersByTimeAsync(0);
  // It waits for the tick.
  deliver(2);
  const late = new Member((await watch()) as SeatWatcher, 'same', row);
  await ticks();
  deliver(3);
  await ticks();
  expect([late.alone, late.inStep]).toEqual([['>2'], ['2>3']]);
  expect(members[0]?.inStep).toEqual(['0>1', '1>2', '2>3']);
});

test('whoever comes where all others left while they were told is told nothing of theirs', async () => {
  const { row, members, ticks } = await crowd(MANY);
  let late: Member | undefined;
  const [first] = members as [Member];
  first.onTold = () => {
    first.onTold = () => undefined;
    setImmediate(async () => {
      late = new Member((await watch()) as SeatWatcher, 'same', row);
      for (const member of members) void member.leave();
    });
  };
  deliver(1);
  await ticks();
  deliver(2);
  await ticks();
  expect([late?.alone, late?.inStep]).toEqual([['>1'], ['1>2']]);
});
