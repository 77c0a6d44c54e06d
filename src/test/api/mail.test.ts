import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CLAIM_MS } from '../../booking/outbox.js';
import { Outbox } from '../../store/outbox.js';
import { captureLog } from '../support/captured-log.js';
import { MailServer, type ReceivedMail, SMTP_PASSWORD } from '../support/mail-server.js';
import {
  BOOK_HELD_BACK,
  CANCEL_BOOKING,
  CANCEL_EVENT,
  CHECK_OUT,
  LOCK_SEATS,
  LOG_IN,
  ME,
  REISSUE_TICKET,
  REQUEST_PASSWORD_RESET,
  RESET_PASSWORD,
  SIGN_UP,
  START_GUEST,
  TICKET,
  UPDATE_EVENT,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp, type TestUser } from '../support/test-app.js';

/** Mails through a real SMTP server. */

const PUBLIC_URL = 'https://tickets.example';
const MINUTE_MS = 60_000;

const mailServer = new MailServer();
const { log, lines } = captureLog();
let app: TestApp;
const mailConfig = () => ({
  smtpUrl: mailServer.url,
  mailFrom: 'Tickets <tickets@tickets.example>',
  publicUrl: PUBLIC_URL,
});

beforeAll(async () => {
  await mailServer.start();
  app = await TestApp.start({ config: mailConfig(), log });
});
afterAll(async () => {
  await app.close();
  await mailServer.close();
});

/** Requests a link and reads it from the mail. @returns its token */
async function resetToken(email: string, mailedTo = email): Promise<string> {
  const before = mailServer.to(mailedTo).length;
  const { requestPasswordReset } = await app.ok(REQUEST_PASSWORD_RESET, { email });
  expect(requestPasswordReset).toBe(true);
  await expect.poll(() => mailServer.to(mailedTo).length).toBe(before + 1);
  const mail = mailServer.to(mailedTo)[before];
  const links = [...(mail?.body ?? '').matchAll(/https:\/\/tickets\.example\/reset-password#([\w.-]+)/g)];
  // Once in the text and once in the HTML.
  expect(links.map(([, token]) => token)).toEqual([links[0]?.[1], links[0]?.[1]]);
  return links[0]?.[1] as string;
}

async function account(email: string, password: string) {
  return (await app.ok(SIGN_UP, { input: { email, password } })).signUp;
}

const canLogIn = async (email: string, password: string) =>
  (await app.call(LOG_IN, { input: { email, password } })).errors === undefined;

test('a mailed link sets one password, once, and ends everything that was signed in', async () => {
  const session = await account('ann@example.com', 'forgotten long ago');
  const socket = await RawSocket.open(app.url);
  await socket.init({ authorization: `Bearer ${session.token}` });
  const earlier = await resetToken(' ANN@example.com ', 'ann@example.com');
  const token = await resetToken('ann@example.com');
  app.clock.advance(29 * MINUTE_MS);

  // Refused input leaves the link as it is.
  expect(await app.refused(RESET_PASSWORD, { token, password: 'short' })).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field: 'password' },
  });
  const { startGuest: guest } = await app.ok(START_GUEST, {});
  const passwords = ['the first new one', 'the second new one'];
  const answers = await Promise.all(
    passwords.map((password) => app.call(RESET_PASSWORD, { token, password }, guest)),
  );
  expect(answers.map(({ errors }) => errors?.[0]?.extensions.code).sort()).toEqual([
    'RESET_LINK_INVALID',
    undefined,
  ]);
  const won = answers.findIndex(({ errors }) => errors === undefined);
  expect(await canLogIn('ann@example.com', passwords[won] as string)).toBe(true);
  for (const password of [passwords[1 - won] as string, 'forgotten long ago'])
    expect(await canLogIn('ann@example.com', password)).toBe(false);

  const me = async (token: string) => app.call(ME, {}, { token });
  expect((await me(answers[won]?.data?.resetPassword?.token ?? '')).data?.me?.email).toBe('ann@example.com');
  // The session before, and the guest, who has been merged into the account.
  for (const ended of [session, guest])
    expect((await me(ended.token)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect((await socket.closed).code).toBe(4403);
  for (const used of [token, earlier]) {
    const refused = await app.refused(RESET_PASSWORD, { token: used, password: 'a third new one' });
    expect(refused.code).toBe('RESET_LINK_INVALID');
  }
});

test('a link is no session, and ends after 30 minutes', async () => {
  const { token: session } = await account('bob@example.com', 'a long password');
  const token = await resetToken('bob@example.com');
  expect((await app.refused(ME, {}, { token })).code).toBe('UNAUTHENTICATED');
  expect((await app.refused(RESET_PASSWORD, { token: session, password: 'another one' })).code).toBe(
    'RESET_LINK_INVALID',
  );
  app.clock.advance(30 * MINUTE_MS);
  expect((await app.refused(RESET_PASSWORD, { token, password: 'another one' })).code).toBe(
    'RESET_LINK_INVALID',
  );
  expect(await canLogIn('bob@example.com', 'a long password')).toBe(true);
});

test('an address without account gets the same answer and no mail; a text that is no address is refused', async () => {
  await account('cid@example.com', 'a long password');
  const { requestPasswordReset } = await app.ok(REQUEST_PASSWORD_RESET, { email: 'nobody@example.com' });
  expect(requestPasswordReset).toBe(true);
  // Requested later, and mailed.
  await resetToken('cid@example.com');
  expect(mailServer.attempts).not.toContain('nobody@example.com');
  expect(await app.refused(REQUEST_PASSWORD_RESET, { email: 'nobody' })).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field: 'email' },
  });
});

describe('a mail', () => {
  const stateOf = async (email: string) => {
    const messages = await app.database.outbox.find({ 'content.email': email }).lean().exec();
    return messages.map(({ state, failures }) => ({ state, failures }));
  };
  const sendDue = async (afterMs: number) => {
    app.clock.advance(afterMs);
    await app.app.jobs.mail?.run();
  };
  const WAIT_MS = 10_000;

  test.each([
    ['is refused for now (450)', 450],
    ['is taken, but the connection closes before the answer', 'close after DATA'],
  ] as const)('that %s is sent again, with the same Message-ID', async (_, answer) => {
    const email = `later-${answer}@example.com`.replaceAll(' ', '-').toLowerCase();
    await account(email, 'a long password');
    mailServer.answer = answer;
    await app.ok(REQUEST_PASSWORD_RESET, { email });
    await expect.poll(() => stateOf(email)).toEqual([{ state: 'waiting', failures: 1 }]);
    const before = mailServer.to(email);
    mailServer.answer = 'take';
    await sendDue(WAIT_MS);
    await expect.poll(() => mailServer.to(email).length).toBe(before.length + 1);
    expect(new Set(mailServer.to(email).map(({ messageId }) => messageId)).size).toBe(1);
    expect(await stateOf(email)).toEqual([{ state: 'done', failures: 1 }]);
  });

  test('whose sender died before it could record that is sent again, with the same Message-ID', async () => {
    await account('eve@example.com', 'a long password');
    const token = await resetToken('eve@example.com');
    const ofEve = { 'content.email': 'eve@example.com' };
    await expect.poll(() => stateOf('eve@example.com')).toEqual([{ state: 'done', failures: 0 }]);
    // What the queue keeps is no link.
    const [stored] = await app.database.outbox.find(ofEve).lean().exec();
    expect(JSON.stringify(stored)).not.toContain(token);
    const asItWas = { $set: { state: 'waiting' }, $unset: { deleteAt: 1 } } as const;
    await app.database.outbox.updateOne(ofEve, asItWas).exec();
    await sendDue(CLAIM_MS);
    expect(mailServer.to('eve@example.com').map(({ messageId }) => messageId)).toEqual(
      Array(2).fill(expect.stringMatching(/^<[0-9a-f]{32}@tickets\.example>$/)),
    );
  });

  test('to an address that the mail server refuses (550) is given up, and the log says so', async () => {
    await account('gone@example.com', 'a long password');
    mailServer.answer = 550;
    await app.ok(REQUEST_PASSWORD_RESET, { email: 'gone@example.com' });
    await expect.poll(() => stateOf('gone@example.com')).toEqual([{ state: 'failed', failures: 0 }]);
    mailServer.answer = 'take';
    // Anybody can mistype an address: nobody has to look at it, and it does not stay for ever.
    expect(lines.find(({ msg }) => msg === 'A mail was given up')).toMatchObject({
      level: 40,
      kind: 'mailResetLink',
    });
    expect(await new Outbox(app.database, app.clock).countFailed()).toBe(0);
    expect(await app.database.outbox.countDocuments({ state: 'failed', deleteAt: { $exists: false } })).toBe(
      0,
    );
    await sendDue(CLAIM_MS);
    expect(mailServer.to('gone@example.com')).toEqual([]);
  });
});

describe('bookings', () => {
  const NAME = 'Jazz <b>& more</b>';
  const DATE = 'Friday, January 1, 2100 at 21:00 Central European Standard Time';
  const VENUE = 'City Hall';
  const newEvent = async () =>
    app.event(await app.user(), {
      name: NAME,
      venue: VENUE,
      eventDate: '2100-01-01T20:00:00Z',
      timeZone: 'Europe/Vienna',
      sections: [{ name: 'Stalls', rows: 2, seatsPerRow: 5, price: { amount: 4_500, currency: 'USD' } }],
    });
  const checkOut = async (
    eventId: string,
    seatNumbers: number[],
    user: { token: string },
    contact?: string,
    server = app,
  ) => {
    await server.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
    const input = { eventId, requestId: eventId, contactEmail: contact ?? null };
    return (await server.ok(CHECK_OUT, { input }, user)).checkOut;
  };
  const linksIn = (text: string) => [...text.matchAll(/\/bookings\/(\w+)\/ticket#([\w.-]+)/g)];
  const statusOf = async (code: string) => (await app.ok(TICKET, { code })).ticket?.status;

  test('a check-out is one mail to its contact address, with a link for each ticket; a cancellation is one, with the refund', async () => {
    const { startGuest: guest } = await app.ok(START_GUEST, {});
    const to = 'guest@example.com';
    const { payment, bookings } = await checkOut(await newEvent(), [1, 2, 3], guest, to);
    await expect.poll(() => mailServer.to(to).length).toBe(1);
    const [mail] = mailServer.to(to) as [ReceivedMail];
    expect(mail.headers).toMatch(/^Subject: Your tickets: Jazz <b>& more<\/b>$/m);
    for (const text of [DATE, VENUE, 'Stalls, row A, seat 2', `Payment ${payment.reference}, USD 135.00`])
      expect(mail.body).toContain(text);
    expect(mail.body).toContain('Jazz &lt;b&gt;&amp; more&lt;/b&gt;');
    // Once in the text and once in the HTML, in seat order.
    const ids = bookings.map(({ id }) => id);
    expect(linksIn(mail.body).map(([, id]) => id)).toEqual([...ids, ...ids]);
    for (const [, , code] of linksIn(mail.body).slice(0, 3))
      expect(await statusOf(code as string)).toBe('CONFIRMED');

    await app.ok(CANCEL_BOOKING, { id: ids[1] as string }, guest);
    await expect.poll(() => mailServer.to(to).length).toBe(2);
    const { headers, body } = mailServer.to(to)[1] as ReceivedMail;
    expect(headers).toMatch(/^Subject: Cancelled: /m);
    expect(body).toMatch(/their tickets are void:\r\nStalls, row A, seat 2\r\n\r\nYou get USD 45\.00 back\./);
    expect(linksIn(body)).toEqual([]);

    // Each new ticket is mailed, with the link that is valid.
    for (const mails of [3, 4]) {
      await app.ok(REISSUE_TICKET, { bookingId: ids[0] as string }, guest);
      await expect.poll(() => mailServer.to(to).length).toBe(mails);
    }
    const earlier = linksIn(mailServer.to(to)[2]?.body ?? '')[0]?.[2] as string;
    const { headers: renewed, body: links } = mailServer.to(to)[3] as ReceivedMail;
    expect(renewed).toMatch(/^Subject: Your new ticket: /m);
    const [[, id, code] = []] = linksIn(links);
    const shown = await Promise.all([earlier, code as string].map((each) => app.ok(TICKET, { code: each })));
    expect([id, ...shown.map(({ ticket }) => ticket?.ticket?.code)]).toEqual([ids[0], undefined, code]);
    expect(new Set(mailServer.to(to).map(({ messageId }) => messageId)).size).toBe(4);
  });

  test('a new date is one mail to each buyer, with the last day to cancel; a cancelled event is one, with reason and refund', async () => {
    const organizer = await app.user();
    const eventId = await app.event(organizer, {
      name: NAME,
      eventDate: '2099-12-01T20:00:00Z',
      timeZone: 'Europe/Vienna',
      sections: [{ name: 'Stalls', rows: 2, seatsPerRow: 5, price: { amount: 4_500, currency: 'USD' } }],
    });
    const [ann, ben, cid] = (await app.users(3, (index) => `moved-${index}@example.com`)) as [
      TestUser,
      TestUser,
      TestUser,
    ];
    await checkOut(eventId, [1, 2], ann);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [3] } }, ann);
    const second = { eventId, requestId: 'second', contactEmail: ann.email };
    await app.ok(CHECK_OUT, { input: second }, ann);
    const given = await checkOut(eventId, [4], ben);
    await app.ok(CANCEL_BOOKING, { id: given.bookings[0]?.id as string }, ben);
    await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [5] } }, cid);
    const guests = [7, 8].map((seat) => ({ email: `guest-${seat}@example.com`, seat }));
    for (const { email, seat } of guests) {
      const invitation = { eventId, seatNumbers: [seat], contactEmail: email, requestId: email };
      await app.ok(BOOK_HELD_BACK, { input: invitation }, organizer);
    }
    const mailsTo = (user: { readonly email: string }, subject: string) =>
      mailServer.to(user.email).filter(({ headers }) => headers.includes(`Subject: ${subject}`));

    const input = {
      eventId,
      ifRevision: 3,
      eventDate: '2100-01-01T20:00:00Z',
      refundUntil: '2100-01-02T20:00:00Z',
    };
    await app.ok(UPDATE_EVENT, { input }, organizer);
    await expect.poll(() => mailsTo(ann, 'New date').length).toBe(1);
    // Everything is written. The same date again, and another field, mail nobody.
    await expect
      .poll(async () => (await app.database.events.findById(eventId).lean().exec())?.dateNotice)
      .toBeNull();
    const again = { ...input, ifRevision: 4, venue: VENUE };
    expect((await app.ok(UPDATE_EVENT, { input: again }, organizer)).updateEvent?.revision).toBe(5);
    const [moved] = mailsTo(ann, 'New date');
    for (const text of [
      DATE,
      'Stalls, row A, seat 3',
      'until Saturday, January 2, 2100 at 21:00',
      '/bookings',
    ])
      expect(moved?.body).toContain(text);
    // Each guest reads of the own place alone, and of no money.
    for (const guest of guests) {
      await expect.poll(() => mailsTo(guest, 'New date').length).toBe(1);
      const [told] = mailsTo(guest, 'New date');
      const seats = guests.map(({ seat }) => told?.body.includes(`seat ${seat - 5}`));
      expect(seats).toEqual(guests.map(({ seat }) => seat === guest.seat));
      expect(told?.body).not.toContain('money');
    }

    await app.ok(CANCEL_EVENT, { eventId, reason: 'The hall has burnt down.' }, organizer);
    await expect.poll(() => mailsTo(ann, 'Cancelled').length).toBe(1);
    const [cancelled] = mailsTo(ann, 'Cancelled');
    for (const text of ['The hall has burnt down.', 'Stalls, row A, seat 3', 'You get USD 135.00 back.'])
      expect(cancelled?.body).toContain(text);
    for (const guest of guests) {
      await expect.poll(() => mailsTo(guest, 'Cancelled').length).toBe(1);
      expect(mailsTo(guest, 'Cancelled')[0]?.body).toMatch(/Invitation \S+\r?\n/);
    }
    await app.app.jobs.followUp.run();
    await app.app.jobs.mail?.run();
    expect(mailsTo(ann, 'New date')).toHaveLength(1);
    for (const user of [ben, cid]) {
      expect(mailsTo(user, 'New date')).toEqual([]);
      expect(mailServer.to(user.email).filter(({ body }) => body.includes('burnt'))).toEqual([]);
    }
  });

  test('a mail server that does not answer holds up neither a call nor a refund', async () => {
    const user = await app.user('patient@example.com');
    mailServer.answer = 'wait';
    const { payment, bookings } = await checkOut(await newEvent(), [1], user);
    await app.ok(CANCEL_BOOKING, { id: bookings[0]?.id as string }, user);
    const stateOf = async () => {
      const ofPayment = { _id: { $regex: `^${payment.paymentId}:` } };
      const messages = await app.database.outbox.find(ofPayment).lean().exec();
      return Object.fromEntries(messages.map(({ _id, state }) => [_id.split(':')[1], state]));
    };
    await expect.poll(stateOf).toEqual({ mail: 'waiting', refund: 'done' });
    mailServer.answer = 'take';
    await expect.poll(() => mailServer.to('patient@example.com').length).toBe(2);
  });

  test('without a contact address the mail goes to the account', async () => {
    const user = await app.user('holder@example.com');
    await checkOut(await newEvent(), [4], user);
    await expect.poll(() => mailServer.to('holder@example.com').length).toBe(1);
    expect(mailServer.to('holder@example.com')[0]?.headers).toMatch(/^Subject: Your ticket: /m);
  });

  test('many that name one address are all confirmed, and mail it so often as one address may be mailed, over two servers', async () => {
    const limits = { rateLimitPerMinute: 10_000, mailsPerAddressMax: 3 };
    const servers = await Promise.all(
      [0, 1].map(() => TestApp.start({ sharing: app, config: { ...mailConfig(), ...limits } })),
    );
    onTestFinished(async () => {
      for (const server of servers) await server.close({ keepData: true });
    });
    const to = 'victim@example.com';
    const eventId = await newEvent();
    const buyers = await app.users(8);
    const booked = await Promise.all(
      buyers.map((buyer, index) => checkOut(eventId, [index + 1], buyer, to, servers[index % 2])),
    );
    expect(booked.map(({ payment }) => payment.status)).toEqual(buyers.map(() => 'COMPLETED'));
    const ofEvent = { 'content.paymentId': { $in: booked.map(({ payment }) => payment.paymentId) } };
    const isDone = { ...ofEvent, state: 'done' as const };
    await expect.poll(() => app.database.outbox.countDocuments(isDone).exec()).toBe(buyers.length);
    expect(mailServer.to(to)).toHaveLength(limits.mailsPerAddressMax);
  });

  test('without a mail server the mail is in the log, and nothing in the outbox', async () => {
    const logged = captureLog();
    const other = await TestApp.start({ sharing: app, log: logged.log });
    onTestFinished(() => other.close({ keepData: true }));
    const eventId = await newEvent();
    const user = await app.user('developer@example.com');
    await other.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [5] } }, user);
    const { checkOut: done } = await other.ok(CHECK_OUT, { input: { eventId, requestId: 'r' } }, user);
    const mails = () => logged.lines.filter(({ to }) => to === 'developer@example.com');
    await expect
      .poll(() => mails().map(({ level, subject }) => ({ level, subject })))
      .toEqual([{ level: 30, subject: `Your ticket: ${NAME}` }]);
    const [[, id, code] = []] = linksIn(String(mails()[0]?.text));
    expect(id).toBe(done.bookings[0]?.id);
    expect(await statusOf(code ?? '')).toBe('CONFIRMED');
    const written = { _id: { $regex: `^${done.payment.paymentId}:` } };
    expect(await app.database.outbox.countDocuments(written).exec()).toBe(0);
  });
});

test('the log has neither a link nor the password of the mail server', async () => {
  await account('dora@example.com', 'a long password');
  const token = await resetToken('dora@example.com');
  await app.ok(RESET_PASSWORD, { token, password: 'another long one' });
  const text = JSON.stringify(lines);
  expect(lines.length).toBeGreaterThan(10);
  expect(text).not.toContain(token);
  expect(text).not.toContain('reset-password#');
  expect(text).not.toContain(SMTP_PASSWORD);
});
