import { badUserInput } from './errors.js';

/**
 * Which texts of clients are valid. `requireWellFormed` is applied to every text of every operation; `nameFrom` adds rules
 * for texts that other people read.
 */

const LONE_SURROGATE = /\p{Surrogate}/u;
/**
 * Controls, line breaks, and characters that change the direction of the text after them. Private-use characters and
 * noncharacters look different on each device. Unassigned ones are allowed: people use new emoji before Node knows them.
 */
const NOT_ALLOWED_IN_NAMES =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\u202A-\u202E\u2066-\u206F\uFFF9-\uFFFB]/u;
/** The three excluded ones are symbols in Unicode, but show nothing: braille blank, object replacement, null notehead. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u{1D159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Refuses half a surrogate pair: the database would store another character in its place.
 *
 * @param field the value's name as the client wrote it; empty if the names inside the value are enough
 * @throws BAD_USER_INPUT with the path of the first text that is not well-formed Unicode
 */
export function requireWellFormed(field: string, value: unknown): void {
  // No recursion, as a client's value may be nested deeper than the stack.
  const left: [field: string, value: unknown][] = [[field, value]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [path, part] = next;
    if (typeof part === 'string') {
      if (LONE_SURROGATE.test(part)) throw badUserInput(path, 'This text is not well-formed Unicode.');
    } else if (Array.isArray(part)) {
      part.forEach((item, index) => {
        // A path takes longer than the check, and most values of a long list need none.
        const isText = typeof item === 'string';
        if (isText ? LONE_SURROGATE.test(item) : typeof item === 'object')
          left.push([`${path}[${index}]`, item]);
      });
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, item] of Object.entries(part))
        left.push([path === '' ? name : `${path}.${name}`, item]);
    }
  }
}

/**
 * A name as it is stored: in NFC, without the spaces around it.
 *
 * @param lengthMax in Unicode code points
 * @throws BAD_USER_INPUT
 */
export function nameFrom(field: string, text: string, lengthMax: number): string {
  if (NOT_ALLOWED_IN_NAMES.test(text)) {
    throw badUserInput(
      field,
      'A name is one line, without control characters and without characters that change the direction of text.',
    );
  }
  const name = text.normalize('NFC').trim();
  if (!VISIBLE.test(name)) throw badUserInput(field, 'A name has at least one visible character.');
  if ([...name].length > lengthMax) {
    throw badUserInput(field, `A name has at most ${lengthMax} characters.`, { max: lengthMax });
  }
  return name;
}

/**
 * A text of several lines as it is stored: in NFC, without the white space around it, lines separated by \n.
 *
 * @param lengthMax in Unicode code points
 * @throws BAD_USER_INPUT
 */
export function paragraphsFrom(field: string, text: string, lengthMax: number): string {
  const lines = text.replace(/\r\n?/g, '\n');
  if (NOT_ALLOWED_IN_NAMES.test(lines.replaceAll('\n', ''))) {
    throw badUserInput(
      field,
      'This has control characters, or characters that change the direction of text.',
    );
  }
  const stored = lines.normalize('NFC').trim();
  if (!VISIBLE.test(stored)) throw badUserInput(field, 'This has at least one visible character.');
  if ([...stored].length > lengthMax) {
    throw badUserInput(field, `This has at most ${lengthMax} characters.`, { max: lengthMax });
  }
  return stored;
}

/** Equal for names that look the same: it ignores invisible characters and the kind of a space. */
export const nameKey = (name: string): string =>
  name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\p{White_Space}+/gu, ' ')
    .normalize('NFC');
