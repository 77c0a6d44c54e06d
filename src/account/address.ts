import { domainToASCII, domainToUnicode } from 'node:url';
import validator from 'validator';

/** RFC 5321, section 4.5.3.1.3. */
const ADDRESS_OCTETS_MAX = 254;
/** Two addresses that differ in one of these look the same. */
const INVISIBLE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * An e-mail address in the one form in which it is stored, or null where the text is no address.
 *
 * The part before the @ follows the rules of RFC 8265, section 3.3, for names of users: wide letters become ordinary
 * ones, then lower case, then NFC. Full case folding would make straße@ and strasse@, two mailboxes, one account.
 * The domain follows UTS 46, so that its Unicode and its xn-- form are one.
 */
export function addressFrom(text: string): string | null {
  const typed = text
    .replace(/[\uFF00-\uFFEF]/g, (wide) => wide.normalize('NFKC'))
    .trim()
    .toLowerCase()
    .normalize('NFC');
  // Before the library: it throws at half a surrogate pair.
  if (INVISIBLE.test(typed) || Buffer.byteLength(typed) > ADDRESS_OCTETS_MAX) return null;
  if (!validator.isEmail(typed)) return null;
  const { local, domain } = partsOf(typed);
  const unicodeDomain = domainToUnicode(domain);
  return isSameDomain(domain, unicodeDomain) ? `${local}@${unicodeDomain}` : null;
}

/** Node versions differ in what they make of an xn-- label that stands for nothing: '', the label itself, or ASCII. */
const isSameDomain = (domain: string, unicodeDomain: string): boolean =>
  unicodeDomain !== '' &&
  !unicodeDomain.split('.').some((label) => label.startsWith('xn--')) &&
  domainToASCII(unicodeDomain) === domainToASCII(domain);

/** What counts failed log-ins of one account, however its address is typed; at most 254 characters of any other text. */
export const accountKey = (text: string): string =>
  addressFrom(text) ?? earlierForm(text).slice(0, ADDRESS_OCTETS_MAX);

/**
 * The forms in which the address may be stored, in the order in which they are tried. Earlier releases stored addresses
 * in lower case and otherwise as they were typed, and could store two forms of one: each opens its own account.
 */
export function storedForms(text: string): string[] {
  const before = earlierForm(text);
  const address = addressFrom(text);
  if (address === null) return before.length > ADDRESS_OCTETS_MAX ? [] : [before];
  const { local, domain } = partsOf(address);
  const locals = [local, local.normalize('NFD')];
  const domains = [domain, domain.normalize('NFD'), domainToASCII(domain)];
  const forms = locals.flatMap((each) => domains.map((of) => `${each}@${of}`));
  return [...new Set([before, ...forms])];
}

const earlierForm = (text: string): string => text.trim().toLowerCase();

function partsOf(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}
