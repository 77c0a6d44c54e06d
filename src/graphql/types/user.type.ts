import { Field, ID, InputType, ObjectType } from 'type-graphql';

/** What belongs to a user is the user resolver's; a user is only ever shown to themselves. */
@ObjectType('User', { simpleResolvers: true })
export class UserType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'Null for a guest, who has none.' })
  email!: string | null;
}

@ObjectType('AuthPayload', { simpleResolvers: true })
export class AuthPayloadType {
  @Field(() => String)
  token!: string;

  @Field(() => Date)
  expiresAt!: Date;

  @Field(() => UserType)
  user!: UserType;
}

@InputType()
export class CredentialsInput {
  @Field(() => String)
  email!: string;

  @Field(() => String)
  password!: string;
}
