import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { newestAnswers } from './newest-answers.js';

const EVENTS = gql`query Events { events { id name availability { availableSeats } } }`;
const LIVE = gql`subscription Live { seatAvailabilityChanged { eventId availability { availableSeats } } }`;
const BOOKING = gql`query Booking { booking { id status } }`;
const CANCEL = gql`mutation Cancel { cancelBooking { id status } }`;
const PAYMENTS = gql`query Payments { payments { id amount } }`;
const PAY = gql`mutation Pay { simulatePayment { id amount } }`;

const left = (availableSeats: number) => ({ __typename: 'SeatAvailability', availableSeats });
const events = (availableSeats: number, name = 'Gala') => ({
  events: [{ __typename: 'Event', id: 'e1', name, availability: left(availableSeats) }],
});
const live = (availableSeats: number) => ({
  seatAvailabilityChanged: { __typename: 'SeatUpdate', eventId: 'e1', availability: left(availableSeats) },
});
const booking = (field: string, status: string) => ({ [field]: { __typename: 'Booking', id: 'b1', status } });

/** A server that answers each operation when the test says so. */
function server() {
  const calls: { name: string | undefined; answers: Subject<ApolloLink.Result> }[] = [];
  const end = new ApolloLink(({ operationName }) => {
    const answers = new Subject<ApolloLink.Result>();
    calls.push({ name: operationName, answers });
    return answers;
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: newestAnswers().concat(end),
    queryDeduplication: false,
  });
  const answerCall = (data: Record<string, unknown>, call: number, isLast = true) => {
    calls[call]?.answers.next({ data });
    if (isLast) calls[call]?.answers.complete();
  };
  return { client, answerCall };
}

test('an answer does not overwrite a live message that came while its query was in progress', async () => {
  const { client, answerCall } = server();
  client.subscribe({ query: LIVE }).subscribe(() => {});
  const answer = client.query({ query: EVENTS, fetchPolicy: 'network-only' });
  answerCall(live(1), 0, false);
  answerCall(events(2, 'Gala night'), 1);
  expect((await answer).data).toMatchObject(events(1, 'Gala night'));
  expect(client.readQuery({ query: EVENTS })).toMatchObject(events(1, 'Gala night'));
});

test('a live message with fewer fields takes nothing away from an answer', async () => {
  const { client, answerCall } = server();
  const query = gql`query Sections { event { id sections { id rows price { amount currency } } } }`;
  const subscription = gql`subscription Prices { eventChanged { id sections { id price { amount } } } }`;
  const section = (id: string, amount: number, more: object = {}) => ({
    __typename: 'Section',
    id,
    price: { __typename: 'Money', amount, ...(Object.keys(more).length > 0 && { currency: 'USD' }) },
    ...more,
  });
  const event = (...sections: object[]) => ({ __typename: 'Event', id: 'e1', sections });
  client.subscribe({ query: subscription }).subscribe(() => {});
  const answer = client.query({ query, fetchPolicy: 'network-only' });
  answerCall({ eventChanged: event(section('s2', 20), section('s1', 10)) }, 0, false);
  answerCall({ event: event(section('s1', 1, { rows: 5 }), section('s2', 2, { rows: 7 })) }, 1);
  const expected = { event: event(section('s2', 20, { rows: 7 }), section('s1', 10, { rows: 5 })) };
  expect((await answer).data).toEqual(expected);
});

test('the answer to a query sent after the last live message is applied', async () => {
  const { client, answerCall } = server();
  client.subscribe({ query: LIVE }).subscribe(() => {});
  const early = client.query({ query: EVENTS, fetchPolicy: 'network-only' });
  answerCall(live(1), 0, false);
  const late = client.query({ query: EVENTS, fetchPolicy: 'network-only' });
  answerCall(events(3), 2);
  expect((await late).data).toMatchObject(events(3));
  answerCall(events(2), 1);
  expect((await early).data).toMatchObject(events(1));
});

test('an answer does not overwrite a newer mutation result', async () => {
  const { client, answerCall } = server();
  const answer = client.query({ query: BOOKING, fetchPolicy: 'network-only' });
  const cancelled = client.mutate({ mutation: CANCEL });
  answerCall(booking('cancelBooking', 'CANCELLED'), 1);
  await cancelled;
  answerCall(booking('booking', 'CONFIRMED'), 0);
  expect((await answer).data).toMatchObject(booking('booking', 'CANCELLED'));
});

test('a newer result of one payment does not change another payment', async () => {
  const { client, answerCall } = server();
  const payment = (id: string, amount: number) => ({ __typename: 'Payment', id, amount });
  const answer = client.query({ query: PAYMENTS, fetchPolicy: 'network-only' });
  const paid = client.mutate({ mutation: PAY });
  answerCall({ simulatePayment: payment('p3', 300) }, 1);
  await paid;
  const payments = [payment('p2', 200), payment('p1', 100)];
  answerCall({ payments }, 0);
  expect((await answer).data).toMatchObject({ payments });
});
