import { useState } from 'react';
import { messageOf } from '../network/api-error.js';
import { Notice } from './notice.js';

/** The end of a list that goes on. @param load asks for its next page */
export function ShowMore({ load }: { load: () => Promise<unknown> }) {
  const [isLoading, setLoading] = useState(false);
  const [fault, setFault] = useState<string>();
  const more = async () => {
    if (isLoading) return;
    setLoading(true);
    setFault(undefined);
    try {
      await load();
    } catch (error) {
      setFault(messageOf(error));
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      {fault !== undefined && (
        <Notice tone="warning" alert>
          {fault}
        </Notice>
      )}
      <button type="button" className="button wide" aria-disabled={isLoading} onClick={() => void more()}>
        Show more
      </button>
    </>
  );
}
