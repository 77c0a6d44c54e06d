/** Of a call that has one effect, however often it is sent. `crypto.randomUUID` is missing on pages without HTTPS. */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
