import { Field, ID, InputType, ObjectType } from 'type-graphql';

/** Users are shown only to themselves. The account resolver adds their locks, bookings, payments and events. */
@ObjectType('User', { simpleResolvers: true, description: 'An account. Users see their own only.' })
export class UserType {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Null for a guest, who has none.' })
  email!: string | null;

  @Field(() => Boolean, {
    description: 'Whether it is a guest: an account without address and password, for one device.',
  })
  isGuest!: boolean;
}

@ObjectType('AuthPayload', { simpleResolvers: true, description: 'A new token, and whose it is.' })
export class AuthPayloadType {
  @Field(() => String, {
    description:
      'Goes into the header `Authorization: Bearer …`, or into connectionParams as `authorization`.',
  })
  token!: string;

  @Field(() => Date, { description: 'From this instant on the token is refused.' })
  expiresAt!: Date;

  @Field(() => UserType, { description: 'The user that the token belongs to.' })
  user!: UserType;
}

@InputType({ description: 'What an account is opened and entered with.' })
export class CredentialsInput {
  @Field(() => String, { description: 'Upper and lower case are the same address.' })
  email!: string;

  @Field(() => String, { description: '8 to 256 characters.' })
  password!: string;
}
