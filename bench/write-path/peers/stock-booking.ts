import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError } from 'graphql';
import { jwtVerify } from 'jose';
import mongoose, { Schema } from 'mongoose';
import {
  Arg,
  buildSchema,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';

/**
 * The peer: the same task as a competent developer solves it in a day with the stock servers of this stack. It has indexes,
 * a connection pool, majority writes, and one transaction for each confirmation with the event's counters and retries.
 *
 *     MONGODB_URI=… TOKEN_SECRET=… PORT=… node stock-booking.js
 */

const { MONGODB_URI = '', TOKEN_SECRET = '', PORT = '0', LOCK_TTL_SECONDS = '300' } = process.env;
const KEY = new TextEncoder().encode(TOKEN_SECRET);
const LOCK_TTL_MS = Number(LOCK_TTL_SECONDS) * 1000;

const EventModel = mongoose.model(
  'Event',
  new Schema({ name: String, totalSeats: Number, bookedSeats: Number, availableSeats: Number }),
);
const LockModel = mongoose.model(
  'SeatLock',
  new Schema({
    eventId: String,
    seatNumber: Number,
    userId: String,
    status: String,
    createdAt: Date,
    expiresAt: Date,
    bookingId: String,
  }).index(
    { eventId: 1, seatNumber: 1 },
    { unique: true, partialFilterExpression: { status: { $in: ['active', 'used'] } } },
  ),
);
const PaymentModel = mongoose.model(
  'Payment',
  new Schema<{
    userId: string;
    eventId: string;
    lockIds: string[];
    amount: number;
    currency: string;
    status: string;
  }>({
    userId: String,
    eventId: String,
    lockIds: [String],
    amount: Number,
    currency: String,
    status: String,
  }),
);
interface BookingFields {
  eventId: string;
  userId: string;
  seatNumber: number;
  lockId: string;
  paymentId: string;
  requestId: string;
  status: string;
  createdAt: Date;
}
const BookingModel = mongoose.model(
  'Booking',
  new Schema<BookingFields>({
    eventId: String,
    userId: String,
    seatNumber: Number,
    lockId: String,
    paymentId: String,
    requestId: String,
    status: String,
    createdAt: Date,
  }).index({ userId: 1, requestId: 1 }, { unique: true }),
);

@InputType()
class LockSeatInput {
  @Field(() => ID) eventId!: string;
  @Field(() => Int) seatNumber!: number;
}
@InputType()
class SimulatePaymentInput {
  @Field(() => [ID]) lockIds!: string[];
  @Field(() => Int) amount!: number;
  @Field(() => String) currency!: string;
  @Field(() => String) cardStatus!: string;
}
@InputType()
class ConfirmBookingInput {
  @Field(() => ID) lockId!: string;
  @Field(() => ID) paymentId!: string;
  @Field(() => String) requestId!: string;
}
@ObjectType()
class SeatLock {
  @Field(() => ID) id!: string;
  @Field(() => Int) seatNumber!: number;
  @Field(() => String) status!: string;
  @Field(() => Date) expiresAt!: Date;
}
@ObjectType()
class Payment {
  @Field(() => ID) paymentId!: string;
  @Field(() => String) status!: string;
}
@ObjectType()
class Booking {
  @Field(() => ID) id!: string;
  @Field(() => Int) seatNumber!: number;
  @Field(() => String) status!: string;
}

interface Context {
  userId: string;
}

const refused = (code: string) => new GraphQLError(code, { extensions: { code } });

@Resolver()
class BookingResolver {
  @Query(() => String)
  hello(): string {
    return 'hello';
  }

  @Mutation(() => SeatLock)
  async lockSeat(@Arg('input', () => LockSeatInput) input: LockSeatInput, @Ctx() { userId }: Context) {
    const { eventId, seatNumber } = input;
    const event = await EventModel.findById(eventId).lean();
    if (event === null) throw refused('EVENT_NOT_FOUND');
    if (seatNumber < 1 || seatNumber > (event.totalSeats ?? 0)) throw refused('SEAT_NOT_FOUND');
    const now = new Date();
    await LockModel.updateMany(
      { eventId, seatNumber, status: 'active', expiresAt: { $lte: now } },
      { status: 'expired' },
    );
    try {
      return await LockModel.create({
        eventId,
        seatNumber,
        userId,
        status: 'active',
        createdAt: now,
        expiresAt: new Date(now.getTime() + LOCK_TTL_MS),
      });
    } catch (error) {
      if ((error as { code?: number }).code === 11000) throw refused('SEAT_UNAVAILABLE');
      throw error;
    }
  }

  @Mutation(() => Payment)
  async simulatePayment(
    @Arg('input', () => SimulatePaymentInput) input: SimulatePaymentInput,
    @Ctx() { userId }: Context,
  ) {
    const lock = await LockModel.findOne({ _id: input.lockIds[0], userId, status: 'active' }).lean();
    if (lock === null) throw refused('LOCK_NOT_FOUND');
    const { lockIds, amount, currency } = input;
    const payment = await PaymentModel.create({
      userId,
      eventId: lock.eventId ?? '',
      lockIds,
      amount,
      currency,
      status: input.cardStatus === 'SUCCESS' ? 'completed' : 'failed',
    });
    return { paymentId: payment.id, status: payment.status };
  }

  @Mutation(() => Booking)
  async confirmBooking(
    @Arg('input', () => ConfirmBookingInput) input: ConfirmBookingInput,
    @Ctx() { userId }: Context,
  ) {
    const { lockId, paymentId, requestId } = input;
    return mongoose.connection.transaction(async (session) => {
      const done = await BookingModel.findOne({ userId, requestId }).session(session);
      if (done !== null) return done;
      const lock = await LockModel.findOne({ _id: lockId, userId }).session(session);
      if (lock === null) throw refused('LOCK_NOT_FOUND');
      if (lock.status !== 'active' || (lock.expiresAt ?? 0) <= new Date()) throw refused('LOCK_EXPIRED');
      const payment = await PaymentModel.findOne({ _id: paymentId, userId }).session(session);
      if (payment === null) throw refused('PAYMENT_NOT_FOUND');
      if (payment.status !== 'completed') throw refused('PAYMENT_FAILED');
      const [booking] = await BookingModel.create(
        [
          {
            eventId: lock.eventId ?? '',
            userId,
            seatNumber: lock.seatNumber ?? 0,
            lockId,
            paymentId,
            requestId,
            status: 'confirmed',
            createdAt: new Date(),
          },
        ],
        { session },
      );
      lock.set({ status: 'used', bookingId: booking?.id });
      await lock.save({ session });
      await EventModel.updateOne(
        { _id: lock.eventId },
        { $inc: { bookedSeats: 1, availableSeats: -1 } },
        { session },
      );
      return booking;
    });
  }

  /** Creates an event for the bench. */
  @Mutation(() => ID)
  async createBenchEvent(@Arg('totalSeats', () => Int) totalSeats: number): Promise<string> {
    const event = await EventModel.create({
      name: 'Bench',
      totalSeats,
      bookedSeats: 0,
      availableSeats: totalSeats,
    });
    return event.id;
  }

  /** Does nothing: measures the cost of the stock server itself. */
  @Mutation(() => Int)
  doNothing(@Arg('seatNumber', () => Int) seatNumber: number): number {
    return seatNumber;
  }
}

await mongoose.connect(MONGODB_URI, { maxPoolSize: 100, w: 'majority' });
await Promise.all(Object.values(mongoose.models).map((model) => model.init()));
const schema = await buildSchema({ resolvers: [BookingResolver], validate: false });
const { url } = await startStandaloneServer(new ApolloServer({ schema }), {
  listen: { port: Number(PORT), host: '127.0.0.1' },
  context: async ({ req }): Promise<Context> => {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    if (token === undefined) return { userId: '' };
    const { payload } = await jwtVerify(token, KEY);
    return { userId: payload.sub ?? '' };
  },
});
process.stdout.write(`${JSON.stringify({ url })}\n`);
