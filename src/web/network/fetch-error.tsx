import { Notice } from '../ui/notice.js';
import { messageOf } from './api-error-text.js';

/** Says why data could not be fetched, with a button to retry. */
export function FetchError({ error, refetch }: { error: unknown; refetch: () => Promise<unknown> }) {
  return (
    <Notice tone="warning" alert>
      {messageOf(error)}{' '}
      <button type="button" className="link" onClick={() => void refetch().catch(() => {})}>
        Try again
      </button>
    </Notice>
  );
}
