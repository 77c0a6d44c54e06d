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
import { isRetryable, isSessionEnded } from 'seat-map';
import { isolated } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { useLocation } from 'wouter';
import {
  LogInDocument,
  LogOutEverywhereDocument,
  ResetPasswordDocument,
  SignUpDocument,
  StartGuestDocument,
  ViewerDocument,
} from '../graphql/generated/graphql.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { useServices } from '../services.js';
import { AccountDialog, type AccountForm, type Credentials } from './account-dialog.js';
import { dropToken, keepToken, openTabs } from './session.js';
import { useTokenRenewal } from './use-token-renewal.js';

export interface Viewer {
  readonly id: string;
  /** Null for a guest. */
  readonly email: string | null;
  readonly isGuest: boolean;
}

/** The viewer's name on the page. */
export const nameOf = ({ email }: Viewer): string => isolated(email ?? 'Guest');

/** The first character, which may have several code units. */
export const initialOf = ({ email }: Viewer): string => ([...(email ?? 'Guest')][0] ?? '').toUpperCase();

/** An open request to sign in. */
interface SignInRequest {
  readonly reason?: string | undefined;
  readonly then?: (() => void) | undefined;
  /** The id of the last viewer before the request. */
  readonly lastId: string | undefined;
  readonly form?: AccountForm;
  /** The guest who wants an account. */
  readonly guestId?: string;
  /** A viewer who is not the answer: the session has ended, as the server has reported, or the password is forgotten. */
  readonly notViewer?: Viewer | null | undefined;
}

interface Account {
  /** Null if nobody is signed in; undefined until that is known. */
  readonly viewer: Viewer | null | undefined;
  /**
   * Asks the user to sign in unless they are signed in, and then calls `then`.
   *
   * @param reason shown to the user; left out if the user started it
   */
  readonly signIn: (reason?: string, then?: () => void) => void;
  /** Opens one of the account's forms, and calls `then` after a sign-up or log-in. A guest keeps what the guest has. */
  readonly openAccount: (form: AccountForm, then?: () => void) => void;
  /** Sets a new password by a mailed link, and signs in. */
  readonly setPassword: (token: string, password: string) => Promise<void>;
  /**
   * Starts a guest if nobody is signed in.
   *
   * @returns false if somebody with an account was signed in before, who should sign in again
   */
  readonly ensureViewer: () => Promise<boolean>;
  /** Asks the user to sign in again because the session has ended, even if the page still has a viewer. */
  readonly signInAgain: (reason: string, then?: () => void) => void;
  /** Whether the session expired or was ended elsewhere, and nobody has signed in since. */
  readonly hasEnded: boolean;
  readonly dismissEnd: () => void;
  readonly logOut: (everywhere?: boolean) => Promise<void>;
}

const AccountContext = createContext<Account | null>(null);

export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (account === null) throw new Error('AccountProvider is missing');
  return account;
}

export function AccountProvider({ children }: { children: ReactNode }) {
  const client = useApolloClient();
  const { seats, sessionEnd } = useServices();
  const announce = useAnnounce();
  const { data, error, loading, refetch } = useQuery(ViewerDocument);
  // Without an answer the viewer stays unknown, and the query is repeated.
  const isUnanswered = error !== undefined && isRetryable(error);
  const isKnown = data !== undefined || !(loading || isUnanswered);
  const viewer = isKnown ? (data?.me ?? null) : undefined;
  useRefetchAfterFailure({ error, loading, refetch });
  const [request, setRequest] = useState<SignInRequest>();
  const latestRequest = useRef(request);
  latestRequest.current = request;
  const [location] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a request of one page must not continue on the next one.
  useEffect(() => setRequest(undefined), [location]);

  /** Log-ins and log-outs in progress. Meanwhile a missing session is expected. */
  const changesInProgress = useRef(0);
  /** The viewer has changed: all data is fetched again, and the socket reopened. */
  const reloadAll = useCallback(async () => {
    changesInProgress.current += 1;
    try {
      await client.clearStore();
      seats.sessionChanged();
      const isSignedOut = await refetch().then(() => false, isSessionEnded);
      await client.refetchQueries({ include: 'active' }).catch(() => {
        // Each query shows its own error.
      });
      return { isSignedOut };
    } finally {
      changesInProgress.current -= 1;
    }
  }, [client, seats, refetch]);

  const tabs = useRef<ReturnType<typeof openTabs> | undefined>(undefined);
  useEffect(() => {
    const opened = openTabs(async () => {
      await reloadAll();
      // The viewer is from after the change.
      setRequest((before) => before && { ...before, notViewer: undefined });
    });
    tabs.current = opened;
    return () => opened.close();
  }, [reloadAll]);

  const latest = useRef(viewer);
  latest.current = viewer;
  const viewerId = viewer === undefined ? undefined : (viewer?.id ?? null);
  useEffect(() => seats.setViewer(viewerId), [seats, viewerId]);
  /** A user who was signed in before has an account, and is offered to log in. */
  const lastId = useRef<string | undefined>(undefined);
  if (viewer) lastId.current = viewer.isGuest ? undefined : viewer.id;
  useTokenRenewal(viewer?.id);
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    if (viewer) setEnded(false);
  }, [viewer]);
  useEffect(
    () =>
      sessionEnd.onSessionEnded(async () => {
        if (!latest.current || changesInProgress.current > 0) return;
        const { isGuest } = latest.current;
        // The call may have belonged to an earlier session, so the viewer is fetched again.
        const { isSignedOut } = await reloadAll();
        // A guest has no account to sign in to again.
        if (!isSignedOut || isGuest) return;
        setEnded(true);
        announce('Your session is over. Sign in again.', 'assertive');
      }),
    [sessionEnd, reloadAll, announce],
  );

  const account = useMemo<Account>(
    () => ({
      viewer,
      signIn(reason, then) {
        if (viewer) then?.();
        else setRequest({ reason, then, lastId: lastId.current });
      },
      openAccount: (form, then) =>
        setRequest({
          form,
          then,
          lastId: undefined,
          ...(viewer?.isGuest && { guestId: viewer.id }),
          ...(form === 'forgot password' && { notViewer: viewer }),
        }),
      async ensureViewer() {
        if (latest.current) return true;
        if (lastId.current !== undefined) return false;
        if (latest.current === undefined) {
          const known = await refetch().then(
            ({ data: answer }) => answer?.me ?? null,
            (failure: unknown) => {
              if (isSessionEnded(failure)) return null;
              throw failure;
            },
          );
          if (known !== null) return true;
        }
        const { data: answer } = await client.mutate({ mutation: StartGuestDocument });
        await keepToken(answer?.startGuest?.token ?? '');
        // Nothing that the page shows depends on a new guest, so nothing else is fetched again.
        seats.sessionChanged();
        const { data: known } = await refetch();
        // At once: the guest's first call follows before this is rendered.
        seats.setViewer(known?.me.id);
        tabs.current?.notify();
        return true;
      },
      async setPassword(token, password) {
        changesInProgress.current += 1;
        try {
          const variables = { token, password };
          const { data: answer } = await client.mutate({ mutation: ResetPasswordDocument, variables });
          await keepToken(answer?.resetPassword?.token ?? '');
          await reloadAll();
        } finally {
          changesInProgress.current -= 1;
        }
        tabs.current?.notify();
      },
      signInAgain: (reason, then) =>
        setRequest({ reason, then, lastId: lastId.current, notViewer: latest.current }),
      hasEnded,
      dismissEnd: () => setEnded(false),
      async logOut(everywhere = false) {
        changesInProgress.current += 1;
        try {
          if (everywhere) await client.mutate({ mutation: LogOutEverywhereDocument });
          await dropToken();
          await reloadAll();
        } finally {
          changesInProgress.current -= 1;
        }
        tabs.current?.notify();
        announce('You are signed out');
      },
    }),
    [viewer, hasEnded, client, seats, reloadAll, refetch, announce],
  );

  /** While this tab's dialog signs the user in, a new viewer does not come from another tab. */
  const [isSubmitting, setSubmitting] = useState(false);
  // The user has signed in from another tab, or is known only now: the request is done.
  useEffect(() => {
    if (request === undefined || isSubmitting || !viewer || viewer === request.notViewer) return;
    if (viewer.isGuest && viewer.id === request.guestId) return;
    setRequest(undefined);
    announce(`Signed in as ${nameOf(viewer)}`);
    // An action that one user started is not done for another.
    if (request.lastId === undefined || request.lastId === viewer.id) request.then?.();
  }, [request, isSubmitting, viewer, announce]);

  const submit = async (kind: 'sign up' | 'log in', input: Credentials) => {
    setSubmitting(true);
    try {
      const token =
        kind === 'sign up'
          ? (await client.mutate({ mutation: SignUpDocument, variables: { input } })).data?.signUp.token
          : (await client.mutate({ mutation: LogInDocument, variables: { input } })).data?.logIn.token;
      await keepToken(token ?? '');
      await reloadAll();
      tabs.current?.notify();
      announce(`Signed in as ${isolated(input.email)}`);
      // The latest request: the user may have left the page meanwhile.
      const then = latestRequest.current?.then;
      setRequest(undefined);
      then?.();
    } finally {
      setSubmitting(false);
    }
  };

  return (
    <AccountContext value={account}>
      {children}
      {request !== undefined && (
        <AccountDialog
          reason={request.reason}
          firstForm={
            request.form ??
            (request.reason === undefined || lastId.current !== undefined ? 'log in' : 'sign up')
          }
          onSubmit={submit}
          onClose={() => setRequest(undefined)}
        />
      )}
    </AccountContext>
  );
}
