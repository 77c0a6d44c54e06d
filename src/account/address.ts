import { domainToASCII, domainToUnicode } from 'node:url';
import validator from 'validator';

/** RFC 5321, section 4.5.3.1.3. */
const ADDRESS_OCTETS_MAX = 254;
/** Two addresses that differ only in one of these look the same. */
const INVISIBLE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * An e-mail address in the form in which it is stored, or null if the text is no address.
 *
 * The part before the @ follows RFC 8265, section 3.3, for user names: wide letters become ordinary ones, then lower case,
 * then NFC. Full case folding would make straße@ and strasse@, two mailboxes, one account.
 * The domain follows UTS 46, so that its Unicode form and its xn-- form are the same.
 */
export function addressFrom(text: string): string | null {
  const typed = text
    .replace(/[\uFF00-\uFFEF]/g, (wide) => wide.normalize('NFKC'))
    .trim()
    .toLowerCase()
    .normalize('NFC');
  // Checked before the library is called, which throws on half a surrogate pair.
  if (INVISIBLE.test(typed) || Buffer.byteLength(typed) > ADDRESS_OCTETS_MAX) return null;
  if (!validator.isEmail(typed)) return null;
  const { local, domain } = partsOf(typed);
  const unicodeDomain = domainToUnicode(domain);
  return isSameDomain(domain, unicodeDomain) ? `${local}@${unicodeDomain}` : null;
}

/** Node versions decode an invalid xn-- label to different texts: '', the label itself, or ASCII. */
const isSameDomain = (domain: string, unicodeDomain: string): boolean =>
  unicodeDomain !== '' &&
  !unicodeDomain.split('.').some((label) => label.startsWith('xn--')) &&
  domainToASCII(unicodeDomain) === domainToASCII(domain);

/** The key that counts failed log-ins of one account, however its address is typed. Other texts: their first 254 characters. */
export const accountKey = (text: string): string =>
  addressFrom(text) ?? earlierForm(text).slice(0, ADDRESS_OCTETS_MAX);

/** The key that counts mails to one mailbox: a tag (`ann+tickets@`) makes another address of the same one. */
export function mailboxKey(address: string): string {
  const { local, domain } = partsOf(accountKey(address));
  return `${local.replace(/(.)\+.*$/, '$1')}@${domain}`;
}

/**
 * The forms in which the address may be stored, in the order in which they are tried. Earlier releases stored addresses in
 * lower case and otherwise as typed, so that two forms of one address can have an account each.
 */
export function storedForms(text: string): string[] {
  const earlier = earlierForm(text);
  const address = addressFrom(text);
  if (address === null) return earlier.length > ADDRESS_OCTETS_MAX ? [] : [earlier];
  const { local, domain } = partsOf(address);
  const locals = [local, local.normalize('NFD')];
  const domains = [domain, domain.normalize('NFD'), domainToASCII(domain)];
  const forms = locals.flatMap((each) => domains.map((of) => `${each}@${of}`));
  return [...new Set([earlier, ...forms])];
}

const earlierForm = (text: string): string => text.trim().toLowerCase();

function partsOf(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}
