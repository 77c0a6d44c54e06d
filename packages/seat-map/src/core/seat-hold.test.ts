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
