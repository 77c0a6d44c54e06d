import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('Money', {
  simpleResolvers: true,
  description: "amount is in the currency's minor unit (15000 = USD 150.00); currency is an ISO 4217 code.",
})
export class MoneyType {
  @Field(() => GraphQLSafeInt)
  amount!: number;

  @Field(() => String)
  currency!: string;
}

@InputType({
  description: "amount is in the currency's minor unit (15000 = USD 150.00); currency is an ISO 4217 code.",
})
export class MoneyInput {
  @Field(() => Int)
  amount!: number;

  @Field(() => String)
  currency!: string;
}
