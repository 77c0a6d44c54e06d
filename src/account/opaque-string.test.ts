import { describe, expect, test } from 'vitest';
import { opaqueString } from './opaque-string.js';

describe('OpaqueString', () => {
  // RFC 8265, section 4.3, tables 5 and 6.
  test.each([
    ['correct horse battery staple', 'correct horse battery staple'],
    ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
    ['\u03c0\u00df\u00e5', '\u03c0\u00df\u00e5'],
    ['Jack of \u2666s', 'Jack of \u2666s'],
    ['foo\u1680bar', 'foo bar'],
    ['', null],
    ['my cat is a \u0009by', null],
  ])('has the examples of its RFC: %j is %j', (text, form) => expect(opaqueString(text)).toBe(form));

  test.each([
    ['composes', 'e\u0301', '\u00e9'],
    ['composes Hangul letters', '\u1112\u1161\u11ab', '한'],
    ['keeps capitals, ligatures and wide letters', 'Aﬁ１', 'Aﬁ１'],
    ['keeps spaces at the ends', ' a ', ' a '],
    ['takes an emoji', '🎟', '🎟'],
    ['takes a non-joiner between letters', 'می\u200cخواهم', 'می\u200cخواهم'],
    ['takes a joiner after a mark', 'क्\u200dष', 'क्\u200dष'],
    ['takes the dot between two l', 'col\u00b7lecció', 'col\u00b7lecció'],
    ['takes the Katakana dot', 'ジョン・スミス', 'ジョン・スミス'],
    ['takes Arabic digits', '\u0661\u0662', '\u0661\u0662'],
  ])('%s', (_, text, form) => expect(opaqueString(text)).toBe(form));

  test.each([
    ['NUL', 'a\0'],
    ['a line break', 'a\nb'],
    ['half a surrogate pair', 'a\ud800'],
    ['a private-use character', '\ue000'],
    ['an unassigned character', '\u0378'],
    ['a noncharacter', '\uffff'],
    ['an invisible character', 'a\u200bb'],
    ['a variation selector', '❤\ufe0f'],
    ['a direction override', 'a\u202eb'],
    ['a joiner without a letter before it', '\u200dab'],
    ['an emoji sequence with joiners', '👨\u200d👩'],
    ['a lone old Hangul letter', '\u1112'],
    ['a tatweel', 'ـ'],
    ['the dot elsewhere', 'a\u00b7b'],
    ['the Katakana dot without Japanese', 'a\u30fbb'],
    ['two kinds of Arabic digits', '\u0661\u06f1'],
    ['a Greek numeral sign without Greek', '\u0375a'],
    ['a Hebrew quotation mark without Hebrew', 'a\u05f4'],
  ])('refuses %s', (_, text) => expect(opaqueString(text)).toBeNull());
});
