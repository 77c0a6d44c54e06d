import type { WriteStream } from 'node:tty';

const REWRITE_EVERY_MS = 100;
const LINE_EVERY_MS = 1_000;
const ERASE_LINE = '\r\x1b[2K';
const COLUMNS_DEFAULT = 80;

/** The current state, on standard error: one line that is rewritten on a terminal, otherwise a line every second. */
export class Progress {
  readonly #timer: NodeJS.Timeout | undefined;
  #line: () => string = () => '';

  /** @param onTerminalOnly writes no state if standard error is not a terminal */
  constructor(
    private readonly out: WriteStream = process.stderr,
    { onTerminalOnly = false } = {},
  ) {
    if (onTerminalOnly && !out.isTTY) return;
    this.#timer = setInterval(() => this.#write(), out.isTTY ? REWRITE_EVERY_MS : LINE_EVERY_MS);
    this.#timer.unref();
  }

  /** @param line called whenever the state is written */
  show(line: () => string): void {
    this.#line = line;
  }

  /** Writes lines that stay. */
  print(lines: readonly string[]): void {
    if (this.out.isTTY) this.out.write(ERASE_LINE);
    this.out.write(`${lines.join('\n')}\n`);
    this.#line = () => '';
  }

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
