import type { Migration } from './migration.js';
import { paymentReferences } from './payment-references.js';
import { refusedPayments } from './refused-payments.js';

/** In the order in which they run. An entry is never changed or removed once it was released. */
export const ALL_MIGRATIONS: readonly Migration[] = [refusedPayments, paymentReferences];
