import { type ParseArgsConfig, parseArgs } from 'node:util';

export const SEED_MAX = 2 ** 31 - 1;

/** What was asked for cannot be done; the message says what to write instead. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** @throws OptionError at an option that there is not */
export function valuesOf<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

/** Reads options one by one and keeps what is wrong with them, for all of it to be told at once. */
export class OptionFaults {
  readonly #faults: string[] = [];

  add(fault: string): void {
    this.#faults.push(fault);
  }

  /** @returns the least that is possible where it is none */
  whole(name: string, text: string | undefined, min: number, max: number): number {
    if (text !== undefined && /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max)
      return Number(text);
    this.add(`--${name} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(text ?? '')}`);
    return min;
  }

  /** @returns undefined where there is none: then it is drawn */
  seed(text: string | undefined): number | undefined {
    return text === undefined ? undefined : this.whole('seed', text, 0, SEED_MAX);
  }

  /** @throws OptionError with every fault */
  throw(): void {
    if (this.#faults.length > 0) throw new OptionError(this.#faults.join('\n'));
  }
}
