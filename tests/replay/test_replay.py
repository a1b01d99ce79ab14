"""What becomes of what is stored when a spec is mended?"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from threading import Thread

import pytest

from adapter.model import Event
from adapter.replay.run import recorded
from adapter.replay.selection import Selection
from adapter.spec.language import Registry
from tests.replay.shop import Shop, acme, callback, raw, report, to_all, unsigned
from tests.specs import registry, tiny
from tests.store.place import Place

WRONG = acme()
MENDED = acme(('"001": undelivered', '"001": delivered'))
WORSE = acme(('"000": delivered', '"000": undelivered'))


@pytest.fixture
def shop(place: Place) -> Shop:
    return Shop(place)


def revised(key: str, revision: int) -> str:
    return hashlib.sha256(f"{key}:{revision}".encode()).hexdigest()


def test_a_thousand_callbacks_are_corrected_by_a_mended_code(shop: Shop) -> None:
    shop.arrive(WRONG, *(callback(n, report(f"m{n}", "001")) for n in range(1000)), route=to_all)
    planned = shop.rehearse(MENDED)
    assert [change.sort for plan in planned for change in plan.changes] == ["corrected"] * 1000
    assert shop.statuses() == ["undelivered"] * 1000, "a plan writes nothing"
    assert shop.replay(MENDED, route=to_all) == {
        "requests": 1000,
        "changed": 1000,
        "corrected": 1000,
        "deliveries": 1000,
    }
    assert shop.statuses() == ["delivered"] * 1000
    assert {state[0] for state in shop.messages().values()} == {"delivered"}
    due = (
        "SELECT count(*) FROM deliveries JOIN events ON events.id = deliveries.event_id "
        "WHERE state = 'due' AND revision = 2"
    )
    assert shop.place.rows(due) == [(1000,)]
    assert shop.replay(MENDED, run="again", route=to_all) == {"requests": 1000, "unchanged": 1000}
    assert shop.place.rows("SELECT count(*) FROM events") == [(2000,)]
    assert not any(plan.changed for plan in shop.rehearse(MENDED))


def test_a_correction_has_an_id_of_its_own_and_names_what_it_supersedes(shop: Shop) -> None:
    shop.arrive(WRONG, callback(1, report("m", "001")))
    for number, known in enumerate([MENDED, WRONG, MENDED]):
        shop.replay(known, run=f"run{number}")
    rows = shop.events()
    key = rows[0][0]["id"]
    ids = [key, *(revised(key, revision) for revision in (2, 3, 4))]
    assert [row[0]["id"] for row in rows] == ids
    assert [row[1] for row in rows] == [1, 2, 3, 4]
    assert [row[0].get("supersedes") for row in rows] == [None, *ids[:3]]
    assert [row[2] and row[2].hex() for row in rows] == [*ids[1:], None]
    assert [row[0]["data"]["status"] for row in rows] == ["undelivered", "delivered", "undelivered", "delivered"]
    assert shop.messages() == {"m": ("delivered", 5, ids[3])}


def test_another_zone_and_warnings_alone_keep_the_id_and_only_content_makes_a_correction(shop: Shop) -> None:
    shop.arrive(WRONG, callback(1, report("m", "000")))
    assert shop.replay(acme(("docs: [https://docs", "docs: [https://other"))) == {"requests": 1, "unchanged": 1}
    assert shop.place.rows("SELECT replay FROM requests") == [("",)]


@pytest.mark.parametrize(
    ("codes", "known", "expected"),
    [
        (["002", "000"], WORSE, "undelivered"),
        (["000", "002"], WORSE, "undelivered"),
        (["000"], acme(('"000": delivered', '"000": ignore')), None),
        (["002", "000"], acme(('"000": delivered', '"000": ignore')), "sent"),
        (["002", "000"], acme(('"000": delivered', '"000": accepted')), "sent"),
        (["000", "001"], acme(('"000": delivered', '"000": accepted')), "undelivered"),
        (["001", "000"], acme(('"001": undelivered', '"001": accepted')), "delivered"),
    ],
)
def test_a_message_moves_back_to_the_best_of_what_still_stands(
    shop: Shop, codes: list[str], known: Registry, expected: str | None
) -> None:
    shop.arrive(WRONG, *(callback(number, report("m", code)) for number, code in enumerate(codes)))
    shop.replay(known)
    assert {subject: state[0] for subject, state in shop.messages().items()} == ({"m": expected} if expected else {})
    stands = [bytes(one).hex() for (one,) in shop.place.rows("SELECT id FROM events WHERE superseded_by IS NULL")]
    assert all(state[2] in stands for state in shop.messages().values())


def test_a_message_without_subject_falls_back_too(shop: Shop) -> None:
    by_reference = ("message_id: id", "reference: id")
    shop.arrive(acme(by_reference), *(callback(n, report("m", code)) for n, code in enumerate(["002", "000"])))
    shop.replay(acme(by_reference, ('"000": delivered', '"000": accepted')))
    assert shop.place.rows("SELECT status FROM messages") == [("sent",)]


def test_a_mended_key_supersedes_the_event_of_the_same_record(shop: Shop) -> None:
    shop.arrive(
        acme(("message_id: id", "message_id: phone")), callback(1, report("a", "000", "1"), report("b", "001", "2"))
    )
    assert shop.replay(WRONG, route=to_all) == {"requests": 1, "changed": 1, "corrected": 2, "deliveries": 2}
    rows = shop.events()
    old, new = rows[:2], {row[0]["subject"]: row[0] for row in rows[2:]}
    assert {row[0]["subject"]: row[2].hex() for row in old if row[2]} == {"1": new["a"]["id"], "2": new["b"]["id"]}
    assert {one["supersedes"] for one in new.values()} == {row[0]["id"] for row in old}
    assert set(shop.messages()) == {"a", "b"}
    assert shop.replay(WRONG, run="again") == {"requests": 1, "unchanged": 2}


def test_what_is_read_no_more_is_withdrawn_and_may_come_back(shop: Shop) -> None:
    shop.arrive(WRONG, callback(1, report("m", "000")), route=to_all)
    without = acme(("each: reports", "each: reports\n    where: id == 'other'"))
    assert shop.replay(without, route=to_all) == {"requests": 1, "changed": 1, "withdrawn": 1}
    assert shop.messages() == {}
    assert shop.events()[0][2] == b""
    assert shop.place.rows("SELECT count(*) FROM deliveries") == [(1,)], "of what is withdrawn nothing is delivered"
    assert shop.outcomes() == [("unclaimed", "")]
    assert shop.replay(WRONG, run="back", route=to_all) == {"requests": 1, "changed": 1, "new": 1, "deliveries": 1}
    first, second = shop.events()
    assert (second[0]["id"], second[1], second[0]["supersedes"]) == (revised(first[0]["id"], 2), 2, first[0]["id"])
    assert first[2] == bytes.fromhex(second[0]["id"])
    assert shop.outcomes() == [("accepted", "")]
    assert shop.place.rows("SELECT count(*) FROM problems") == [(0,)]


def test_events_from_before_records_were_numbered_are_paired_only_where_that_is_plain(shop: Shop) -> None:
    shop.arrive(
        acme(("message_id: id", "message_id: phone")), callback(1, report("a", "000", "1"), report("b", "001", "2"))
    )
    shop.place.change("UPDATE events SET record = 0")
    assert shop.replay(WRONG) == {"requests": 1, "changed": 1, "new": 2, "withdrawn": 2}


def test_the_first_of_two_requests_keeps_the_event(shop: Shop) -> None:
    """The second one has other bytes, and says the same."""
    first = callback(1, report("m", "001"))
    shop.arrive(WRONG, first, raw(2, first.body + b" "))
    assert shop.outcomes() == [("accepted", ""), ("duplicate", "")]
    shop.replay(MENDED, Selection(ids=(f"{2:032x}",)))
    assert shop.statuses() == ["undelivered"]
    assert shop.place.rows("SELECT code FROM problems") == [("changed_duplicate",)]
    shop.replay(MENDED, run="all")
    assert shop.statuses() == ["delivered"]
    assert shop.outcomes() == [("accepted", ""), ("duplicate", "")]
    assert shop.place.rows("SELECT code FROM problems") == []


def test_a_spec_that_saw_one_message_where_there_were_two_is_mended(shop: Shop) -> None:
    """The second request said nothing new then, so all it left is its bytes."""
    shop.arrive(unsigned("body: json\nmatch: {has: [id]}\nstatus: {codes: {}, otherwise: unknown}\nevents:\n"
                         "  - {kind: sms.delivery, fields: {message_id: batch, code: code}}\n"),
                *(raw(n, json.dumps({"id": f"m{n}", "batch": "b", "code": "1"}).encode()) for n in (1, 2)))  # fmt: skip
    assert shop.outcomes() == [("accepted", ""), ("duplicate", "")]
    mended = unsigned("body: json\nmatch: {has: [id]}\nstatus: {codes: {}, otherwise: unknown}\nevents:\n"
                      "  - {kind: sms.delivery, fields: {message_id: id, code: code}}\n")  # fmt: skip
    assert shop.replay(mended) == {"requests": 2, "changed": 2, "corrected": 1, "new": 1}
    assert set(shop.messages()) == {"m1", "m2"}
    assert shop.outcomes() == [("accepted", ""), ("accepted", "")]


def test_refused_requests_are_verified_again_and_move_when_they_prove_themselves(shop: Shop) -> None:
    shop.arrive(WRONG, callback(1, report("m", "000")))
    other = callback(2, report("n", "000"), secret=b"not the secret")
    shop.arrive(acme(("header: X-Sign", "header: X-Other")), callback(3, report("o", "000")), other)
    assert len(shop.place.rows("SELECT id FROM refused")) == 2
    counts = shop.replay(WRONG, Selection(quarantine=True), route=to_all)
    assert counts == {"requests": 2, "left": 1, "changed": 1, "proved": 1, "new": 1, "deliveries": 1}
    assert shop.place.rows("SELECT id FROM refused") == [(other.id,)]
    assert shop.place.rows("SELECT id, outcome, replay FROM requests ORDER BY seq")[1] == (
        f"{3:032x}",
        "accepted",
        "run",
    )


def test_what_nobody_claimed_must_prove_itself_when_somebody_does(shop: Shop) -> None:
    stranger = acme(("has: [reports]", "has: [other]"))
    shop.arrive(stranger, callback(1, report("m", "000")), callback(2, report("n", "000"), secret=b"forged"))
    assert shop.outcomes() == [("unmatched", "unmatched")] * 2
    assert shop.replay(WRONG) == {"requests": 2, "left": 1, "changed": 1, "new": 1}
    assert shop.outcomes() == [("accepted", ""), ("unmatched", "unmatched")]


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (registry(tiny("body: json\nmatch: {has: [x]}\nevents: [{kind: ignore}]\n", "other")), "the file of acme"),
        (acme(("has: [reports]", "has: [other]")), "nobody would take it: unmatched"),
        (acme(("body: json", "body: xml"), (", has: [reports]", "")), "acme would take it: unreadable_body"),
        (Registry(WRONG.specs, WRONG.kinds, {}), "there is no channel sms/1"),
    ],
    ids=["no file", "no claim", "not readable", "no channel"],
)  # fmt: skip
def test_what_today_nobody_can_read_is_left_alone_and_told(shop: Shop, known: Registry, reason: str) -> None:
    shop.arrive(WRONG, callback(1, report("m", "000")))
    (plan,) = shop.rehearse(known)
    assert reason in plan.left
    before = shop.events(), shop.outcomes(), shop.messages()
    assert shop.replay(known) == {"requests": 1, "left": 1}
    assert (shop.events(), shop.outcomes(), shop.messages()) == before


@pytest.mark.parametrize("body", [b"\x00", b'{"reports": [{"id": "a\\u0000b", "result": "\\u0000"}]}', b"\xff" * 300])
def test_hostile_bodies_come_back_as_they_came(shop: Shop, body: bytes) -> None:
    shop.arrive(WRONG, raw(1, body))
    before = shop.events(), shop.outcomes()
    shop.replay(MENDED)
    assert (shop.events(), shop.outcomes()) == before
    assert shop.replay(MENDED, run="again").get("changed", 0) == 0


class Killed(BaseException):
    """The end of a process, as far as a test can play it."""


def after(batches: int) -> Callable[[int], None]:
    left = [batches]

    def progress(_: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    return progress


def test_a_killed_run_goes_on_where_it_was(shop: Shop) -> None:
    shop.arrive(WRONG, *(callback(n, report(f"m{n}", "001")) for n in range(500)))
    with pytest.raises(Killed):
        shop.replay(MENDED, route=to_all, progress=after(2))
    assert shop.statuses().count("delivered") == 400
    with shop.engines() as engines:
        with engines.reads.connect() as connection:
            going = recorded(connection, "run")
        assert going
        assert not going.finished
        counts = shop.carry_on(engines, MENDED, going, to_all)
    assert counts == {"requests": 500, "changed": 500, "corrected": 500, "deliveries": 500}
    assert shop.statuses() == ["delivered"] * 500


def test_two_replays_and_a_server_that_writes_do_not_disturb_each_other(shop: Shop) -> None:
    shop.arrive(WRONG, *(callback(n, report(f"m{n}", "001")) for n in range(300)), route=to_all)
    raised: list[BaseException] = []

    def one(run: str) -> None:
        try:
            shop.replay(MENDED, run=run, route=to_all)
        except BaseException as error:
            raised.append(error)

    threads = [Thread(target=one, args=(run,)) for run in ("a", "b")]
    for thread in threads:
        thread.start()
    shop.arrive(MENDED, *(callback(n, report(f"m{n - 300}", "000")) for n in range(300, 600)), route=to_all)
    for thread in threads:
        thread.join()
    assert raised == []
    assert shop.statuses().count("delivered") == 600
    assert shop.place.rows("SELECT revision, count(*) FROM events GROUP BY revision ORDER BY 1") == [(1, 600), (2, 300)]
    assert shop.place.rows("SELECT count(*) FROM deliveries") == [(900,)]


def test_what_is_erased_is_never_replayed(shop: Shop) -> None:
    shop.arrive(WRONG, callback(1, report("m", "001")))
    shop.place.change("UPDATE requests SET outcome = 'erased'")
    assert shop.replay(MENDED) == {}


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(vendor="acme"), 2),
        (Selection(vendor="other"), 0),
        (Selection(channel="sms/2"), 1),
        (Selection(ids=(f"{2:032x}", "none")), 1),
        (Selection(since="2026-01-01T00:00:02+00:00"), 1),
        (Selection(quarantine=True), 0),
    ],
)
def test_only_what_was_asked_for_is_judged(shop: Shop, selection: Selection, count: int) -> None:
    shop.arrive(WRONG, callback(1, report("m", "001")), callback(2, report("n", "001"), channel="sms/2"))
    assert len(shop.rehearse(MENDED, selection)) == count


def test_the_route_is_asked_with_the_event_as_it_is_now(shop: Shop) -> None:
    asked: list[Event] = []

    def route(event: Event) -> tuple[str, ...]:
        asked.append(event)
        return ()

    shop.arrive(WRONG, callback(1, report("m", "001")))
    shop.replay(MENDED, route=route)
    (event,) = asked
    assert (event.envelope["id"], event.envelope["data"]["status"]) == (event.id, "delivered")


def test_a_plan_over_many_batches_is_what_is_done(shop: Shop) -> None:
    """The first and the last turn out to speak of one message; only the first of them keeps it."""
    by_phone = acme(("message_id: id", "message_id: phone"))
    ids = ["m", *(f"m{n}" for n in range(210)), "m"]
    shop.arrive(by_phone, *(callback(n, report(one, "000", f"p{n}")) for n, one in enumerate(ids)))
    mended = acme((", to: phone", ""))
    planned = Counter(change.sort for plan in shop.rehearse(mended) for change in plan.changes)
    assert planned == {"corrected": 211, "withdrawn": 1}
    assert {name: count for name, count in shop.replay(mended).items() if name in planned} == planned
    assert shop.outcomes()[-1] == ("duplicate", "")
