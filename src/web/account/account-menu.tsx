import { useState } from 'react';
import { Link } from 'wouter';
import { messageOf } from '../network/api-error-text.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { initialOf, nameOf, useAccount, type Viewer } from './viewer.js';

const PAGES = [
  ['/bookings', 'My bookings'],
  ['/payments', 'My payments'],
  ['/my-events', 'My events'],
] as const;

const GUEST_HINT = 'What you hold and book stays on this device until you create an account or sign in.';
const GUEST_OFFERS = [
  ['sign up', 'Create an account'],
  ['log in', 'Sign in'],
] as const;

/** The account menu of the viewer, or a button to sign in. */
export function AccountMenu() {
  const { viewer, signIn } = useAccount();
  if (viewer === undefined) return <span className="account-space" />;
  if (viewer === null) {
    return (
      <button type="button" className="button" onClick={() => signIn()}>
        Sign in
      </button>
    );
  }
  // A new component for each viewer, so that its state does not pass to the next one.
  return <ViewerMenu key={viewer.id} viewer={viewer} />;
}

function ViewerMenu({ viewer }: { viewer: Viewer }) {
  const { logOut, openAccount } = useAccount();
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const leave = async (everywhere: boolean) => {
    try {
      await logOut(everywhere);
      setOpen(false);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <>
      <button
        type="button"
        className="button account-button"
        onClick={() => {
          setProblem(undefined);
          setOpen(true);
        }}
      >
        <span className="initial" aria-hidden="true">
          {initialOf(viewer)}
        </span>
        <span className="account-name">{viewer.isGuest ? 'Guest' : 'Account'}</span>
      </button>
      {isOpen && (
        <Modal
          title={viewer.isGuest ? 'Guest' : 'Account'}
          description={viewer.isGuest ? GUEST_HINT : `Signed in as ${nameOf(viewer)}`}
          onClose={() => setOpen(false)}
        >
          {problem !== undefined && (
            <Notice tone="warning" alert>
              {problem}
            </Notice>
          )}
          <nav className="stack" aria-label="Yours">
            {PAGES.map(([href, name]) => (
              <Link key={href} href={href} className="button wide" onClick={() => setOpen(false)}>
                {name}
              </Link>
            ))}
          </nav>
          <div className="stack">
            {viewer.isGuest ? (
              GUEST_OFFERS.map(([kind, name]) => (
                <button
                  key={kind}
                  type="button"
                  className="button wide"
                  onClick={() => {
                    setOpen(false);
                    openAccount(kind);
                  }}
                >
                  {name}
                </button>
              ))
            ) : (
              <>
                <button type="button" className="button wide" onClick={() => void leave(false)}>
                  Sign out
                </button>
                <button type="button" className="button quiet wide" onClick={() => void leave(true)}>
                  Sign out on all devices
                </button>
              </>
            )}
          </div>
        </Modal>
      )}
    </>
  );
}
