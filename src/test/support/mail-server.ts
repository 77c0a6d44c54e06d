import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly to: readonly string[];
  readonly headers: string;
  readonly messageId: string | undefined;
  /** Both of its parts, decoded. */
  readonly body: string;
}

/**
 * What the server does with the next mails: it takes them, answers with this code, closes the connection after DATA, or
 * waits until it is told to take them.
 */
export type MailAnswer = 'take' | 450 | 550 | 'close after DATA' | 'wait';

const USER = 'booking';
export const SMTP_PASSWORD = 'smtp-password-of-the-tests';

/** A real SMTP server on loopback. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** Recipients of all attempts, taken or not. */
  readonly attempts: string[] = [];
  #answer: MailAnswer = 'take';
  readonly #waiting: (() => void)[] = [];
  readonly #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === USER && password === SMTP_PASSWORD ? done(null, { user: USER }) : done(new Error('No')),
    onRcptTo: ({ address }, _session, done) => {
      this.attempts.push(address);
      if (this.#answer === 'wait') this.#waiting.push(done);
      else if (typeof this.#answer !== 'number') done();
      else done(Object.assign(new Error('Not now'), { responseCode: this.#answer }));
    },
    onData: (stream, { envelope }, done) => {
      void text(stream).then((raw) => {
        this.mails.push(
          mailIn(
            raw,
            envelope.rcptTo.map(({ address }) => address),
          ),
        );
        if (this.#answer !== 'close after DATA') return done();
        for (const connection of this.#server.connections) connection._socket.destroy();
      });
    },
  });

  set answer(answer: MailAnswer) {
    this.#answer = answer;
    for (const done of this.#waiting.splice(0)) done();
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()));
  }

  /** With the password. */
  get url(): string {
    const { port } = this.#server.server.address() as AddressInfo;
    return `smtp://${USER}:${SMTP_PASSWORD}@127.0.0.1:${port}`;
  }

  /** The mails to an address. */
  to(address: string): ReceivedMail[] {
    return this.mails.filter(({ to }) => to.includes(address));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function mailIn(raw: string, to: readonly string[]): ReceivedMail {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, end);
  return { to, headers, messageId: /^Message-ID: (.+)$/im.exec(headers)?.[1], body: decoded(raw.slice(end)) };
}

/** Undoes quoted-printable, in UTF-8. */
function decoded(body: string): string {
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
