// One tab for each step from starting as a guest to watching the map live. A tab's title is its operation's name.

const DAY_MS = 86_400_000;
const inThirtyDays = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS + 30 * DAY_MS).toISOString();

const CREDENTIALS = { input: { email: 'ana@example.com', password: 'correct horse battery staple' } };

/** The headers of a tab without its own. Left out of the request while there is no token. */
export const DEFAULT_HEADERS = json({ Authorization: 'Bearer {{token}}' });
const NO_HEADERS = json({});

interface Step {
  query: string;
  variables: string;
  headers: string;
}

export const JOURNEY: [Step, ...Step[]] = [
  step(
    `# 1. Start as a guest, who needs no account to book.
# The token is carried over: later tabs send it as
# "Bearer {{token}}", see Headers.
mutation StartGuest {
  startGuest {
    token
    expiresAt
    user {
      id
      isGuest
    }
  }
}`,
    {},
    NO_HEADERS,
  ),
  step(
    `# 2. Or sign up. This token replaces the guest's. To keep
# what a guest has, send the guest's token in Headers.
# Signed up before? Run LogIn instead.
mutation SignUp($input: CredentialsInput!) {
  signUp(input: $input) {
    token
    expiresAt
    user {
      id
      email
    }
  }
}`,
    CREDENTIALS,
    NO_HEADERS,
  ),
  step(
    `# 3. Log in: on the next visit, or when the token has
# run out. Its token replaces the one before.
mutation LogIn($input: CredentialsInput!) {
  logIn(input: $input) {
    token
    expiresAt
    user {
      id
      email
    }
  }
}`,
    CREDENTIALS,
    NO_HEADERS,
  ),
  step(
    `# 4. Create an event with 100 seats at USD 150.00, as
# its organizer.
# Its id is carried over as {{eventId}}.
mutation CreateEvent($input: CreateEventInput!) {
  createEvent(input: $input) {
    id
    name
    eventDate
    totalSeats
  }
}`,
    {
      input: {
        name: 'Concert in the park',
        eventDate: inThirtyDays,
        totalSeats: 100,
        price: { amount: 15_000, currency: 'USD' },
      },
    },
  ),
  step(
    `# 5. Read the event. {{eventId}} is the one created;
# any other event's id can stand in its place.
query ReadEvent($id: ID!) {
  event(id: $id) {
    id
    name
    eventDate
    totalSeats
    sections {
      name
      firstSeatNumber
      rows
      seatsPerRow
      price {
        amount
        currency
      }
    }
    availability {
      availableSeats
      lockedSeats
      bookedSeats
    }
    sales {
      bookedSeats
      revenue {
        amount
        currency
      }
    }
  }
}`,
    { id: '{{eventId}}' },
  ),
  step(
    `# 6. Hold two seats for five minutes: the best ones
# together, or else in one row. If neither can be had,
# refusal says what is free. The id of the first lock
# is carried over as {{lockId}}.
mutation HoldSeats($input: HoldSeatsInput!) {
  holdSeats(input: $input) {
    locks {
      id
      seatNumber
      place {
        label
      }
    }
    adjacency
    hold {
      expiresAt
      total {
        amount
        currency
      }
    }
    refusal {
      code
      offers
      largestBlock
    }
  }
}`,
    {
      input: {
        eventId: '{{eventId}}',
        wishes: [{ best: { quantity: 2 } }, { best: { quantity: 2, adjacency: 'SAME_ROW' } }],
        requestId: 'hold of {{eventId}}',
      },
    },
  ),
  step(
    `# 7. Read the lock. Again, and remainingMs is less.
# At 0 it says EXPIRED and the seat is free.
query ReadLock($id: ID!) {
  seatLock(id: $id) {
    id
    seatNumber
    status
    createdAt
    expiresAt
    remainingMs
    bookingId
  }
}`,
    { id: '{{lockId}}' },
  ),
  step(
    `# 8. The seats as they stand now.
# statuses: A available, L locked, B booked.
query Availability($eventId: ID!) {
  event(id: $eventId) {
    availability {
      totalSeats
      availableSeats
      lockedSeats
      bookedSeats
    }
    seatMap {
      version
      statuses
      takenSeats {
        seatNumber
        status
        lockedUntil
      }
    }
  }
}`,
    { eventId: '{{eventId}}' },
  ),
  step(
    `# 9. Check out: pay for all that you hold and book it,
# in one step. Run it again: the same requestId gives
# the same answer. Other cards: DECLINED, PROCESSING,
# INSUFFICIENT_FUNDS, EXPIRED. The id of the first
# booking is carried over as {{bookingId}}.
mutation CheckOut($input: CheckOutInput!) {
  checkOut(input: $input) {
    payment {
      id
      reference
      status
      amount
      currency
      reason
      retryable
    }
    bookings {
      id
      place {
        label
      }
      status
    }
  }
}`,
    {
      input: {
        eventId: '{{eventId}}',
        simulatedCard: 'SUCCESS',
        contactEmail: 'ana@example.com',
        requestId: 'check-out of {{lockId}}',
      },
    },
  ),
  step(
    `# 10. Read the booking, with its event and payment.
query ReadBooking($id: ID!) {
  booking(id: $id) {
    id
    seatNumber
    status
    paymentStatus
    event {
      name
      eventDate
    }
    payment {
      id
      status
      amount
      refundedAmount
      currency
    }
  }
}`,
    { id: '{{bookingId}}' },
  ),
  step(
    `# 11. All of your bookings, page by page.
# For the next page put endCursor into after.
query MyBookings($first: Int, $after: String) {
  me {
    email
    bookings(first: $first, after: $after) {
      nodes {
        id
        seatNumber
        status
        event {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`,
    { first: 20, after: null },
  ),
  step(
    `# 12. The live seat map, for anybody. Leave it running
# and lock a seat in a second window; going to
# another tab ends it. First comes a SNAPSHOT, then
# CHANGES, each in place of the message before.
subscription SeatAvailabilityChanged($eventId: ID!) {
  seatAvailabilityChanged(eventId: $eventId) {
    kind
    version
    previousVersion
    seats {
      seatNumber
      status
      lockedUntil
    }
    availability {
      availableSeats
      lockedSeats
      bookedSeats
    }
    serverTime
  }
}`,
    { eventId: '{{eventId}}' },
  ),
  step(
    `# 13. The event itself, live: its status, sales window and
# prices. It tells at once when the sale is paused.
subscription EventChanged($eventId: ID!) {
  eventChanged(eventId: $eventId) {
    status
    revision
    salesStartAt
    salesEndAt
    availability {
      availableSeats
      lockedSeats
      bookedSeats
    }
    sections {
      name
      price {
        amount
        currency
      }
    }
  }
}`,
    { eventId: '{{eventId}}' },
  ),
  step(
    `# 14. Your own locks and bookings for the event, live.
# Every message is the whole present state.
subscription MyReservationsChanged($eventId: ID!) {
  myReservationsChanged(eventId: $eventId) {
    locks {
      id
      seatNumber
      status
      remainingMs
    }
    bookings {
      id
      seatNumber
      status
      paymentStatus
    }
    serverTime
  }
}`,
    { eventId: '{{eventId}}' },
  ),
  step(
    `# 15. The same in three calls, for clients that pay
# first and book later. Lock a seat that you name; its
# lock is {{lockId}} now.
mutation LockSeat($input: LockSeatInput!) {
  lockSeat(input: $input) {
    id
    seatNumber
    place {
      label
    }
    status
    expiresAt
    remainingMs
  }
}`,
    { input: { eventId: '{{eventId}}', seatNumber: 42 } },
  ),
  step(
    `# 16. Pay for the lock. The payment's id is carried over
# as {{paymentId}}.
mutation Pay($input: SimulatePaymentInput!) {
  simulatePayment(input: $input) {
    id
    status
    amount
    currency
    reason
    retryable
  }
}`,
    { input: { lockIds: ['{{lockId}}'], cardStatus: 'SUCCESS' } },
  ),
  step(
    `# 17. Turn the paid lock into a booking. Its id is
# {{bookingId}} now.
mutation ConfirmBooking($input: ConfirmBookingInput!) {
  confirmBooking(input: $input) {
    id
    seatNumber
    status
    paymentStatus
    requestId
    createdAt
  }
}`,
    { input: { lockId: '{{lockId}}', paymentId: '{{paymentId}}', requestId: 'confirm {{lockId}}' } },
  ),
];

function step(query: string, variables: object, headers = DEFAULT_HEADERS): Step {
  return { query: `${query}\n`, variables: json(variables), headers };
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}
