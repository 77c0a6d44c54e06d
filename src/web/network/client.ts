import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { isSessionEnded, type SeatMapClient } from 'seat-map';
import { newestFirst } from './merge-pages.js';
import { newestAnswers } from './newest-answers.js';
import type { SessionEnd } from './session-end.js';
import { subscriptionLink } from './subscription-link.js';

/** A call without an answer fails after this time. Repeatable calls are then sent again. */
const ANSWER_MS_MAX = 15_000;

/** GraphQL over HTTP, and over the connection of the seat maps, with one cache. */
export function createClient(seats: SeatMapClient, sessionEnd: SessionEnd): ApolloClient {
  const overHttp = new HttpLink({
    uri: '/graphql',
    credentials: 'same-origin',
    fetch: (url, init) =>
      fetch(url, { ...init, signal: either(init?.signal, AbortSignal.timeout(ANSWER_MS_MAX)) }),
  });
  const sessionEndLink = new ErrorLink(({ error }) => {
    if (isSessionEnded(error)) sessionEnd.sessionEnded();
  });
  return new ApolloClient({
    cache: createCache(),
    // Refetched data is merged too, so that a list keeps its further pages.
    defaultOptions: { watchQuery: { refetchWritePolicy: 'merge' } },
    link: sessionEndLink
      .concat(newestAnswers())
      .split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        subscriptionLink(seats),
        overHttp,
      ),
  });
}

/** Like AbortSignal.any, which needs Firefox 124 or Safari 17.4. */
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
      Query: { fields: { events: relayStylePagination(['search', 'from', 'to', 'orderBy']) } },
      Event: {
        fields: {
          availability: { merge: true },
          sales: { merge: true },
          bookings: newestFirst(['search']),
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
