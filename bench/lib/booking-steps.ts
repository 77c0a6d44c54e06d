import type { Step, Work } from './load-job.js';
import { AVAILABILITY, CONFIRM, DO_NOTHING, LOCK, PAY, STATUSES, TAKEN_SEATS } from './operations.js';

/** @returns the operation's data */
export type Call = (query: string, variables: object) => Promise<Record<string, unknown>>;

/** Executes one step of the work and stores in it what the next step needs. */
export const STEPS: Readonly<Record<Step, (call: Call, work: Work) => Promise<void>>> = {
  lock: async (call, work) => {
    const { eventId, seatNumber } = work;
    const data = await call(LOCK, { input: { eventId, seatNumber } });
    work.lockId = (data.lockSeat as { id: string }).id;
  },
  pay: async (call, work) => {
    const input = { lockIds: [work.lockId], amount: 15_000, currency: 'USD', cardStatus: 'SUCCESS' };
    const data = await call(PAY, { input });
    work.paymentId = (data.simulatePayment as { paymentId: string }).paymentId;
  },
  confirm: async (call, work) => {
    const { lockId, paymentId, eventId, seatNumber } = work;
    await call(CONFIRM, { input: { lockId, paymentId, requestId: `${eventId} ${seatNumber}` } });
  },
  journey: async (call, work) => {
    await STEPS.lock(call, work);
    await STEPS.pay(call, work);
    await STEPS.confirm(call, work);
  },
  nothing: async (call, { seatNumber }) => {
    await call(DO_NOTHING, { seatNumber });
  },
  availability: async (call, { eventId }) => {
    await call(AVAILABILITY, { eventId });
  },
  statuses: async (call, { eventId }) => {
    await call(STATUSES, { eventId });
  },
  takenSeats: async (call, { eventId }) => {
    await call(TAKEN_SEATS, { eventId });
  },
};
