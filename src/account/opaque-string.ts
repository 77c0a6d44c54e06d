/**
 * The OpaqueString profile of RFC 8265, section 4.2, in which passwords are compared. npm has no maintained library for it:
 * saslprep is RFC 4013, which this profile replaced, and changes passwords more (NFKC, Unicode 3.2).
 */

const NOT_ASCII_SPACE = /(?! )\p{Zs}/gu;
/** Characters outside the FreeformClass of RFC 8264, section 4.3. Joiners have their own rule below. */
const DISALLOWED =
  /[^\p{L}\p{M}\p{N}\p{P}\p{S} \u200C\u200D]|(?![\u200C\u200D])\p{Default_Ignorable_Code_Point}/u;
/** Old Hangul letters, and the exceptions of RFC 5892, section 2.6. */
const DISALLOWED_LETTERS =
  /[\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]/u;
/**
 * The contextual rules of RFC 5892, appendix A. JavaScript does not know the joining types, so a joiner is allowed after
 * any letter or mark: this accepts more than the RFC, and everything that the RFC accepts.
 */
const OUT_OF_CONTEXT =
  /(?<![\p{L}\p{M}])[\u200C\u200D]|(?<!l)\u00B7|\u00B7(?!l)|\u0375(?!\p{Script=Greek})|(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u;
const KATAKANA_DOT = /\u30FB/;
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
const ARABIC_DIGIT = /[\u0660-\u0669]/;
const EXTENDED_ARABIC_DIGIT = /[\u06F0-\u06F9]/;

/** @returns null if the profile does not allow the text */
export function opaqueString(text: string): string | null {
  const mapped = text.replace(NOT_ASCII_SPACE, ' ').normalize('NFC');
  const isRefused =
    mapped === '' ||
    DISALLOWED.test(mapped) ||
    DISALLOWED_LETTERS.test(mapped) ||
    OUT_OF_CONTEXT.test(mapped) ||
    (KATAKANA_DOT.test(mapped) && !JAPANESE.test(mapped)) ||
    (ARABIC_DIGIT.test(mapped) && EXTENDED_ARABIC_DIGIT.test(mapped));
  return isRefused ? null : mapped;
}
