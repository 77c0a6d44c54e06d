"""Follows the live map of an event. Prints it after each message as a line of JSON: {"version": 7, "statuses": "AALB"}.

    pip install "gql[websockets]"
    SEAT_FEED_URL=ws://localhost:4000/graphql SEAT_FEED_EVENT_ID=... python watch.py
"""

import json, os, random, sys, time
from datetime import datetime

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

UPDATES = gql("""
  subscription ($eventId: ID!, $since: Int) {
    seatAvailabilityChanged(eventId: $eventId, since: $since) {
      kind version previousVersion digest serverTime availability { totalSeats } seats { seatNumber status lockedUntil }
    }
  }
""")
LETTERS = {"AVAILABLE": "A", "LOCKED": "L", "BOOKED": "B", "OFF_SALE": "X"}
milliseconds = lambda text: round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000) if text else 0


def digest_of(seats: dict, now: int) -> str:
    digest = [0, 0]
    for number, (letter, locked_until) in seats.items():
        if letter == "A" or 0 < locked_until <= now:
            continue
        for half, word in enumerate([0x9E3779B9, 0x85EBCA6B]):
            for part in (number, ord(letter), locked_until >> 32, locked_until & 0xFFFFFFFF):
                word ^= part
                for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
                    word = (word ^ word >> shift) * factor & 0xFFFFFFFF
            digest[half] ^= word
    return f"{digest[0]:08x}{digest[1]:08x}"


version, seats = None, {}
while True:
    try:
        UPDATES.variable_values = {"eventId": os.environ["SEAT_FEED_EVENT_ID"], "since": version}
        for answer in Client(transport=WebsocketsTransport(url=os.environ["SEAT_FEED_URL"])).subscribe(UPDATES):
            update = answer["seatAvailabilityChanged"]
            if update["kind"] == "SNAPSHOT":
                seats = {number: ("A", 0) for number in range(1, update["availability"]["totalSeats"] + 1)}
            elif update["kind"] != "CHANGES" or update["version"] <= version:
                continue  # A kind that this client does not know, or an old message.
            elif update["previousVersion"] != version:
                break  # A gap: subscribe again.
            for seat in update["seats"]:
                seats[seat["seatNumber"]] = (LETTERS.get(seat["status"], "?"), milliseconds(seat["lockedUntil"]))
            version, statuses = update["version"], "".join(letter for letter, _ in seats.values())
            # Without knowing every status, nobody can compute the digest.
            if "?" not in statuses and digest_of(seats, milliseconds(update["serverTime"])) != update["digest"]:
                version = None  # This map is wrong: get a whole one.
                break
            print(json.dumps({"version": version, "statuses": statuses}), flush=True)
    except Exception as error:  # The connection is lost, or a message has errors.
        print(error, file=sys.stderr)
        time.sleep(0.5 + random.random())
