import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('Money', {
  simpleResolvers: true,
  description: 'An amount of money: 15000 and USD are USD 150.00.',
})
export class MoneyType {
  @Field(() => GraphQLSafeInt, { description: "In the currency's minor unit." })
  amount!: number;

  @Field(() => String, { description: 'ISO 4217 code, such as USD.' })
  currency!: string;
}

@InputType({
  description: 'An amount of money: 15000 and USD are USD 150.00.',
})
export class MoneyInput {
  @Field(() => Int, { description: "Above 0, in the currency's minor unit." })
  amount!: number;

  @Field(() => String, { description: 'ISO 4217 code of a currency in force, in capitals, such as USD.' })
  currency!: string;
}
