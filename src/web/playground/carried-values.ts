import { storage } from './storage.js';

// Values carried from one step of the journey to the next. `{{name}}` in a tab's variables or headers is replaced by a value
// from an earlier answer, or by one typed in below the answer. The tabs' texts never change.

/** Each value with the tab whose answer contains it, in the order of the journey. */
const FIELD_OF_VALUE = {
  token: 'StartGuest, SignUp or LogIn',
  eventId: 'CreateEvent',
  lockId: 'HoldSeats or LockSeat',
  paymentId: 'Pay',
  bookingId: 'CheckOut or ConfirmBooking',
} as const;

export type Name = keyof typeof FIELD_OF_VALUE;
type Values = Readonly<Partial<Record<Name, string>>>;

export const NAMES = Object.keys(FIELD_OF_VALUE) as Name[];

/** By the mutation's field: the name of the value, and its path in the result. */
const VALUE_OF_FIELD: Record<string, { name: Name; from: string }> = {
  startGuest: { name: 'token', from: 'token' },
  signUp: { name: 'token', from: 'token' },
  logIn: { name: 'token', from: 'token' },
  createEvent: { name: 'eventId', from: 'id' },
  holdSeats: { name: 'lockId', from: 'locks.0.id' },
  checkOut: { name: 'bookingId', from: 'bookings.0.id' },
  lockSeat: { name: 'lockId', from: 'id' },
  simulatePayment: { name: 'paymentId', from: 'id' },
  confirmBooking: { name: 'bookingId', from: 'id' },
};

const STORED_AS = 'carried';

// Read once: two windows can then be two users, each with its own token.
let values: Values = read();
const listeners = new Set<() => void>();

function read(): Values {
  try {
    return JSON.parse(storage.getItem(STORED_AS) ?? '{}') as Values;
  } catch {
    return {};
  }
}

export const carried = {
  get: () => values,
  set(name: Name, value: string) {
    values = { ...values, [name]: value.trim() };
    storage.setItem(STORED_AS, JSON.stringify(values));
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Stores the values of an answer for the next steps. */
export function remember(data: unknown) {
  for (const [field, result] of Object.entries(data ?? {})) {
    const { name, from } = VALUE_OF_FIELD[field] ?? {};
    const value = from?.split('.').reduce((part, key) => part?.[key as never], result as object | undefined);
    if (typeof value !== 'string' || value === values[name as Name]) continue;
    // A new lock has no payment yet, and a new payment no booking: later values of the old one are cleared.
    if (name !== 'token')
      for (const later of NAMES.slice(NAMES.indexOf(name as Name) + 1)) carried.set(later, '');
    carried.set(name as Name, value);
  }
}

export class ValueNotKnown extends Error {
  constructor(readonly value: Name) {
    super(
      `{{${value}}} is not known yet: run ${FIELD_OF_VALUE[value]} first, or write the value in its place.`,
    );
  }
}

/** A copy of `input` with every `{{name}}` in its strings replaced. Throws ValueNotKnown. */
export function fillIn<T>(input: T): T {
  if (typeof input === 'string') {
    return input.replaceAll(/\{\{(\w+)\}\}/g, (asWritten, name: string) => {
      if (!(name in FIELD_OF_VALUE)) return asWritten;
      const value = values[name as Name];
      if (!value) throw new ValueNotKnown(name as Name);
      return value;
    }) as T;
  }
  if (Array.isArray(input)) return input.map(fillIn) as T;
  if (input !== null && typeof input === 'object') {
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, fillIn(value)])) as T;
  }
  return input;
}
