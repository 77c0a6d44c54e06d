import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Accounts, SignedIn } from '../../account/accounts.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import type { Events } from '../../catalog/events.js';
import type { Clock } from '../../core/clock.js';
import { type GraphQLContext, requireUserId } from '../context.js';
import { bookingConnection, eventConnection, paymentConnection } from '../types/connections.js';
import {
  BookingConnectionType,
  EventConnectionType,
  PaymentConnectionType,
} from '../types/connections.type.js';
import { SeatLockType, seatLockType } from '../types/seat-lock.type.js';
import { AuthPayloadType, CredentialsInput, UserType } from '../types/user.type.js';
import { decodePage, PageArgs } from './page-args.js';

@Resolver(() => UserType)
export class AccountResolver {
  constructor(
    private readonly accounts: Accounts,
    private readonly reads: BookingReads,
    private readonly eventsStore: Events,
    private readonly clock: Clock,
  ) {}

  @Query(() => UserType, { nullable: true, description: '[viewer] The signed-in user.' })
  me(@Ctx() context: GraphQLContext): UserType {
    const id = requireUserId(context);
    return { id, email: context.viewer?.email ?? null };
  }

  @Mutation(() => AuthPayloadType, {
    nullable: true,
    description: '[anyone] EMAIL_TAKEN when the address is in use.',
  })
  async signUp(
    @Arg('input', () => CredentialsInput, { description: 'Address and password of the new account.' })
    input: CredentialsInput,
    @Ctx() { limits }: GraphQLContext,
  ): Promise<AuthPayloadType> {
    return authPayload(await limits.signUp(() => this.accounts.signUp(input)));
  }

  @Mutation(() => AuthPayloadType, {
    nullable: true,
    description: '[anyone] INVALID_CREDENTIALS, the same for an unknown address and a wrong password.',
  })
  async logIn(
    @Arg('input', () => CredentialsInput, { description: 'Address and password of the account.' })
    input: CredentialsInput,
    @Ctx() { limits }: GraphQLContext,
  ): Promise<AuthPayloadType> {
    return authPayload(await limits.logIn(input.email, () => this.accounts.logIn(input)));
  }

  @Mutation(() => UserType, {
    nullable: true,
    description: '[viewer] Ends every token of the caller, and every socket opened with one.',
  })
  async logOutEverywhere(@Ctx() context: GraphQLContext): Promise<UserType> {
    const { id, email } = await this.accounts.logOutEverywhere(requireUserId(context));
    return { id, email };
  }

  @FieldResolver(() => [SeatLockType], { description: "The caller's ACTIVE locks for an event." })
  async locks(
    @Root() user: UserType,
    @Arg('eventId', () => ID, { description: 'The event whose seats are locked.' }) eventId: string,
  ): Promise<SeatLockType[]> {
    const now = this.clock.now();
    const locks = await this.reads.activeLocks(user.id, eventId, now);
    return locks.map((lock) => seatLockType(lock, now));
  }

  @FieldResolver(() => BookingConnectionType, { description: 'Newest first.' })
  async bookings(@Root() user: UserType, @Args(() => PageArgs) args: PageArgs) {
    const page = decodePage(args);
    return bookingConnection(await this.reads.bookingsOfUser(user.id, page), page);
  }

  @FieldResolver(() => PaymentConnectionType, { description: 'Newest first.' })
  async payments(@Root() user: UserType, @Args(() => PageArgs) args: PageArgs) {
    const page = decodePage(args);
    return paymentConnection(await this.reads.paymentsOfUser(user.id, page), page);
  }

  @FieldResolver(() => EventConnectionType, {
    description: '[viewer] Events that the caller organizes, newest first.',
  })
  async events(@Root() user: UserType, @Args(() => PageArgs) args: PageArgs) {
    const page = decodePage(args);
    return eventConnection(await this.eventsStore.organizedBy(user.id, page), page, 'createdAt');
  }
}

function authPayload({ token, expiresAt, user }: SignedIn): AuthPayloadType {
  return { token, expiresAt, user: { id: user.id, email: user.email } };
}
