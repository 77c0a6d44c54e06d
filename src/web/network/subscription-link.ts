import { ApolloLink, CombinedGraphQLErrors } from '@apollo/client';
import { print } from 'graphql';
import { Observable } from 'rxjs';
import type { SeatMapClient } from 'seat-map';

/** What useSubscription may have as context. */
export interface SubscriptionContext {
  /** The connection is lost. The subscription is opened again by itself. */
  readonly onLost?: () => void;
}

/** Sends subscriptions over the connection of the seat maps. */
export const subscriptionLink = (seats: Pick<SeatMapClient, 'subscribe'>): ApolloLink =>
  new ApolloLink(
    ({ query, variables, operationName, getContext }) =>
      new Observable<ApolloLink.Result>((observer) =>
        seats.subscribe(
          { query: print(query), variables, operationName: operationName ?? null },
          {
            next: (result) => observer.next(result as object),
            error: (error) =>
              observer.error(Array.isArray(error) ? new CombinedGraphQLErrors({ errors: error }) : error),
            complete: () => observer.complete(),
            lost: () => (getContext() as SubscriptionContext).onLost?.(),
          },
        ),
      ),
  );
