import type { SeatState } from '../booking/change.js';
import { SeatStatus } from './types/enums.js';

/** What a seat of a list becomes in an answer: its fields under the client's names, in the client's order. */
export type SeatTemplate = Readonly<Record<string, unknown>>;

/** Executed in place of every seat of a list: no two of its values are alike, so that each tells whose it is. */
export const SAMPLE_SEAT: SeatState = { seatNumber: 1, status: 'locked', lockedUntil: new Date(0) };

/**
 * Texts kept of one list, by what its seats were asked for: a page asks in one way, and nobody in many. In a Map: each list
 * has its own, and an LRUCache takes longer to make than it saves.
 */
const CACHED_LISTS_MAX = 4;
/** Seats whose text is put together before it is copied to where the whole is. */
const SEATS_PER_CHUNK = 500;

const STATUS_TEXT = Object.fromEntries(
  Object.entries(SeatStatus).map(([name, status]) => [status, JSON.stringify(name)]),
) as Readonly<Record<SeatState['status'], string>>;

const texts = new WeakMap<readonly SeatState[], Map<string, Buffer>>();

/**
 * A list of seats as JSON. A hundred thousand seats take graphql-js half a second; here they take a tenth of it, and
 * nothing for whoever asks for the same fields of the same list, whatever else the operation says.
 *
 * @param row what the execution made of the sample
 */
export function seatListJson(seats: readonly SeatState[], row: SeatTemplate): Buffer {
  let ofList = texts.get(seats);
  if (ofList === undefined) {
    ofList = new Map();
    texts.set(seats, ofList);
  }
  const key = JSON.stringify(row);
  const text = ofList.get(key) ?? write(seats, row);
  ofList.delete(key);
  ofList.set(key, text);
  if (ofList.size > CACHED_LISTS_MAX) ofList.delete(ofList.keys().next().value as string);
  return text;
}

function write(seats: readonly SeatState[], row: SeatTemplate): Buffer {
  const last = new Map<
    SeatState['status'],
    { readonly untilMs: number | undefined; readonly around: string[] }
  >();
  const parts: Buffer[] = [];
  let text = '[';
  seats.forEach((seat, index) => {
    const untilMs = seat.lockedUntil?.getTime();
    let alike = last.get(seat.status);
    // Seats that were locked together lapse together: they differ by their numbers alone.
    if (alike === undefined || alike.untilMs !== untilMs) {
      alike = { untilMs, around: jsonAroundSeatNumber(seat, row) };
      last.set(seat.status, alike);
    }
    const { around } = alike;
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

/** A seat's text without its number: what stands before, between and behind wherever that is to stand. */
function jsonAroundSeatNumber({ status, lockedUntil }: SeatState, row: SeatTemplate): string[] {
  const around = ['{'];
  const add = (text: string) => {
    around[around.length - 1] += text;
  };
  Object.entries(row).forEach(([key, value], index) => {
    add(`${index === 0 ? '' : ','}${JSON.stringify(key)}:`);
    if (typeof value === 'number') around.push('');
    else if (value === 'Seat') add('"Seat"');
    else add(value === 'LOCKED' ? STATUS_TEXT[status] : JSON.stringify(lockedUntil));
  });
  add('}');
  return around;
}
