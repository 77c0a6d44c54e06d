import { expect, test } from 'vitest';
import { TicketCodes } from './ticket-codes.js';

const SECRET = 'a secret that only the tests know, 32 bytes';
const TICKET = {
  bookingId: 'book_k3v9c2m8q1xw_x0p7r5d2n4b6a1s8',
  eventId: 'k3v9c2m8q1xw',
  seatNumber: 12,
  issue: 1,
};

test('every process with the secret signs the same code and reads what it says', async () => {
  const [codes, others] = [await TicketCodes.from(SECRET), await TicketCodes.from(SECRET)];
  const code = await codes.codeOf(TICKET);
  expect(await others.codeOf(TICKET)).toBe(code);
  expect(await others.claimsIn(code)).toEqual(TICKET);
  // Scanners that type like a keyboard add blanks and line breaks.
  expect(await others.claimsIn(` ${code}\r\n`)).toEqual(TICKET);
});

test('codes of a former secret stay valid, while the new one signs', async () => {
  const code = await (await TicketCodes.from(SECRET)).codeOf(TICKET);
  const codes = await TicketCodes.from('another secret', [SECRET]);
  expect(await codes.claimsIn(code)).toEqual(TICKET);
  expect(await codes.codeOf(TICKET)).not.toBe(code);
  expect(codes.publicKeys.keys).toHaveLength(2);
  expect(JSON.stringify(codes.publicKeys)).not.toContain('"d"');
});

test('whatever this server has not signed says nothing', async () => {
  const codes = await TicketCodes.from(SECRET);
  const [header, payload, signature] = (await codes.codeOf(TICKET)).split('.') as [string, string, string];
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const ofOtherServer = await (await TicketCodes.from('another secret')).codeOf(TICKET);
  for (const text of [
    '',
    'https://example.com/',
    '\u0000\uFFFF🎭',
    '1'.repeat(100_000),
    '..',
    `${header}.${payload}.`,
    `${header}.${payload}.${signature.slice(0, -4)}`,
    `${header}.${encoded({ booking: TICKET.bookingId, event: TICKET.eventId, seat: 13, issue: 1 })}.${signature}`,
    `${encoded({ alg: 'none', kid })}.${payload}.`,
    `${encoded({ alg: 'HS256', kid })}.${payload}.${signature}`,
    `${encoded({ alg: 'EdDSA' })}.${payload}.${signature}`,
    ofOtherServer,
  ]) {
    expect(await codes.claimsIn(text), text.slice(0, 100)).toBeNull();
  }
});
