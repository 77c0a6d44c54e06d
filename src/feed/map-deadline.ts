import { DomainError } from '../core/errors.js';

/** How long a caller waits for a map to be read, or to catch up. */
export const MAP_WAIT_MS_MAX = 5_000;
const RETRY_AFTER_MS = 1_000;

/** For a caller whose map could not be read in time, or was closed meanwhile. */
export const mapUnavailable = (): DomainError =>
  new DomainError('TOO_BUSY', 'The seat map is not available right now. Try again shortly.', {
    retryAfterMs: RETRY_AFTER_MS,
  });

/** @throws TOO_BUSY after MAP_WAIT_MS_MAX; the read continues for the callers that retry */
export async function withMapDeadline<Result>(reading: Promise<Result>): Promise<Result> {
  let timeout: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timeout = setTimeout(() => reject(mapUnavailable()), MAP_WAIT_MS_MAX);
  });
  return Promise.race([reading, deadline]).finally(() => clearTimeout(timeout));
}
