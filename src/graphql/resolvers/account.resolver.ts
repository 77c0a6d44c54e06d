import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Accounts, SignedIn } from '../../account/accounts.js';
import type { PasswordResets } from '../../account/password-resets.js';
import { isGuest, type User } from '../../account/user.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import type { Events } from '../../catalog/events.js';
import type { Clock } from '../../core/clock.js';
import { type GraphQLContext, requireUserId, requireViewer } from '../context.js';
import { bookingConnection, eventConnection, paymentConnection } from '../types/connections.js';
import {
  BookingConnectionType,
  EventConnectionType,
  PaymentConnectionType,
} from '../types/connections.type.js';
import { SeatLockType, seatLockType } from '../types/seat-lock.type.js';
import { AuthPayloadType, CredentialsInput, UserType } from '../types/user.type.js';
import { decodePage, PageArgs } from './page-args.js';

/** Hashing a password takes some 20 ms and 19 MiB. */
const PASSWORD_COST = 5_000;

@Resolver(() => UserType)
export class AccountResolver {
  constructor(
    private readonly accounts: Accounts,
    private readonly resets: PasswordResets,
    private readonly reads: BookingReads,
    private readonly eventsStore: Events,
    private readonly clock: Clock,
  ) {}

  @Query(() => UserType, { nullable: true, description: '[viewer] The signed-in user.' })
  me(@Ctx() context: GraphQLContext): UserType {
    const { userId, email } = requireViewer(context);
    return userType({ id: userId, email });
  }

  @Mutation(() => AuthPayloadType, {
    complexity: PASSWORD_COST,
    nullable: true,
    description:
      "[anyone] EMAIL_TAKEN when the address is in use. With a guest's token, the guest becomes the account and keeps everything.",
  })
  async signUp(
    @Arg('input', () => CredentialsInput, { description: 'Address and password of the new account.' })
    input: CredentialsInput,
    @Ctx() { limits, viewer }: GraphQLContext,
  ): Promise<AuthPayloadType> {
    return authPayload(await limits.signUp(() => this.accounts.signUp(input, viewer)));
  }

  @Mutation(() => AuthPayloadType, {
    complexity: PASSWORD_COST,
    nullable: true,
    description:
      "[anyone] INVALID_CREDENTIALS, the same for an unknown address and a wrong password. With a guest's token, the account gets all that the guest holds and booked, also above the seat limit; the guest's tokens end.",
  })
  async logIn(
    @Arg('input', () => CredentialsInput, { description: 'Address and password of the account.' })
    input: CredentialsInput,
    @Ctx() { limits, viewer }: GraphQLContext,
  ): Promise<AuthPayloadType> {
    return authPayload(await limits.logIn(input.email, () => this.accounts.logIn(input, viewer)));
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      '[anyone] Mails a link to set a new password, if there is an account with this address. The answer is true in any case, after the same time.',
  })
  async requestPasswordReset(
    @Arg('email', () => String, { description: 'The address of the account.' }) email: string,
    @Ctx() { limits }: GraphQLContext,
  ): Promise<boolean> {
    await limits.passwordReset(email, () => this.resets.request(email));
    return true;
  }

  @Mutation(() => AuthPayloadType, {
    complexity: PASSWORD_COST,
    nullable: true,
    description:
      "[anyone] Sets the password by a mailed link and logs in, as logIn does. All other tokens of the account end, and all its links. RESET_LINK_INVALID when the link was used, is older than 30 minutes, or the account's tokens were ended since.",
  })
  async resetPassword(
    @Arg('token', () => String, { description: 'The part of the mailed link after the #.' }) token: string,
    @Arg('password', () => String, { description: '8 to 256 characters.' }) password: string,
    @Ctx() { viewer }: GraphQLContext,
  ): Promise<AuthPayloadType> {
    return authPayload(await this.accounts.resetPassword(token, password, viewer));
  }

  @Mutation(() => AuthPayloadType, {
    nullable: true,
    description:
      '[anyone] A user without address and password, for this device. What a guest holds and books stays when the guest signs up or logs in.',
  })
  async startGuest(@Ctx() { limits }: GraphQLContext): Promise<AuthPayloadType> {
    return authPayload(await limits.startGuest(() => this.accounts.startGuest()));
  }

  @Mutation(() => AuthPayloadType, {
    nullable: true,
    description:
      '[viewer] A fresh token of the same session. The old one stays good until its own end; logOutEverywhere ends both.',
  })
  async renewToken(@Ctx() context: GraphQLContext): Promise<AuthPayloadType> {
    return authPayload(await this.accounts.renewToken(requireViewer(context)));
  }

  @Mutation(() => UserType, {
    nullable: true,
    description: '[viewer] Ends every token of the caller, and every socket opened with one.',
  })
  async logOutEverywhere(@Ctx() context: GraphQLContext): Promise<UserType> {
    return userType(await this.accounts.logOutEverywhere(requireUserId(context)));
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
    return eventConnection(await this.eventsStore.organizedBy(user.id, page), page, 'newest');
  }
}

function authPayload({ token, expiresAt, user }: SignedIn): AuthPayloadType {
  return { token, expiresAt, user: userType(user) };
}

function userType(user: Pick<User, 'id' | 'email'>): UserType {
  return { id: user.id, email: user.email, isGuest: isGuest(user) };
}
