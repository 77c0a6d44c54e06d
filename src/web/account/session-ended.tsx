import { Cross } from '../ui/close-icon.js';
import { useAccount } from './viewer.js';

/** Says that the session has ended, for as long as nobody has signed in again. It is announced where that is heard. */
export function SessionOver() {
  const { hasEnded, forgetEnd, signInAgain } = useAccount();
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
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={forgetEnd}>
        <Cross />
      </button>
    </section>
  );
}
