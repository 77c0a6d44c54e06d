/** Right-to-left letters, and every character that sets a direction. */
const AFFECTS_DIRECTION =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}\u200F\u061C\u202A-\u202E\u2066-\u2069]/u;
/** They affect text outside their own. New names cannot contain them. */
const DIRECTION_CONTROL = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * User text within a sentence without markup, isolated so that it does not reorder the text around it. In markup, use
 * `<bdi>`. Left-to-right text stays as it is, so that nobody hears or copies the marks.
 */
export const isolated = (text: string): string =>
  AFFECTS_DIRECTION.test(text) ? `\u2068${text.replace(DIRECTION_CONTROL, '')}\u2069` : text;
