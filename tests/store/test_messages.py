"""Where does each message stand? News only moves it forward, and late news is marked."""

import json
from itertools import permutations

import pytest

from adapter.model import Event, Outcome
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, run, save_all

RANKS = {"accepted": 1, "sent": 2, "unknown": 3, "undelivered": 4, "expired": 4, "delivered": 5, "read": 6}


def news(status: str, message: str = "m1", **data: object) -> Event:
    found = event(f"{message} {status} {data}", status=status, **data)
    return Event(found.id, found.kind, {**found.envelope, "subject": message}, 0, RANKS[status])


def told(*statuses: str) -> list[Outcome]:
    return [outcome(news(status)) for status in statuses]


STORIES = [
    (["accepted", "sent", "delivered"], "delivered", []),
    (["delivered", "sent"], "delivered", ["sent"]),
    (["delivered", "sent", "accepted"], "delivered", ["sent", "accepted"]),
    (["unknown", "delivered"], "delivered", []),
    (["unknown", "sent"], "unknown", ["sent"]),
    (["undelivered", "delivered"], "delivered", []),
    (["delivered", "undelivered"], "delivered", ["undelivered"]),
    (["undelivered", "expired"], "undelivered", []),
    (["read", "delivered"], "read", ["delivered"]),
]


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "one after the other"])
@pytest.mark.parametrize(("statuses", "state", "stale"), STORIES, ids=[" ".join(row[0]) for row in STORIES])
def test_a_message_moves_only_forward_and_late_news_is_marked_stale(
    place: Place, statuses: list[str], state: str, stale: list[str], together: bool
) -> None:
    outcomes = [outcome(*map(news, statuses))] if together else told(*statuses)
    with place.opened() as store:
        for number, one in enumerate(outcomes):
            assert run(save_all(store, (request(f"r{number}"), one))) == [False]
        marked = [json.loads(one.envelope) for one in store.events()]
    assert [one["data"]["status"] for one in marked] == statuses
    assert [one["data"]["status"] for one in marked if one.get("stale")] == stale
    assert place.rows("SELECT status FROM messages") == [(state,)]
    assert place.rows("SELECT count(*) FROM events WHERE stale = 1") == [(len(stale),)]


@pytest.mark.parametrize("order", list(permutations(["sent", "unknown", "delivered"])))
def test_whatever_the_order_the_best_news_stands(place: Place, order: tuple[str, ...]) -> None:
    with place.opened() as store:
        run(save_all(store, *((request(f"r{one}"), outcome(news(one))) for one in order)))
    assert place.rows("SELECT status FROM messages") == [("delivered",)]


def test_parts_and_recipients_of_a_message_each_have_their_state(place: Place) -> None:
    some = [
        news("delivered", part=1),
        news("sent", part=2),
        news("sent", to="a"),
        news("read", to="b"),
        news("sent", "m2"),
    ]
    with place.opened() as store:
        run(save_all(store, (request(), outcome(*some))))
    found = sorted(status for (status,) in place.rows("SELECT status FROM messages"))
    assert found == ["delivered", "read", "sent", "sent", "sent"]


def test_an_event_that_tells_no_state_has_none(place: Place) -> None:
    with place.opened() as store:
        run(save_all(store, (request(), outcome(event("1", text="hello")))))
    assert place.rows("SELECT * FROM messages") == []
