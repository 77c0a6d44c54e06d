import type { ReactNode } from 'react';
import { useAccount } from './viewer.js';

/** Shows its children to a signed-in viewer, and asks everybody else to sign in. @param to e.g. "see what you have paid" */
export function ForViewer({ to, children }: { to: string; children: ReactNode }) {
  const { viewer, signIn } = useAccount();
  if (viewer === undefined) return null;
  if (viewer !== null) return children;
  return (
    <p className="empty">
      Sign in to {to}.{' '}
      <button type="button" className="button primary" onClick={() => signIn()}>
        Sign in
      </button>
    </p>
  );
}
