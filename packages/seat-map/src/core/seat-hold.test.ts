import { describe, expect, test, vi } from 'vitest';
import { createCheckout } from '../check-out/checkout.js';
import { SeatMapError } from './api-error.js';
import { createSeatMapClient } from './client.js';
import { AVAILABLE, LOCKED } from './seat-status.js';
import { memoryStorage } from './storage.js';

/** A server that remembers calls by their request ids, and loses the answers that the test names. */
function server() {
  const state = {
    loses: '',
    refuses: undefined as object | undefined,
    refusesOnce: undefined as object | undefined,
    /** Before the answers of the next holds. */
    delays: [] as Promise<void>[],
  };
  const calls: {
    name: string;
    variables: { input?: Record<string, unknown> };
    authorization: string | null;
  }[] = [];
  const done = new Set<unknown>();
  const lock = (seatNumber: number) => ({
    ...{ id: `l${seatNumber}`, eventId: 'e1', seatNumber, status: 'ACTIVE', bookingId: null },
    ...{ createdAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 300_000).toISOString() },
    price: { amount: 4_500, currency: 'USD' },
  });
  const payment = { id: 'p1', provider: 'simulated', status: 'COMPLETED', lockIds: ['l1'], amount: 4_500 };
  const answers: Record<string, () => object> = {
    StartGuest: () => ({
      startGuest: {
        ...{ token: 'secret', expiresAt: new Date(Date.now() + 43_200_000).toISOString() },
        user: { id: 'u1' },
      },
    }),
    SeatMap: () => ({ event: { seatMap: { version: 1, statuses: 'AAAA', lockedSeats: [] } } }),
    LockSeats: () => ({ lockSeats: [lock(1), lock(2)] }),
    HoldSeats: () => ({ holdSeats: { locks: [lock(3)], refusal: null } }),
    CheckOut: () => ({
      checkOut: { payment, bookings: [{ id: 'b1', seatNumber: 1, status: 'CONFIRMED' }], clientSecret: null },
    }),
  };
  const send: typeof fetch = async (_url, init) => {
    const { operationName: name, variables } = JSON.parse(String(init?.body));
    calls.push({ name, variables, authorization: new Headers(init?.headers).get('authorization') });
    if (state.refuses !== undefined && name === 'LockSeats')
      return Response.json({ errors: [state.refuses] });
    const { refusesOnce } = state;
    state.refusesOnce = undefined;
    if (refusesOnce !== undefined) return Response.json({ errors: [refusesOnce] });
    if (name === 'HoldSeats') await state.delays.shift();
    if (variables.input?.requestId !== undefined) done.add(variables.input.requestId);
    if (state.loses === name) throw new TypeError('Failed to fetch');
    return Response.json({ data: answers[name]?.() });
  };
  return { state, calls, done, send, namesOf: () => calls.map(({ name }) => name) };
}

const hanging = () => new Promise<Response>(() => {});

/** A client without a connection: what it knows comes from the answers of its calls. */
async function open(send: typeof fetch, storage = memoryStorage()) {
  vi.stubGlobal('localStorage', storage);
  const client = createSeatMapClient({
    ...{ endpoint: 'https://server/graphql', webSocket: null, storage },
    fetch: (url, init) => (String(url).endsWith('/stream') ? hanging() : send(url, init)),
  });
  const hold = client.hold('e1');
  const checkout = createCheckout(client, hold);
  hold.subscribe(() => {});
  checkout.subscribe(() => {});
  const map = client.seatMap('e1');
  map.subscribe(() => {});
  await expect.poll(() => map.getSnapshot().version).toBe(1);
  return { client, hold, checkout, map };
}

describe('a hold', () => {
  test('starts one guest, shows the seats as locked at once, and tells own seats from others', async () => {
    const { send, namesOf, calls } = server();
    const { hold, map, client } = await open(send);
    const locked = Promise.all([hold.lock([1, 2]), hold.lock([1, 2])]);
    expect([...hold.getSnapshot().own]).toEqual([
      [1, 'holding'],
      [2, 'holding'],
    ]);
    expect([...map.getSnapshot().statuses]).toEqual([LOCKED, LOCKED, AVAILABLE, AVAILABLE]);
    await locked;
    const { own, endsAtMs, isWorking, viewerId } = hold.getSnapshot();
    expect([[...own], isWorking, viewerId]).toEqual([
      [
        [1, 'held'],
        [2, 'held'],
      ],
      false,
      'u1',
    ]);
    expect(endsAtMs).toBeGreaterThan(Date.now());
    expect(namesOf().filter((name) => name === 'StartGuest').length).toBe(1);
    expect(calls.at(-1)?.authorization).toBe('Bearer secret');
    client.close();
  });

  test('of a guest whose token has ended starts another guest, whatever the device’s date', async () => {
    const { send, state, namesOf } = server();
    const { hold, client } = await open(send);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2040, 0, 1) });
    await hold.lock([1]);
    state.refusesOnce = { message: 'Sign in.', extensions: { code: 'UNAUTHENTICATED' } };
    await hold.lock([1, 2]);
    vi.useRealTimers();
    const guests = namesOf().filter((name) => name === 'StartGuest');
    expect([guests.length, hold.getSnapshot().error]).toEqual([2, null]);
    client.close();
  });

  test('that is refused makes those seats available again that nobody else has', async () => {
    const { send, state } = server();
    const { hold, map, client } = await open(send);
    const details = { seatNumbers: [2] };
    state.refuses = { message: 'Seat 2 is taken.', extensions: { code: 'SEAT_UNAVAILABLE', details } };
    await expect(hold.lock([1, 2])).rejects.toThrow(SeatMapError);
    expect([...map.getSnapshot().statuses]).toEqual([AVAILABLE, LOCKED, AVAILABLE, AVAILABLE]);
    expect(hold.getSnapshot()).toMatchObject({
      error: { code: 'SEAT_UNAVAILABLE', details },
      isWorking: false,
    });
    client.close();
  });

  test('whose answers are lost is the same hold after a reload, and the next one is another', async () => {
    const { send, state, done } = server();
    const storage = memoryStorage();
    const wishes = [{ best: { quantity: 1 } }];
    const { hold, client } = await open(send, storage);
    state.loses = 'HoldSeats';
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(hold.hold(wishes)).rejects.toThrow('Failed to fetch');
    for (let second = 0; second < 30; second++) await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await refused;
    client.close();
    state.loses = '';
    const after = await open(send, storage);
    await after.hold.hold(wishes);
    expect(done.size).toBe(1);
    await after.hold.hold(wishes);
    expect(done.size).toBe(2);
    after.client.close();
  });
});

test('a check-out that a reload interrupts goes on by itself with its request id', async () => {
  const { send, state, done, namesOf } = server();
  const storage = memoryStorage();
  const { hold, checkout, client } = await open(send, storage);
  await hold.lock([1]);
  state.loses = 'CheckOut';
  checkout.pay({
    ...{ seatNumbers: [1], total: { amount: 4_500, currency: 'USD' }, isNamed: false },
    ...{ card: 'SUCCESS', contactEmail: 'ann@example.com' },
  });
  await expect.poll(namesOf).toContain('CheckOut');
  client.close();
  state.loses = '';
  const after = await open(send, storage);
  await expect.poll(() => after.checkout.getSnapshot()).toMatchObject({ outcome: { kind: 'booked' } });
  expect(done.size).toBe(1);
  after.client.close();
});

/** A storage that other code has written to. */
function withRubbish() {
  const storage = memoryStorage();
  return { ...storage, getItem: (key: string) => storage.getItem(key) ?? '{"half' };
}

test('a storage that is full, forbidden or has something else in it loses nothing of this page', async () => {
  const refuse = () => {
    throw new DOMException('Refused', 'QuotaExceededError');
  };
  const storages = [
    { ...memoryStorage(), setItem: refuse },
    { getItem: refuse, setItem: refuse, removeItem: refuse },
    withRubbish(),
  ];
  for (const storage of storages) {
    const { send, done, namesOf } = server();
    const { hold, checkout, client } = await open(send, storage);
    await hold.hold([{ best: { quantity: 1 } }]);
    await hold.lock([1]);
    expect(namesOf().filter((name) => name === 'StartGuest').length).toBe(1);
    checkout.pay({ seatNumbers: [1], total: { amount: 4_500, currency: 'USD' } });
    await expect.poll(() => checkout.getSnapshot()).toMatchObject({ outcome: { kind: 'booked' } });
    expect(done.size).toBe(2);
    client.close();
  }
});

test('two tabs that start a guest at the same moment are one guest', async () => {
  const { send, calls } = server();
  const storage = memoryStorage();
  let guests = 0;
  const numbered: typeof fetch = async (url, init) => {
    const answer = await send(url, init);
    if (!String(init?.body).includes('StartGuest')) return answer;
    guests += 1;
    const numbers = `$&-${guests}`;
    return Response.json(JSON.parse((await answer.text()).replace(/secret|u1/g, numbers)));
  };
  const tabs = [await open(numbered, storage), await open(numbered, storage)];
  await Promise.all(tabs.map(({ hold }) => hold.lock([1])));
  expect(guests).toBe(2);
  const lockedAs = calls.filter(({ name }) => name === 'LockSeats').map(({ authorization }) => authorization);
  const [guest] = new Set(lockedAs);
  expect([lockedAs.length, new Set(lockedAs).size]).toEqual([2, 1]);
  const viewers = tabs.map(({ client }) => `Bearer ${client.viewerId?.replace('u1', 'secret')}`);
  expect(viewers).toEqual([guest, guest]);
  for (const { client } of tabs) client.close();
});

test('of two holds at once, the answer to one keeps the request id of the other', async () => {
  const { send, state, calls } = server();
  const storage = memoryStorage();
  const { hold, client } = await open(send, storage);
  await hold.lock([1]);
  let answerFirst = () => {};
  const first = new Promise<void>((resolve) => {
    answerFirst = resolve;
  });
  const wishes = [1, 2].map((quantity) => [{ best: { quantity } }]);
  state.delays.push(first, new Promise(() => {}));
  const one = hold.hold(wishes[0] ?? []);
  void hold.hold(wishes[1] ?? []);
  await expect.poll(() => calls.filter(({ name }) => name === 'HoldSeats').length).toBe(2);
  answerFirst();
  await one;
  client.close();
  const after = await open(send, storage);
  await after.hold.hold(wishes[1] ?? []);
  const ids = calls
    .filter(({ name }) => name === 'HoldSeats')
    .map(({ variables }) => variables.input?.requestId);
  expect([ids.length, new Set(ids.slice(1)).size, ids[0] === ids[1]]).toEqual([3, 1, false]);
  after.client.close();
});

test('what one user has is not shown to the next one', async () => {
  const { send } = server();
  let viewerId = 'u1';
  const storage = memoryStorage();
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const client = createSeatMapClient({
    ...{
      endpoint: 'https://server/graphql',
      webSocket: null,
      storage,
      session: { viewerId: () => viewerId },
    },
    fetch: async (url, init) => {
      if (!String(url).endsWith('/stream')) return send(url, init);
      return new Response(new ReadableStream({ start: (controller) => void streams.push(controller) }));
    },
  });
  const hold = client.hold('e1');
  const stop = hold.subscribe(() => {});
  await expect.poll(() => streams.length).toBe(1);
  const serverTime = new Date().toISOString();
  const lock = {
    id: 'l1',
    seatNumber: 1,
    status: 'ACTIVE',
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  const data = { myReservationsChanged: { locks: [lock], bookings: [], serverTime } };
  streams[0]?.enqueue(new TextEncoder().encode(`event: next\ndata: ${JSON.stringify({ data })}\n\n`));
  await expect.poll(() => hold.getSnapshot().locks.length).toBe(1);
  viewerId = 'u2';
  client.sessionChanged();
  client.setViewer(viewerId);
  const { locks, own, isKnown } = hold.getSnapshot();
  expect([locks.length, own.size, isKnown]).toEqual([0, 0, false]);
  stop();
  client.close();
});
