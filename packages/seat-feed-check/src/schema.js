import { buildSchema } from 'graphql';

/**
 * What the kit's server knows of the API. A status and a kind are here that the API does not have: later versions may add
 * some.
 */
export const schema = buildSchema(`
  scalar DateTimeISO

  type Query {
    event(id: ID!): Event
  }

  type Subscription {
    seatAvailabilityChanged(eventId: ID!, since: Int): SeatUpdate!
  }

  type Event {
    id: ID!
    totalSeats: Int!
    seatMap: SeatMap!
  }

  type SeatMap {
    version: Int!
    statuses: String!
    takenSeats: [Seat!]!
    lockedSeats: [Seat!]!
  }

  type SeatUpdate {
    eventId: ID!
    kind: SeatUpdateKind!
    version: Int!
    previousVersion: Int
    seats: [Seat!]!
    statuses: String!
    availability: SeatAvailability!
    digest: String!
    serverTime: DateTimeISO!
  }

  enum SeatUpdateKind { SNAPSHOT CHANGES ADDED_LATER }

  type Seat {
    seatNumber: Int!
    status: SeatStatus!
    lockedUntil: DateTimeISO
  }

  enum SeatStatus { AVAILABLE LOCKED BOOKED OFF_SALE ADDED_LATER }

  type SeatAvailability {
    totalSeats: Int!
    availableSeats: Int!
    lockedSeats: Int!
    bookedSeats: Int!
    offSaleSeats: Int!
  }
`);
