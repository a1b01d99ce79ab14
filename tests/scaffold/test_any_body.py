"""Does a draft always hold what it promises, whatever was captured?"""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.scaffold.draft import Draft
from adapter.scaffold.nouns import NoDraft
from tests.scaffold.world import differences, drafted, post

NAMES = st.sampled_from(
    ["id", "msgId", "phone", "mobile", "status", "code", "success", "time", "type", "content", "a b", "x.y", "名",
     "true", "event", "email", "_", "0", "sign", "token"]
)  # fmt: skip
ODD = ["13912345678", "+4915112345678", "DELIVRD", "0", "2024-05-01 09:00:00", "a@b.example", "SUCCESS", "[1]",
       '{"id": "1"}', "TODO", "null", "'", '"', ": ", "# no"]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(ODD),
)
RECORDS = st.dictionaries(NAMES, st.one_of(VALUES, st.dictionaries(NAMES, VALUES, max_size=3)), min_size=1, max_size=6)
LISTS = st.lists(RECORDS, min_size=1, max_size=3)
BODIES = st.one_of(RECORDS, LISTS, st.fixed_dictionaries({"list": LISTS}))


@given(BODIES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_draft_is_a_right_file_whose_examples_come_out_or_there_is_none(body: object) -> None:
    made = _drafted(body)
    assert made is None or differences(made) == []


def _drafted(body: object) -> Draft | None:
    """None where there is nothing to make a file of; a draft that is no right file fails."""
    try:
        return drafted(post(json.dumps(body, ensure_ascii=False)))
    except NoDraft as none:
        if "no file could be drafted" in str(none):
            raise
        return None
