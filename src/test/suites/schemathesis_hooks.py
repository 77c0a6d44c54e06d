"""What Schemathesis has to know of this server: its scalar, and what is a failure here.

By itself it takes every GraphQL error for one. A refusal is an answer like any other, as long as it says so with one of
the contract's codes; an internal error is an answer with INTERNAL_SERVER_ERROR, without a code, or with a status of 500 or more.
"""

import atexit
import json
import os
import threading
from collections import Counter

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

CODES = frozenset(json.loads(os.environ["ERROR_CODES"])) - {"INTERNAL_SERVER_ERROR"}

schemathesis.graphql.scalar(
    "DateTimeISO",
    st.one_of(
        st.datetimes().map(lambda instant: instant.isoformat(timespec="milliseconds") + "Z"),
        st.just("2999-12-31T23:59:59.999Z"),
    ).map(nodes.String),
)

tally: Counter[str] = Counter()
lock = threading.Lock()


def count(*names: str) -> None:
    with lock:
        tally.update(names)


@atexit.register
def write_tally() -> None:
    with open(os.environ["TALLY"], "w", encoding="utf-8") as file:
        json.dump(tally, file)


@schemathesis.check
def a_refusal_is_one_of_the_contract(ctx, response, case) -> None:
    count("cases", case.meta.generation.mode.value if case.meta else "unknown", f"status {response.status_code}")
    assert response.status_code < 500, f"status {response.status_code}: {response.text}"
    payload = response.json()
    errors = payload.get("errors", [])
    if not errors:
        count("answered")
        assert payload.get("data") is not None, f"neither data nor errors: {response.text}"
    for error in errors:
        code = error.get("extensions", {}).get("code")
        count(f"code {code}")
        assert code in CODES, f"{code}: {response.text}"
