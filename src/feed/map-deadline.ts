import { DomainError } from '../core/errors.js';

/** How long whoever wants to see a map may wait for it to be read, or to catch up. */
export const MAP_WAIT_MS_MAX = 5_000;
const RETRY_AFTER_MS = 1_000;

/** For whoever waited for a map that cannot be had now, or that was closed meanwhile. */
export const mapUnavailable = (): DomainError =>
  new DomainError('TOO_BUSY', 'The seats cannot be told at this moment. Try again shortly.', {
    retryAfterMs: RETRY_AFTER_MS,
  });

/** @throws TOO_BUSY when the map cannot be had in time; it goes on catching up, for whoever comes again */
export async function withMapDeadline<Result>(seen: Promise<Result>): Promise<Result> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(mapUnavailable()), MAP_WAIT_MS_MAX);
  });
  return Promise.race([seen, deadline]).finally(() => clearTimeout(late));
}
