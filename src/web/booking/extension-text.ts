import type { Extension, HeldSeat } from 'seat-map';

/** One or two sentences for the user. */
export function extensionText(
  { extended, exhausted, failed }: Extension,
  nameOf: (seatNumber: number) => string,
  messageOf: (error: unknown) => string,
): string {
  const names = (locks: readonly HeldSeat[]) => locks.map(({ seatNumber }) => nameOf(seatNumber)).join('; ');
  const isPartly = exhausted.length > 0 || failed.length > 0;
  return [
    extended.length > 0 && (isPartly ? `More time for ${names(extended)}.` : 'You have more time.'),
    exhausted.length > 0 &&
      (extended.length + failed.length > 0
        ? `Cannot be held longer: ${names(exhausted)}.`
        : 'These seats cannot be held longer.'),
    failed.length > 0 &&
      `No more time for ${names(failed.map(({ lock }) => lock))}: ${messageOf(failed[0]?.error)}`,
  ]
    .filter((sentence) => sentence !== false)
    .join(' ');
}
