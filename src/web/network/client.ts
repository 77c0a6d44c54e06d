import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { newestAnswers } from './newest-answers.js';
import { newestFirst } from './newest-first.js';
import { isSessionOver } from './refusal.js';
import type { SessionEnd } from './session-end.js';
import type { LiveSocket } from './socket.js';

/** A call without an answer by then is given up; those that can be repeated are. */
const ANSWER_MS_MAX = 15_000;

/** GraphQL over both transports, with what came by either in one cache. */
export function createClient(socket: LiveSocket, sessionEnd: SessionEnd): ApolloClient {
  const overHttp = new HttpLink({
    uri: '/graphql',
    credentials: 'same-origin',
    fetch: (url, init) => {
      const late = AbortSignal.timeout(ANSWER_MS_MAX);
      return fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, late]) : late });
    },
  });
  const listening = new ErrorLink(({ error }) => {
    if (isSessionOver(error)) sessionEnd.heard();
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
      User: { fields: { bookings: newestFirst(), locks: { merge: false } } },
    },
  });
}
