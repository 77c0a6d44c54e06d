import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import mongoose from 'mongoose';
import type { PlannedSection } from '../../catalog/seating-plan.js';

/** Written once and never changed. Events whose seats are arranged alike share one. */
@modelOptions({
  schemaOptions: { collection: 'seatingplans', versionKey: false },
  options: { allowMixed: Severity.ALLOW },
})
export class SeatingPlanDocument {
  /** A hash of the rest. */
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => Number, required: true })
  totalSeats!: number;

  /** Checked before it is written, and up to 2,000 rows long: mongoose need not cast each of them. */
  @prop({ type: () => mongoose.Schema.Types.Mixed, required: true })
  sections!: readonly PlannedSection[];
}
