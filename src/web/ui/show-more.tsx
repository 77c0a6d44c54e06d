import { useState } from 'react';
import { messageOf } from '../network/api-error-text.js';
import { Notice } from './notice.js';

/** A button at the end of a list that loads its next page. */
export function ShowMore({ load }: { load: () => Promise<unknown> }) {
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const more = async () => {
    if (isLoading) return;
    setLoading(true);
    setProblem(undefined);
    try {
      await load();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      <button type="button" className="button wide" aria-disabled={isLoading} onClick={() => void more()}>
        Show more
      </button>
    </>
  );
}
