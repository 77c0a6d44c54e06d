import { prop } from '@typegoose/typegoose';

export class MoneyDocument {
  @prop({ type: () => Number, required: true })
  amount!: number;

  @prop({ type: () => String, required: true })
  currency!: string;
}
