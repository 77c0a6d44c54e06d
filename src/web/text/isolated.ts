/** Right-to-left letters, and every character that sets a direction. */
const TURNS_TEXT =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}\u200F\u061C\u202A-\u202E\u2066-\u2069]/u;
/** They reach past the text that they are in; no new name has one. */
const DIRECTION_CONTROL = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * Somebody's text as a part of a sentence, where there is no markup: it leaves the order of what stands around it.
 * In markup that is `<bdi>`. Text that turns nothing stays as it is, so that nobody hears or copies the marks.
 */
export const isolated = (text: string): string =>
  TURNS_TEXT.test(text) ? `\u2068${text.replace(DIRECTION_CONTROL, '')}\u2069` : text;
