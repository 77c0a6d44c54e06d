import { isSessionEnded } from './api-error.js';
import { resumePauseMs } from './back-off.js';
import { requestOf, type TypedDocument } from './http.js';
import type { ResumeDetector } from './resume-detector.js';
import type { Subscriber } from './subscriber.js';

export interface ResubscribingSource extends Subscriber {
  readonly resumeDetector: Pick<ResumeDetector, 'onResume'>;
}

/**
 * A subscription whose messages are whole states. It starts again after the server has ended it, and after the device has
 * slept, as messages may be late or lost then. It does not start again if the session has ended, because it would be refused
 * until the user signs in.
 */
export function resubscribing<Data, Variables extends Record<string, unknown>>(
  source: ResubscribingSource,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
): () => void {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const start = () => {
    clearTimeout(timer);
    stop();
    const retry = (error?: unknown) => {
      if (isSessionEnded(error)) return;
      timer = setTimeout(start, resumePauseMs(failures, error));
      failures += 1;
    };
    let isPresent = true;
    const cancel = source.subscribe<Data>(requestOf(document, variables), {
      next: ({ data }) => {
        failures = 0;
        if (isPresent && data) onData(data);
      },
      error: (error) => isPresent && retry(error),
      complete: () => isPresent && retry(),
    });
    stop = () => {
      isPresent = false;
      cancel();
    };
  };
  start();
  const stopListening = source.resumeDetector.onResume(start);
  return () => {
    stopListening();
    clearTimeout(timer);
    stop();
  };
}
