import { assertNever } from '../core/errors.js';
import type { Command } from './commands.js';
import { CARD_ANSWERS } from './payment.js';

/** What a batch adds to its event's own figures. */
export interface Forecast {
  /** 1 where a seat changes. */
  readonly version: 0 | 1;
  readonly bookedSeats: number;
  readonly amountPaid: number;
}

export const NOTHING_FORECAST: Forecast = { version: 0, bookedSeats: 0, amountPaid: 0 };

/**
 * What the commands add to their event if each gets what it asks for, which most do: the batch's first statement
 * writes it along, and its last one is spared. What is decided counts; a forecast that was wrong costs that statement.
 */
export function forecastOf(commands: readonly Command[]): Forecast {
  let version: Forecast['version'] = 0;
  let bookedSeats = 0;
  let amountPaid = 0;
  for (const command of commands) {
    switch (command.kind) {
      case 'confirmBookings':
        version = 1;
        bookedSeats += command.lockIds.length;
        break;
      case 'cancelBooking':
        version = 1;
        bookedSeats -= 1;
        break;
      case 'lockSeats':
      case 'releaseLock':
      case 'extendLock':
      case 'expireLocks':
        version = 1;
        break;
      case 'simulatePayment':
        // Only the decision knows a sum that the client left out.
        if (CARD_ANSWERS[command.cardStatus].status !== 'failed') amountPaid += command.amount ?? 0;
        break;
      // No seat changes, or nobody can tell how many.
      case 'settlePayment':
      case 'expireBookings':
      case 'expirePayments':
        break;
      default:
        assertNever(command);
    }
  }
  return { version, bookedSeats, amountPaid };
}
