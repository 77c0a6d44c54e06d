import { useRef } from 'react';
import { newRequestId } from '../core/request-id.js';

/** Request ids of one form: the same for the same input as the last time, so that it has one effect however often it is sent. */
export function useRequestId(): (input: unknown) => string {
  const last = useRef({ id: '', input: '' });
  return (input) => {
    const text = JSON.stringify(input);
    if (last.current.input !== text) last.current = { id: newRequestId(), input: text };
    return last.current.id;
  };
}
