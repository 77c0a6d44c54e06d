import type { Connection, Model, mongo } from 'mongoose';
import type { BookingDocument } from './models/booking.model.js';
import type { ChangeDocument } from './models/change.model.js';
import type { EventDocument } from './models/event.model.js';
import type { LeaseDocument } from './models/lease.model.js';
import type { LedgerDocument } from './models/ledger.model.js';
import type { MigrationDocument } from './models/migration.model.js';
import type { OutboxDocument } from './models/outbox.model.js';
import type { PaymentDocument } from './models/payment.model.js';
import type { ProviderPaymentDocument } from './models/provider-payment.model.js';
import type { RateCountDocument } from './models/rate-count.model.js';
import type { RequestDocument } from './models/request.model.js';
import type { SeatLockDocument } from './models/seat-lock.model.js';
import type { SeatingPlanDocument } from './models/seating-plan.model.js';
import type { UserDocument } from './models/user.model.js';

/** The name of this application's sessions in MongoDB. Another database means another installation. */
export const applicationName = (databaseName: string): string => `seat-booking-live/${databaseName}`;

/** The connection, and each collection as its Typegoose model. Batches use the driver, through `Model.collection`. */
export interface Database {
  readonly connection: Connection;
  readonly client: mongo.MongoClient;
  readonly events: Model<EventDocument>;
  readonly users: Model<UserDocument>;
  readonly seatingPlans: Model<SeatingPlanDocument>;
  readonly locks: Model<SeatLockDocument>;
  readonly payments: Model<PaymentDocument>;
  readonly bookings: Model<BookingDocument>;
  readonly requests: Model<RequestDocument>;
  readonly changes: Model<ChangeDocument>;
  readonly outbox: Model<OutboxDocument>;
  readonly providerPayments: Model<ProviderPaymentDocument>;
  readonly ledger: Model<LedgerDocument>;
  readonly leases: Model<LeaseDocument>;
  readonly migrations: Model<MigrationDocument>;
  readonly rateCounts: Model<RateCountDocument>;
  /** @returns the time of the primary's clock. @throws if no primary answers */
  ping(): Promise<Date>;
  /** The primary's logical time: everything committed so far is at or before it. */
  operationTime(): Promise<mongo.Timestamp>;
  close(): Promise<void>;
}
