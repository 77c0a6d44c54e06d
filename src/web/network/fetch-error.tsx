import { Notice } from '../ui/notice.js';
import { messageOf } from './api-error.js';

/** Why a page could not be fetched, with a button that asks for it again. */
export function FetchFault({ fault, refetch }: { fault: unknown; refetch: () => Promise<unknown> }) {
  return (
    <Notice tone="warning" alert>
      {messageOf(fault)}{' '}
      <button type="button" className="link" onClick={() => void refetch().catch(() => {})}>
        Try again
      </button>
    </Notice>
  );
}
