import { expect, test } from 'vitest';
import { mailOf } from './mail-content.js';

test('one text becomes plain text and HTML', () => {
  const mail = mailOf('m1', 'ann@example.com', {
    subject: 'Your seats',
    paragraphs: [['Row 1', 'Row 2'], [{ text: 'Open', url: 'https://a.example/?a=1&b=2' }]],
  });
  expect(mail).toMatchObject({ id: 'm1', to: 'ann@example.com', subject: 'Your seats' });
  expect(mail.text).toBe('Row 1\nRow 2\n\nOpen:\nhttps://a.example/?a=1&b=2\n');
  expect(mail.html).toContain(
    '<p>Row 1<br>\nRow 2</p>\n<p><a href="https://a.example/?a=1&amp;b=2">Open</a></p>',
  );
});

test('a name that a user has chosen adds no header, no line and no markup', () => {
  const name = `Night\r\nBcc: eve@example.com\u2028<img src=x onerror="alert('1')"> & more`;
  const { subject, text, html } = mailOf('m1', 'ann@example.com', {
    subject: name,
    paragraphs: [[name, { text: name, url: 'https://a.example/"><b>' }]],
  });
  expect(subject).toBe(`Night Bcc: eve@example.com <img src=x onerror="alert('1')"> & more`);
  expect(text.split('\n')).toEqual([subject, `${subject}:`, 'https://a.example/"><b>', '']);
  expect(html).not.toMatch(/<img|<b>|onerror="/);
  expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more');
});
