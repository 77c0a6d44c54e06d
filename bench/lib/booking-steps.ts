import type { Step, Work } from './load-job.js';
import {
  AVAILABILITY,
  CHECK_OUT,
  CONFIRM,
  DO_NOTHING,
  HOLD_SEATS,
  type HoldAnswer,
  LOCK,
  LOCK_SEATS,
  PAY,
  RELEASE_HOLD,
  STATUSES,
  TAKEN_SEATS,
} from './operations.js';
import { Refused } from './transports.js';

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
  twoCallJourney: async (call, work) => {
    const { eventId, seatNumber } = work;
    const wishes = [{ seatNumbers: [seatNumber] }];
    const { locks, refusal } = (await call(HOLD_SEATS, { input: { eventId, wishes } }))
      .holdSeats as HoldAnswer;
    if (refusal !== null) throw new Refused(refusal.code);
    work.lockId = locks[0]?.id as string;
    const amount = { amount: 15_000, currency: 'USD' };
    const requestId = `${eventId} ${seatNumber}`;
    const input = { eventId, seatNumbers: [seatNumber], amount, expectedTotal: amount, requestId };
    const data = await call(CHECK_OUT, { input });
    work.paymentId = (data.checkOut as { payment: { id: string } }).payment.id;
  },
  lockPair: async (call, work) => {
    const { eventId, seatNumber } = work;
    const seatNumbers = [seatNumber, seatNumber + 1];
    await call(LOCK_SEATS, { input: { eventId, seatNumbers } });
    work.seatNumbers = seatNumbers;
  },
  holdPair: async (call, work) => {
    const { eventId } = work;
    const data = await call(HOLD_SEATS, { input: { eventId, wishes: [{ best: { quantity: 2 } }] } });
    const { locks, refusal } = data.holdSeats as HoldAnswer;
    if (refusal !== null) throw new Refused(refusal.code);
    work.seatNumbers = locks.map(({ seatNumber }) => seatNumber);
  },
  releaseHold: async (call, { eventId }) => {
    await call(RELEASE_HOLD, { eventId });
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
