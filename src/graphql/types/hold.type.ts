import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Adjacency as AdjacencyValue } from '../../booking/choose-seats.js';
import { type Lock, priceOfLock, remainingMs } from '../../booking/lock.js';
import type { SeatRefusal } from '../../booking/seat-wish.js';
import type { Event } from '../../catalog/event.js';
import type { Money } from '../../catalog/money.js';
import { Adjacency, SeatRefusalCode } from './enums.js';
import { EventType } from './event.type.js';
import { MoneyType } from './money.type.js';
import { SeatLockType, seatLockType } from './seat-lock.type.js';

@ObjectType('Hold', {
  simpleResolvers: true,
  description: 'All that one user holds of one event. It ends when its first lock does.',
})
export class HoldType {
  @Field(() => EventType, { description: 'The event that the seats belong to.' })
  event!: Event;

  @Field(() => [SeatLockType], { description: 'ACTIVE locks, oldest first.' })
  locks!: SeatLockType[];

  @Field(() => Date, { description: 'When its first lock expires, unless it is extended before.' })
  expiresAt!: Date;

  @Field(() => Int, { description: "Whole milliseconds until then by the server's clock." })
  remainingMs!: number;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What the seats cost: their prices when they were locked. Null where a seat has no price.',
  })
  total!: Money | null;
}

/** @returns null if nothing is held */
export function holdType(event: Event, locks: readonly Lock[], now: Date): HoldType | null {
  const [first, ...others] = locks;
  if (first === undefined) return null;
  const next = others.reduce((soonest, lock) => (lock.expiresAt < soonest.expiresAt ? lock : soonest), first);
  return {
    event,
    locks: locks.map((lock) => seatLockType(lock, now)),
    expiresAt: next.expiresAt,
    remainingMs: remainingMs(next, now),
    total: totalOf(locks.map((lock) => priceOfLock(event, lock))),
  };
}

function totalOf(prices: readonly (Money | null)[]): Money | null {
  let amount = 0;
  let currency = '';
  for (const price of prices) {
    if (price === null) return null;
    amount += price.amount;
    currency = price.currency;
  }
  return { amount, currency };
}

@ObjectType('SeatRefusal', {
  simpleResolvers: true,
  description: 'Why the seats of a wish could not be had, and what could be had at that very decision.',
})
export class SeatRefusalType implements SeatRefusal {
  @Field(() => SeatRefusalCode, { description: 'Why.' })
  code!: SeatRefusal['code'];

  @Field(() => [Int], { description: 'Named seats that somebody else has.' })
  lostSeats!: readonly number[];

  @Field(() => [[Int]], {
    description:
      'For seats that the caller named: blocks of as many that were free at the decision, nearest first, at most 5. Empty for BestSeats: such a block would have been held.',
  })
  offers!: readonly (readonly number[])[];

  @Field(() => Int, { description: 'The longest run of free neighbouring seats in the wished sections.' })
  largestBlock!: number;

  @Field(() => [Int], { description: 'Single seats that the pick would leave.' })
  orphanSeats!: readonly number[];
}

@ObjectType('HoldSeatsPayload', { simpleResolvers: true, description: 'What became of the wishes.' })
export class HoldSeatsPayloadType {
  @Field(() => HoldType, {
    nullable: true,
    description: 'All that the caller holds of the event now; null for nothing.',
  })
  hold!: HoldType | null;

  @Field(() => [SeatLockType], { description: 'Of the wish that could be had; empty if none could.' })
  locks!: SeatLockType[];

  @Field(() => Int, {
    nullable: true,
    description: 'Which wish that was, from 0; null if none could be had.',
  })
  wishIndex!: number | null;

  @Field(() => Adjacency, {
    nullable: true,
    description: 'How close the seats are that the server chose; null for seats that the caller named.',
  })
  adjacency!: AdjacencyValue | null;

  @Field(() => SeatRefusalType, {
    nullable: true,
    description: 'Why the first wish could not be had, if none could.',
  })
  refusal!: SeatRefusal | null;
}

@InputType('BestSeats', { description: 'Seats that the server is to choose.' })
export class BestSeatsInput {
  @Field(() => Int, { description: '1 to 100.' })
  quantity!: number;

  @Field(() => [ID], { nullable: true, description: 'Sections to choose from. Default: all.' })
  sectionIds?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The dearest that one of them may be, in minor units. The dearest seats within it come first. Default: any price, the cheapest first.',
  })
  priceMax?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Nearest to this seat. Default: nearest to the middle of the section's first row.",
  })
  nearSeat?: number | null;

  @Field(() => Adjacency, {
    nullable: true,
    defaultValue: Adjacency.TOGETHER,
    description: 'How far apart they may be. Closer ones are better.',
  })
  adjacency?: AdjacencyValue | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 0,
    description:
      'How many must be WHEELCHAIR seats. COMPANION seats beside them go with them and to nobody else.',
  })
  wheelchairs?: number | null;
}

@InputType('SeatWish', { description: 'One wish for seats. Exactly one of its fields is given.' })
export class SeatWishInput {
  @Field(() => [Int], { nullable: true, description: '1 to 100 seat numbers, none of them twice.' })
  seatNumbers?: number[] | null;

  @Field(() => BestSeatsInput, { nullable: true, description: 'Let the server choose.' })
  best?: BestSeatsInput | null;
}

@InputType({ description: 'Wishes for seats of one event, tried in their order.' })
export class HoldSeatsInput {
  @Field(() => ID, { description: 'The event that the seats belong to.' })
  eventId!: string;

  @Field(() => [SeatWishInput], { description: '1 to 5.' })
  wishes!: SeatWishInput[];

  @Field(() => String, {
    nullable: true,
    description: '1 to 128 characters. The same requestId with the same input gives the same answer.',
  })
  requestId?: string | null;
}
