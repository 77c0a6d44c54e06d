"""Follows the live map of an event. Prints it after each message as a line of JSON: {"version": 7, "statuses": "AALB"}.

    pip install "gql[websockets]"
    SEAT_FEED_URL=ws://localhost:4000/graphql SEAT_FEED_EVENT_ID=... python watch.py
"""

import asyncio, json, os, random, sys
from datetime import datetime

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

UPDATES = gql("""
    subscription ($eventId: ID!, $since: Int) {
      seatAvailabilityChanged(eventId: $eventId, since: $since) {
        kind version previousVersion digest serverTime
        seats { seatNumber status lockedUntil } availability { totalSeats }
      }
    }
""")
LETTERS = {"LOCKED": "L", "BOOKED": "B", "OFF_SALE": "X"}
milliseconds = lambda text: round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def fmix32(word: int) -> int:
    word = (word ^ word >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    word = (word ^ word >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return word ^ word >> 16


def digest_of(taken: dict, server_time: str) -> str | None:
    lanes = [0x9E3779B9, 0x85EBCA6B]
    digest = [0, 0]
    for number, seat in taken.items():
        if seat["status"] not in LETTERS:
            return None  # Nobody can compute it who does not know the status.
        until = milliseconds(seat["lockedUntil"]) if seat["lockedUntil"] else 0
        if seat["lockedUntil"] and until <= milliseconds(server_time):
            continue
        for lane, word in enumerate(lanes):
            for part in (number, ord(LETTERS[seat["status"]]), until >> 32, until & 0xFFFFFFFF):
                word = fmix32(word ^ part)
            digest[lane] ^= word
    return f"{digest[0]:08x}{digest[1]:08x}"


async def follow(url: str, event_id: str) -> None:
    version, taken = None, {}
    while True:
        try:
            protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
            async with Client(transport=WebsocketsTransport(url=url, subprotocols=protocols)) as session:
                UPDATES.variable_values = {"eventId": event_id, "since": version}
                async for answer in session.subscribe(UPDATES):
                    update = answer["seatAvailabilityChanged"]
                    if update["kind"] == "SNAPSHOT":
                        taken = {}
                    elif update["kind"] != "CHANGES" or update["version"] <= version:
                        continue  # A kind that this client does not know, or an old message.
                    elif update["previousVersion"] != version:
                        break  # A gap: subscribe again.
                    for seat in update["seats"]:
                        taken[seat["seatNumber"]] = seat
                    taken = {number: seat for number, seat in taken.items() if seat["status"] != "AVAILABLE"}
                    version = update["version"]
                    if digest_of(taken, update["serverTime"]) not in (None, update["digest"]):
                        version = None  # This map is wrong: get a whole one.
                        break
                    letter = lambda number: LETTERS.get(taken[number]["status"], "?") if number in taken else "A"
                    seats = range(1, update["availability"]["totalSeats"] + 1)
                    print(json.dumps({"version": version, "statuses": "".join(map(letter, seats))}), flush=True)
        except Exception as error:  # The connection is lost, or a message has errors.
            print(error, file=sys.stderr)
            await asyncio.sleep(0.5 + random.random())


asyncio.run(follow(os.environ["SEAT_FEED_URL"], os.environ["SEAT_FEED_EVENT_ID"]))
