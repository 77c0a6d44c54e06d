"""A booking from end to end with gql: HTTP for the steps, a WebSocket for the live map. Says "booked" at its end."""

import asyncio
import sys
from datetime import datetime, timedelta, timezone

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

URL = f"{sys.argv[1]}/graphql"

WATCH = gql("""
    subscription ($eventId: ID!) {
      seatAvailabilityChanged(eventId: $eventId) { kind version statuses }
    }
""")
SIGN_UP = gql("mutation ($input: CredentialsInput!) { signUp(input: $input) { token user { id } } }")
ME = gql("{ me { id } }")
CREATE = gql("mutation ($input: CreateEventInput!) { createEvent(input: $input) { id eventDate } }")
LOCK = gql("mutation ($input: LockSeatInput!) { lockSeat(input: $input) { id } }")
PAY = gql("mutation ($input: SimulatePaymentInput!) { simulatePayment(input: $input) { paymentId status } }")
CONFIRM = gql("mutation ($input: ConfirmBookingInput!) { confirmBooking(input: $input) { seatNumber status } }")


def over_http(headers: dict[str, str]) -> Client:
    """With the schema fetched from the server, so that every operation is checked against it before it is sent."""
    transport = RequestsHTTPTransport(url=URL, headers=headers)
    return Client(transport=transport, fetch_schema_from_transport=True)


def run(client: Client, document, **variables):
    document.variable_values = variables
    return client.execute(document)


async def main() -> None:
    credentials = {"email": "gql@example.com", "password": "a long password"}
    account = run(over_http({}), SIGN_UP, input=credentials)["signUp"]
    authorization = f"Bearer {account['token']}"
    user = over_http({"Authorization": authorization})
    assert run(user, ME)["me"] == account["user"]
    date = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat(timespec="milliseconds")
    event = run(user, CREATE, input={"name": "A night", "eventDate": date, "totalSeats": 10})["createEvent"]
    event_id = event["id"]

    socket = WebsocketsTransport(
        url=URL.replace("http", "ws", 1),
        init_payload={"authorization": authorization},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        ping_interval=1,
    )
    async with Client(transport=socket) as session:
        # A query over the socket as well.
        assert (await session.execute(ME))["me"] == account["user"]
        WATCH.variable_values = {"eventId": event_id}
        updates = session.subscribe(WATCH)

        async def expect_update(kind: str, version: int, statuses: str) -> None:
            update = (await anext(updates))["seatAvailabilityChanged"]
            expected = {"kind": kind, "version": version, "statuses": statuses}
            assert update == expected, f"{update} instead of {expected}"

        await expect_update("SNAPSHOT", 0, "AAAAAAAAAA")
        lock = run(user, LOCK, input={"eventId": event_id, "seatNumber": 3})["lockSeat"]
        await expect_update("CHANGES", 1, "AALAAAAAAA")
        card = {"lockIds": [lock["id"]], "amount": 900, "currency": "USD", "cardStatus": "SUCCESS"}
        payment = run(user, PAY, input=card)["simulatePayment"]
        assert payment["status"] == "COMPLETED"
        confirmation = {"lockId": lock["id"], "paymentId": payment["paymentId"], "requestId": "once"}
        booking = run(user, CONFIRM, input=confirmation)["confirmBooking"]
        assert booking == {"seatNumber": 3, "status": "CONFIRMED"}
        await expect_update("CHANGES", 2, "AABAAAAAAA")
        await updates.aclose()

    try:
        run(user, LOCK, input={"eventId": event_id, "seatNumber": 3})
        raise AssertionError("A seat was locked twice.")
    except TransportQueryError as refusal:
        assert refusal.errors[0]["extensions"]["code"] == "SEAT_UNAVAILABLE", refusal.errors
    print("booked")


asyncio.run(main())
