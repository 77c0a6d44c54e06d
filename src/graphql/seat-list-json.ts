import type { SeatState } from '../booking/seat-state.js';
import { SeatStatus } from './types/enums.js';

/** How a seat appears in an answer: its fields under the client's names, in the client's order. */
export type SeatTemplate = Readonly<Record<string, unknown>>;

/** Executed instead of every seat of a list. All its values differ, so that each value in the result identifies its field. */
export const SAMPLE_SEAT: SeatState = { seatNumber: 1, status: 'locked', lockedUntil: new Date(0) };

/**
 * JSON texts cached for one list, by the requested fields. Clients request few different ones. A Map, because an LRUCache
 * for every list takes longer to create than it saves.
 */
const CACHED_LISTS_MAX = 4;
/** Seats that are concatenated as a string before they are copied into a buffer. */
const SEATS_PER_CHUNK = 500;

const STATUS_TEXT = Object.fromEntries(
  Object.entries(SeatStatus).map(([name, status]) => [status, JSON.stringify(name)]),
) as Readonly<Record<SeatState['status'], string>>;

const textsOfLists = new WeakMap<readonly SeatState[], Map<string, Buffer>>();

/**
 * A list of seats as JSON. graphql-js needs half a second for 100,000 seats, this a tenth of it, and nothing if another
 * operation has requested the same fields of the same list.
 *
 * @param template the execution's result for SAMPLE_SEAT
 */
export function seatListJson(seats: readonly SeatState[], template: SeatTemplate): Buffer {
  let texts = textsOfLists.get(seats);
  if (texts === undefined) {
    texts = new Map();
    textsOfLists.set(seats, texts);
  }
  const key = JSON.stringify(template);
  const text = texts.get(key) ?? write(seats, template);
  texts.delete(key);
  texts.set(key, text);
  if (texts.size > CACHED_LISTS_MAX) texts.delete(texts.keys().next().value as string);
  return text;
}

const lockedSeats = new WeakMap<readonly SeatState[], readonly SeatState[]>();

/** The seats that become available by themselves: the same list for the same list, so that its JSON is cached too. */
export function lockedSeatsOf(seats: readonly SeatState[]): readonly SeatState[] {
  const locked = lockedSeats.get(seats) ?? seats.filter(({ lockedUntil }) => lockedUntil !== null);
  lockedSeats.set(seats, locked);
  return locked;
}

function write(seats: readonly SeatState[], template: SeatTemplate): Buffer {
  const lastOfStatus = new Map<
    SeatState['status'],
    { readonly untilMs: number | undefined; readonly around: string[] }
  >();
  const parts: Buffer[] = [];
  let text = '[';
  seats.forEach((seat, index) => {
    const untilMs = seat.lockedUntil?.getTime();
    let last = lastOfStatus.get(seat.status);
    // Seats that were locked together expire together: their JSON differs only in the seat number.
    if (last === undefined || last.untilMs !== untilMs) {
      last = { untilMs, around: jsonAroundSeatNumber(seat, template) };
      lastOfStatus.set(seat.status, last);
    }
    const { around } = last;
    if (index > 0) text += ',';
    text += around[0];
    for (let piece = 1; piece < around.length; piece++) text += seat.seatNumber + (around[piece] as string);
    if ((index + 1) % SEATS_PER_CHUNK > 0) return;
    parts.push(Buffer.from(text, 'latin1'));
    text = '';
  });
  parts.push(Buffer.from(`${text}]`, 'latin1'));
  return Buffer.concat(parts);
}

/** A seat's JSON, split at every place of its seat number. */
function jsonAroundSeatNumber({ status, lockedUntil }: SeatState, template: SeatTemplate): string[] {
  const around = ['{'];
  const add = (text: string) => {
    around[around.length - 1] += text;
  };
  Object.entries(template).forEach(([key, value], index) => {
    add(`${index === 0 ? '' : ','}${JSON.stringify(key)}:`);
    if (typeof value === 'number') around.push('');
    else if (value === 'Seat') add('"Seat"');
    else add(value === 'LOCKED' ? STATUS_TEXT[status] : JSON.stringify(lockedUntil));
  });
  add('}');
  return around;
}
