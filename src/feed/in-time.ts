import { DomainError } from '../core/errors.js';

/** How long whoever wants to see a map may wait for it to be read, or to catch up. */
export const MAP_MS_MAX = 5_000;
const AGAIN_MS = 1_000;

/** For whoever waited for a map that cannot be had now, or that was closed meanwhile. */
export const notInTime = (): DomainError =>
  new DomainError('TOO_BUSY', 'The seats cannot be told at this moment. Try again shortly.', {
    retryAfterMs: AGAIN_MS,
  });

/** @throws TOO_BUSY when the map cannot be had in time; it goes on catching up, for whoever comes again */
export async function inTime<Seen>(seen: Promise<Seen>): Promise<Seen> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(notInTime()), MAP_MS_MAX);
  });
  return Promise.race([seen, deadline]).finally(() => clearTimeout(late));
}
