import type { Mail } from './mail.js';

/** A line of text, or a link with its text. */
export type MailLine = string | { readonly text: string; readonly url: string };

/** What a mail says. It is written once and becomes both plain text and HTML. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly (readonly MailLine[])[];
}

/** Texts may contain names that users have chosen: here they are escaped, and kept on one line. */
export function mailOf(id: string, to: string, { subject, paragraphs }: MailContent): Mail {
  const html = paragraphs.map((lines) => `<p>${lines.map(htmlOf).join('<br>\n')}</p>`).join('\n');
  return {
    id,
    to,
    subject: onOneLine(subject),
    text: `${paragraphs.map((lines) => lines.map(textOf).join('\n')).join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en"><body>\n${html}\n</body></html>\n`,
  };
}

const textOf = (line: MailLine): string =>
  typeof line === 'string' ? onOneLine(line) : `${onOneLine(line.text)}:\n${line.url}`;

const htmlOf = (line: MailLine): string =>
  typeof line === 'string'
    ? escaped(onOneLine(line))
    : `<a href="${escaped(line.url)}">${escaped(onOneLine(line.text))}</a>`;

/** Line breaks and other control characters would add headers or lines of somebody else's. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
