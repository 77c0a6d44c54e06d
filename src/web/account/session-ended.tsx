import { CloseIcon } from '../ui/close-icon.js';
import { useAccount } from './viewer.js';

/** Says that the session has ended, until the user signs in again or dismisses it. AccountProvider announces it. */
export function SessionEnded() {
  const { hasEnded, dismissEnd, signInAgain } = useAccount();
  if (!hasEnded) return null;
  return (
    <section className="session-over" aria-label="Session">
      <p>
        <strong>Your session is over.</strong> What you hold or have booked is kept.
      </p>
      <button
        type="button"
        className="button small"
        onClick={() => signInAgain('Your session is over. Sign in again.')}
      >
        Sign in again
      </button>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismissEnd}>
        <CloseIcon />
      </button>
    </section>
  );
}
