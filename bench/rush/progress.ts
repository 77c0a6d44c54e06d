import type { WriteStream } from 'node:tty';

const REWRITE_EVERY_MS = 100;
const LINE_EVERY_MS = 1_000;
const ERASE_LINE = '\r\x1b[2K';
const COLUMNS_DEFAULT = 80;

/** What is going on, on standard error: one line written over and over on a terminal, elsewhere a line each second. */
export class Progress {
  readonly #timer: NodeJS.Timeout;
  #line: () => string = () => '';

  constructor(private readonly out: WriteStream) {
    this.#timer = setInterval(() => this.#write(), out.isTTY ? REWRITE_EVERY_MS : LINE_EVERY_MS);
    this.#timer.unref();
  }

  /** @param line called whenever there is something to write */
  show(line: () => string): void {
    this.#line = line;
  }

  /** Shows the last state and makes room for what follows. */
  end(): void {
    clearInterval(this.#timer);
    if (this.out.isTTY) this.out.write(ERASE_LINE);
  }

  #write(): void {
    const line = this.#line();
    if (line === '') return;
    if (!this.out.isTTY) this.out.write(`${line}\n`);
    else this.out.write(`${ERASE_LINE}${line.slice(0, (this.out.columns ?? COLUMNS_DEFAULT) - 1)}`);
  }
}
