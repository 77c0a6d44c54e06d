import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export const SEED_MAX = 2 ** 31 - 1;

/** The options are invalid. The message says what is valid. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** One option of a command. */
export interface Option<Value> {
  readonly isFlag?: boolean;
  /**
   * @param text undefined if the option was left out
   * @throws OptionError with a message that follows the option's name: "must be …"
   */
  read(text: string | undefined): Value;
}

type Values<Spec> = { readonly [Name in keyof Spec]: Spec[Name] extends Option<infer Value> ? Value : never };

/**
 * Reads a command's options.
 *
 * @returns null if only the usage was requested (`--help`)
 * @throws OptionError with every invalid option
 */
export function readOptions<Spec extends Readonly<Record<string, Option<unknown>>>>(
  args: readonly string[],
  spec: Spec,
): Values<Spec> | null {
  const given = parse(args, spec);
  if (given.help) return null;
  const errors: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(spec)) {
    try {
      const text = given[name];
      values[name] = option.read(text === undefined ? undefined : String(text));
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      errors.push(`--${name} ${error.message}`);
    }
  }
  if (errors.length > 0) throw new OptionError(errors.join('\n'));
  return values as Values<Spec>;
}

function parse(args: readonly string[], spec: Readonly<Record<string, Option<unknown>>>) {
  const types = Object.entries(spec).map(([name, { isFlag }]) => [
    name,
    { type: isFlag ? ('boolean' as const) : ('string' as const) },
  ]);
  const options = { ...Object.fromEntries(types), help: { type: 'boolean' as const } };
  try {
    return parseArgs({ args: [...args], options }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

export const flag: Option<boolean> = { isFlag: true, read: (text) => text !== undefined };

/** Any text but the empty one. */
export const text = <Default extends string | undefined>(otherwise: Default): Option<string | Default> => ({
  read: (given) => {
    if (given === '') throw new OptionError('must not be empty');
    return given ?? otherwise;
  },
});

export const whole = <Default extends number | undefined>(
  min: number,
  max: number,
  otherwise: Default,
): Option<number | Default> => ({
  read: (given) => (given === undefined ? otherwise : numberIn(given, min, max)),
});

/** The seed of a run; undefined if it is to be drawn. */
export const seed = whole(0, SEED_MAX, undefined);

export const drawSeed = (): number => randomInt(SEED_MAX + 1);

/** Whole numbers from 1 to `max`, separated by commas. */
export const wholes = <Default extends readonly number[] | undefined>(
  max: number,
  countMax: number,
  otherwise: Default,
): Option<readonly number[] | Default> => ({
  read: (given) => {
    if (given === undefined) return otherwise;
    const items = listIn(given);
    if (items.length < 1 || items.length > countMax)
      throw new OptionError(`must have 1 to ${countMax} numbers`);
    return items.map((item) => numberIn(item, 1, max));
  },
});

/** Some of the known names, separated by commas, or `all`. */
export const names = <Name extends string, Default>(
  known: readonly Name[],
  otherwise: Default,
): Option<readonly Name[] | Default> => ({
  read: (given) => {
    if (given === undefined) return otherwise;
    if (given === 'all') return known;
    const items = listIn(given);
    const unknown = items.filter((item) => !known.includes(item as Name));
    if (items.length === 0 || unknown.length > 0)
      throw new OptionError(`can be all, or some of ${known.join(', ')}; it is ${JSON.stringify(given)}`);
    return items as Name[];
  },
});

function numberIn(given: string, min: number, max: number): number {
  if (/^\d{1,10}$/.test(given) && Number(given) >= min && Number(given) <= max) return Number(given);
  throw new OptionError(`must be a whole number from ${min} to ${max}; it is ${JSON.stringify(given)}`);
}

/** The distinct items of a list. */
const listIn = (given: string): string[] => [
  ...new Set(
    given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ),
];
