from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds import FORMS
from pipeline.kinds.deal import DEAL
from pipeline.objects.object import Object
from pipeline.objects.versions import corrected_of, version_of

FIELDS = st.dictionaries(
    st.sampled_from(["stage_id", "owner_id", "account_id", "life"]), st.none() | st.sampled_from("ab"), max_size=3
)
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 1), st.sampled_from("abcd"), FIELDS, st.none() | st.sampled_from("abcd")
    )
)


def _merged(events: list[tuple[int, int, str, dict[str, Any], str | None]]) -> Object:
    item = Object("deal:1")
    for time_ms, sequence, event_id, changes, corrects in events:
        value = repr((changes, corrects)).encode()
        item.merge(
            version_of(time_ms, sequence, "crm-1", event_id, value), changes, corrected_of(corrects), 0, DEAL.histories
        )
    return item


@given(EVENTS, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_bytes(
    events: list[tuple[int, int, str, dict[str, Any], str | None]], random: Random
) -> None:
    """Events in any order, some twice, give an object with the same encoded form."""
    shuffled = [*events, *events[::3]]
    random.shuffle(shuffled)

    assert FORMS.encode(_merged(shuffled)) == FORMS.encode(_merged(events))


@given(EVENTS)
def test_the_stored_form_is_read_back(events: list[tuple[int, int, str, dict[str, Any], str | None]]) -> None:
    """What was encoded and decoded encodes to the same bytes, and says the same."""
    item = _merged(events)
    item.link("touch", "call:1", 5, {"rep": None, "at_ms": 1, "outbound": True})
    back = FORMS.decode("deal:1", FORMS.encode(item))

    assert FORMS.encode(back) == FORMS.encode(item)
    assert back.timeline("stage_id") == item.timeline("stage_id")
    assert (back.live, back.merged_into, back.links) == (item.live, item.merged_into, item.links)


def test_a_repeated_event_changes_nothing() -> None:
    """Merging the same version again reports no change."""
    item, version = Object("deal:1"), version_of(1, 0, "crm-1", "e", b"")

    assert item.merge(version, {"stage_id": "new", "product": "p"}, None, 0, DEAL.histories)
    assert not item.merge(version, {"stage_id": "new", "product": "p"}, None, 0, DEAL.histories)


def test_a_link_holds_the_last_word_of_its_origin() -> None:
    """A later link of one origin replaces the former, and None takes it back without a trace."""
    item = Object("account:1")
    empty = FORMS.encode(item)

    assert item.link("win", "deal:1", 1, {"won_ms": 5, "rep": None})
    assert not item.link("win", "deal:1", 2, {"won_ms": 5, "rep": None})
    assert item.link("win", "deal:1", 3, {"won_ms": 6, "rep": None})
    assert item.links == {"win": {"deal:1": (3, {"won_ms": 6, "rep": None})}}
    assert item.link("win", "deal:1", 4, None)
    assert not item.link("win", "deal:1", 5, None)
    assert FORMS.encode(item) == empty


def test_an_object_that_is_only_spoken_of_is_not_live() -> None:
    """Without an event of its own an object is not there, whatever others say of it."""
    item = Object("lead:1")
    item.link("touch", "call:1", 1, {"rep": None, "at_ms": 1, "outbound": True})

    assert not item.live
