import { useApolloClient, useQuery } from '@apollo/client/react';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useLocation } from 'wouter';
import {
  LogInDocument,
  LogOutEverywhereDocument,
  SignUpDocument,
  ViewerDocument,
} from '../graphql/generated/graphql.js';
import { isSessionEnded } from '../network/api-error.js';
import { mayPass } from '../network/retry.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { useServices } from '../services.js';
import { isolated } from '../text/isolated.js';
import { useAnnounce } from '../ui/announcer.js';
import { AccountDialog, type Credentials } from './account-dialog.js';
import { dropToken, keepToken, openTabs } from './session.js';

export interface Viewer {
  readonly id: string;
  /** Null for a guest. */
  readonly email: string | null;
}

/** What the page calls the viewer. */
export const nameOf = ({ email }: Viewer): string => isolated(email ?? 'Guest');

/** The first letter, whole, however many code units it has. */
export const initialOf = ({ email }: Viewer): string => ([...(email ?? 'Guest')][0] ?? '').toUpperCase();

/** What is waited for while somebody is asked for an account. */
interface Asked {
  readonly reason?: string | undefined;
  readonly then?: (() => void) | undefined;
  /** Who was signed in here last by then, if anybody was. */
  readonly lastId: string | undefined;
  /** Who is taken for signed in and is not, as the server has said. */
  readonly distrusted?: Viewer | null | undefined;
}

interface Account {
  /** Null while nobody is signed in; undefined until that is known. */
  readonly viewer: Viewer | null | undefined;
  /**
   * Asks for an account, if there is none yet, and goes on once there is one.
   *
   * @param reason why, for the person who is asked; left out where they have asked for it themselves, and so have one
   */
  readonly signIn: (reason?: string, then?: () => void) => void;
  /** Asks for an account because the server knows nobody any more, whoever the page has taken for the viewer so far. */
  readonly signInAgain: (reason: string, then?: () => void) => void;
  /** Whether a session ended by itself, or elsewhere, and nobody has signed in since. */
  readonly hasEnded: boolean;
  readonly forgetEnd: () => void;
  readonly logOut: (everywhere?: boolean) => Promise<void>;
}

const AccountContext = createContext<Account | null>(null);

export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (account === null) throw new Error('There is no account around this component');
  return account;
}

export function AccountProvider({ children }: { children: ReactNode }) {
  const client = useApolloClient();
  const { socket, sessionEnd } = useServices();
  const announce = useAnnounce();
  const { data, error, loading, refetch } = useQuery(ViewerDocument);
  // Nobody, if the server says so; where it said nothing, it is asked again.
  const isUnanswered = error !== undefined && mayPass(error);
  const isKnown = data !== undefined || !(loading || isUnanswered);
  const viewer = isKnown ? (data?.me ?? null) : undefined;
  useRefetchAfterFailure({ error, loading, refetch });
  const [asked, setAsked] = useState<Asked>();
  const askedNow = useRef(asked);
  askedNow.current = asked;
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what one page has asked is not done behind the next one.
  useEffect(() => setAsked(undefined), [location]);

  /** How many changes of who is signed in are under way: while one is, that nobody is known is no news. */
  const changing = useRef(0);
  /** Somebody else looks at the page now: what is seen is asked for anew, over a socket of theirs. */
  const changed = useCallback(async () => {
    changing.current += 1;
    try {
      await client.clearStore();
      socket.reopen();
      // Nobody is signed in now, or it is asked again.
      const isNobody = await refetch().then(() => false, isSessionEnded);
      await client.refetchQueries({ include: 'active' }).catch(() => {
        // Each query shows its own fault.
      });
      return { isNobody };
    } finally {
      changing.current -= 1;
    }
  }, [client, socket, refetch]);

  const tabs = useRef<ReturnType<typeof openTabs> | undefined>(undefined);
  useEffect(() => {
    const opened = openTabs(async () => {
      await changed();
      // Whoever is signed in now is so since this.
      setAsked((before) => before && { ...before, distrusted: undefined });
    });
    tabs.current = opened;
    return () => opened.close();
  }, [changed]);

  const latest = useRef(viewer);
  latest.current = viewer;
  /** Who was signed in here has an account, and is asked to log in to it. */
  const lastId = useRef<string | undefined>(undefined);
  if (viewer) lastId.current = viewer.id;
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    if (viewer) setEnded(false);
  }, [viewer]);
  useEffect(
    () =>
      sessionEnd.onSessionEnded(async () => {
        if (!latest.current || changing.current > 0) return;
        // Asked, not believed: the call may have been one of a session before this one.
        const { isNobody } = await changed();
        if (!isNobody) return;
        setEnded(true);
        announce('Your session is over. Sign in again.', 'assertive');
      }),
    [sessionEnd, changed, announce],
  );

  const account = useMemo<Account>(
    () => ({
      viewer,
      signIn(reason, then) {
        if (viewer) then?.();
        else setAsked({ reason, then, lastId: lastId.current });
      },
      signInAgain: (reason, then) =>
        setAsked({ reason, then, lastId: lastId.current, distrusted: latest.current }),
      hasEnded,
      forgetEnd: () => setEnded(false),
      async logOut(everywhere = false) {
        changing.current += 1;
        try {
          if (everywhere) await client.mutate({ mutation: LogOutEverywhereDocument });
          await dropToken();
          await changed();
        } finally {
          changing.current -= 1;
        }
        tabs.current?.tell();
        announce('You are signed out');
      },
    }),
    [viewer, hasEnded, client, changed, announce],
  );

  /** While this tab signs somebody in by itself, that somebody is known is no news from elsewhere. */
  const [isSubmitting, setSubmitting] = useState(false);
  // Signed in from another tab meanwhile, or known to be only now: there is nothing left to ask.
  useEffect(() => {
    if (asked === undefined || isSubmitting || !viewer || viewer === asked.distrusted) return;
    setAsked(undefined);
    announce(`Signed in as ${nameOf(viewer)}`);
    // What was asked for by one person is not done for another.
    if (asked.lastId === undefined || asked.lastId === viewer.id) asked.then?.();
  }, [asked, isSubmitting, viewer, announce]);

  const submit = async (kind: 'sign up' | 'log in', input: Credentials) => {
    setSubmitting(true);
    try {
      const token =
        kind === 'sign up'
          ? (await client.mutate({ mutation: SignUpDocument, variables: { input } })).data?.signUp.token
          : (await client.mutate({ mutation: LogInDocument, variables: { input } })).data?.logIn.token;
      await keepToken(token ?? '');
      await changed();
      tabs.current?.tell();
      announce(`Signed in as ${isolated(input.email)}`);
      // As of now: the page may have been left meanwhile.
      const then = askedNow.current?.then;
      setAsked(undefined);
      then?.();
    } finally {
      setSubmitting(false);
    }
  };

  return (
    <AccountContext value={account}>
      {children}
      {asked !== undefined && (
        <AccountDialog
          reason={asked.reason}
          firstKind={asked.reason === undefined || lastId.current !== undefined ? 'log in' : 'sign up'}
          onSubmit={submit}
          onClose={() => setAsked(undefined)}
        />
      )}
    </AccountContext>
  );
}
