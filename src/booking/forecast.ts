import { assertNever } from '../core/errors.js';
import type { Command } from './commands.js';
import { CARD_ANSWERS, SIMULATED } from './payment.js';

/** What a batch adds to its event's figures. */
export interface Forecast {
  /** 1 if a seat changes. */
  readonly version: 0 | 1;
  readonly bookedSeats: number;
  readonly amountPaid: number;
}

export const NOTHING_FORECAST: Forecast = { version: 0, bookedSeats: 0, amountPaid: 0 };

/**
 * What the commands add to their event if none is refused. The claim writes it already, which usually saves the batch's
 * last statement. If the decision differs, that statement corrects the figures.
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
      case 'checkOut':
        if (command.provider === SIMULATED && CARD_ANSWERS[command.cardStatus].status === 'failed') break;
        version = 1;
        // What the client left out is known only after the decision.
        bookedSeats += command.seatNumbers?.length ?? 0;
        amountPaid += (command.expectedTotal ?? command.amount)?.amount ?? 0;
        break;
      case 'bookHeldBackSeats':
        version = 1;
        bookedSeats += command.seatNumbers.length;
        break;
      case 'cancelBooking':
        version = 1;
        bookedSeats -= 1;
        break;
      case 'lockSeats':
      case 'holdSeats':
      case 'extendHold':
      case 'releaseHold':
      case 'releaseLock':
      case 'extendLock':
      case 'expireLocks':
      case 'endReservations':
      case 'holdBackSeats':
      case 'releaseHeldBackSeats':
        version = 1;
        break;
      case 'simulatePayment':
        // A sum that the client left out is known only after the decision.
        if (CARD_ANSWERS[command.cardStatus].status !== 'failed') amountPaid += command.amount ?? 0;
        break;
      // No seat changes, or it is not known how many.
      case 'settlePayment':
      case 'reissueTicket':
      case 'checkIn':
      case 'expireBookings':
      case 'expirePayments':
      case 'transferReservations':
      case 'updateEvent':
      case 'setSalePaused':
      case 'cancelEvent':
        break;
      default:
        assertNever(command);
    }
  }
  return { version, bookedSeats, amountPaid };
}
