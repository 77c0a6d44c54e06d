import { NO_PROVIDER, type Payment } from '../booking/payment.js';
import { paymentReference } from '../booking/payment-reference.js';
import type { Event } from '../catalog/event.js';
import type { Money } from '../catalog/money.js';
import { decimalOf, minorUnitDigits } from '../core/currencies.js';

/** `USD 1,095.00`: with the code, because a symbol can mean several currencies. */
export function moneyText({ amount, currency }: Money): string {
  const digits = minorUnitDigits(currency) ?? 2;
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(decimalOf(amount, digits)).replaceAll('\u00a0', ' ');
}

/** `Payment K7F-4M9, USD 45.00`; `Invitation K7F-4M9` where nothing was paid. */
export function paymentLine({ id, provider, amount, currency }: Payment): string {
  const reference = paymentReference(id);
  return provider === NO_PROVIDER
    ? `Invitation ${reference}`
    : `Payment ${reference}, ${moneyText({ amount, currency })}`;
}

/** Which event it is, when and where. */
export const eventLines = ({ name, eventDate, timeZone, venue }: Event): string[] => [
  name,
  dateText(eventDate, timeZone),
  ...(venue === null ? [] : [venue]),
];

/** `Friday, January 1, 2027 at 21:00 Central European Standard Time`. @param timeZone the venue's */
export function dateText(date: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'long',
  }).format(date);
}
