import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { isSessionEnded } from './api-error.js';
import { newestFirst } from './merge-pages.js';
import { newestAnswers } from './newest-answers.js';
import type { SessionEnd } from './session-end.js';
import type { LiveSocket } from './socket.js';

/** A call without an answer by then is given up; those that can be repeated are. */
const ANSWER_MS_MAX = 15_000;

/** GraphQL over both transports, with what came by either in one cache. */
export function createClient(socket: LiveSocket, sessionEnd: SessionEnd): ApolloClient {
  const overHttp = new HttpLink({
    uri: '/graphql',
    credentials: 'same-origin',
    fetch: (url, init) =>
      fetch(url, { ...init, signal: either(init?.signal, AbortSignal.timeout(ANSWER_MS_MAX)) }),
  });
  const listening = new ErrorLink(({ error }) => {
    if (isSessionEnded(error)) sessionEnd.sessionEnded();
  });
  return new ApolloClient({
    cache: createCache(),
    // What is asked for anew is merged like everything else: a list keeps the pages behind its first one.
    defaultOptions: { watchQuery: { refetchWritePolicy: 'merge' } },
    link: listening
      .concat(newestAnswers())
      .split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(socket.client),
        overHttp,
      ),
  });
}

/** As AbortSignal.any, which Firefox has only since version 124 and Safari since 17.4. */
function either(first: AbortSignal | null | undefined, second: AbortSignal): AbortSignal {
  if (!first) return second;
  const both = new AbortController();
  for (const signal of [first, second]) {
    const abort = () => both.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { signal: both.signal });
  }
  return both.signal;
}

function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: { fields: { events: relayStylePagination() } },
      Event: {
        fields: {
          availability: { merge: true },
          sales: { merge: true },
          bookings: newestFirst(),
          // A map lives in its own store: 100,000 letters have nothing to gain from being in here.
          seatMap: { merge: false },
        },
      },
      User: {
        fields: {
          bookings: newestFirst(),
          payments: newestFirst(),
          events: newestFirst(),
          locks: { merge: false },
        },
      },
    },
  });
}
