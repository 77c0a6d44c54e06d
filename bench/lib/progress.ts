import type { WriteStream } from 'node:tty';

const REWRITE_EVERY_MS = 250;
const ERASE_LINE = '\r\x1b[2K';
const COLUMNS_DEFAULT = 80;

/** What is measured just now, for how long, and what came of it: on standard error, so that results can be piped. */
export class Progress {
  #done = 0;
  #doing = '';
  #sinceMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param steps how many there will be */
  constructor(
    private readonly out: WriteStream,
    private readonly steps: number,
  ) {
    if (out.isTTY) this.#timer = setInterval(() => this.#rewrite(), REWRITE_EVERY_MS);
    this.#timer?.unref();
  }

  begin(what: string): void {
    this.#doing = what;
    this.#sinceMs = performance.now();
    this.#rewrite();
  }

  /** @param lines what the step has measured */
  done(lines: readonly string[]): void {
    this.#done += 1;
    const step = `[${this.#done}/${this.steps}] ${this.#doing}`;
    if (this.out.isTTY) this.out.write(ERASE_LINE);
    this.out.write([step, ...lines.map((line) => `  ${line}`), ''].join('\n'));
    this.#doing = '';
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.out.isTTY) this.out.write(ERASE_LINE);
  }

  #rewrite(): void {
    if (!this.out.isTTY || this.#doing === '') return;
    const seconds = Math.round((performance.now() - this.#sinceMs) / 1000);
    const line = `[${this.#done + 1}/${this.steps}] ${this.#doing} … ${seconds} s`;
    this.out.write(`${ERASE_LINE}${line.slice(0, (this.out.columns ?? COLUMNS_DEFAULT) - 1)}`);
  }
}
