import { useApolloClient } from '@apollo/client/react';
import { useEffect } from 'react';
import { RenewTokenDocument } from '../graphql/generated/graphql.js';
import { useServices } from '../services.js';
import { keepToken, renewAtMs } from './session.js';

/** How often the page checks whether the token is to be renewed. A long timer would stand still while a device sleeps. */
const CHECK_EVERY_MS = 60_000;

/** Renews the session's token while the page is open, so that it does not end under its user. */
export function useTokenRenewal(viewerId: string | undefined): void {
  const client = useApolloClient();
  const { seats } = useServices();
  useEffect(() => {
    if (viewerId === undefined) return;
    const renewIfDue = async () => {
      // Another tab may have renewed it.
      if (renewAtMs.get() > Date.now()) return;
      try {
        const { data } = await client.mutate({ mutation: RenewTokenDocument });
        await keepToken(data?.renewToken.token ?? '');
        // A socket ends with the token that it was opened with.
        seats.sessionChanged();
      } catch {
        // The next check tries again. If the session has ended, the page notices by itself.
      }
    };
    void renewIfDue();
    const timer = setInterval(() => void renewIfDue(), CHECK_EVERY_MS);
    return () => clearInterval(timer);
  }, [viewerId, client, seats]);
}
