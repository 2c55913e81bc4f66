"""Dead letters as operators see them: each origin once, chosen, planned for a replay, and shown."""

from dataclasses import dataclass
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.causes import causes_of
from pipeline.dead_letters.display import contents, lines, shown, summary
from pipeline.dead_letters.letter import Letter, Place
from pipeline.dead_letters.replay import plan
from pipeline.dead_letters.selection import Selection, parse_origin
from schemas import dead_letters
from schemas.dead_letters import Arrival, Headers, Origin, Refusal, replayed_headers

HEADER_NAMES = (
    *dict(dead_letters.headers(Refusal(Arrival(Origin("a", 0, 0, 1), 0), "late", "", 0, ""))),
    "dlq.replayed",
)


@dataclass(frozen=True)
class TopicRecord:
    """A record of the dead-letter topic."""

    offset: int
    headers: Headers
    partition: int = 0
    key: bytes | None = b"deal:1"
    value: bytes | None = b"{"


def refusal(offset: int = 1, attempt: int = 1, reason: str = "invalid_json", topic: str = "crm.events") -> Refusal:
    """A refusal of a record that came at this offset of partition 0."""
    return Refusal(Arrival(Origin(topic, 0, offset), 1000 * offset, attempt), reason, "not JSON", 2000, "0.1")


def letters(*found: Refusal | Arrival, shuffled: Random | None = None) -> list[Letter]:
    """The catalogue of a topic with these letters and notes of replays."""
    headers = [dead_letters.headers(f) if isinstance(f, Refusal) else replayed_headers(f) for f in found]
    records = [TopicRecord(n, each) for n, each in enumerate(headers)]
    if shuffled is not None:
        shuffled.shuffle(records)
    return list(Catalogue(records).letters())


def test_an_origin_is_listed_once() -> None:
    """A letter written twice after a crash is one, the first of them; letters come by origin."""
    found = letters(refusal(2), refusal(1), refusal(2))

    assert [(str(letter.origin), letter.place) for letter in found] == [
        ("crm.events/0/1", Place(0, 1)),
        ("crm.events/0/2", Place(0, 0)),
    ]


def test_the_latest_attempt_counts() -> None:
    """Refused again for another reason, the letter says the latest one."""
    [found] = letters(refusal(), refusal(attempt=2, reason="late"))

    assert (found.refusal.reason, found.refusal.arrival.attempt) == ("late", 2)


def test_a_replayed_letter_is_closed_until_it_is_refused_again() -> None:
    """A note of a replay closes its attempt and those before; the next attempt opens the letter again."""
    first, second = refusal(), refusal(attempt=2)

    assert [each.replayed for each in letters(first)] == [False]
    assert [each.replayed for each in letters(first, first.arrival)] == [True]
    assert [each.replayed for each in letters(first, first.arrival, second)] == [False]
    assert [each.replayed for each in letters(first, first.arrival, second, second.arrival)] == [True]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.booleans()), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_catalogue_does_not_depend_on_the_order(found: list[tuple[int, int, bool]], shuffled: Random) -> None:
    """Letters and notes, some of them twice, mean the same in every order."""
    mail = [refusal(offset, attempt).arrival if note else refusal(offset, attempt) for offset, attempt, note in found]

    assert letters(*mail) == letters(*mail, shuffled=shuffled)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_a_replay_of_a_replay_sends_nothing(offsets: list[int]) -> None:
    """Once every planned letter is noted, nothing is planned any more."""
    mail: list[Refusal | Arrival] = [refusal(offset) for offset in offsets]
    planned = plan(letters(*mail), 4).letters
    again = plan(letters(*mail, *(letter.refusal.arrival for letter in planned)), 4)

    assert len(planned) == len(set(offsets))
    assert (list(again.letters), again.left) == ([], {"already replayed": len(planned)})


def test_what_can_never_be_an_event_stays() -> None:
    """An empty record, one marked as the pipeline's own, and one about a full object are not sent back."""
    reasons = ("empty", "invalid_control", "full", "invalid_event")
    planned = plan(letters(*(refusal(number, reason=reason) for number, reason in enumerate(reasons))), 4)

    assert [str(letter.origin) for letter in planned.letters] == ["crm.events/0/3"]
    assert sum(planned.left.values()) == 3


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("dlq.schema", b"2"),),
        dead_letters.headers(refusal(topic="state.crm")),
        dead_letters.headers(refusal(topic="facts")),
        tuple(
            (name, b"\xff") if name == "dlq.reason" else (name, value)
            for name, value in dead_letters.headers(refusal())
        ),
        (("dlq.schema", b"1"), ("dlq.replayed", b"1")),
    ],
)
def test_what_is_no_letter_of_ours_is_counted_and_left(headers: Headers) -> None:
    """Whoever else writes to the topic gets nothing replayed, least of all into a log of the pipeline's own."""
    catalogue = Catalogue([TopicRecord(0, headers), TopicRecord(1, dead_letters.headers(refusal()))])

    assert len(list(catalogue.letters())) == 1
    assert catalogue.unreadable == 1


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), [1, 2, 3]),
        (Selection(reasons=frozenset({"late"})), [2]),
        (Selection(topics=frozenset({"org.changes"})), [3]),
        (Selection(origins=frozenset({Origin("crm.events", 0, 1)})), [1]),
        (Selection(since_ms=2000), [2, 3]),
        (Selection(until_ms=2000), [1]),
        (Selection(reasons=frozenset({"late"}), until_ms=2000), []),
    ],
)
def test_letters_are_chosen_by_reason_topic_origin_and_time(selection: Selection, chosen: list[int]) -> None:
    """All that is given must fit; times are those at which the records were appended."""
    mail = letters(refusal(1), refusal(2, reason="late"), refusal(3, topic="org.changes"))

    assert sorted(letter.origin.offset for letter in mail if letter in selection) == chosen


def test_an_origin_is_read_as_it_is_shown() -> None:
    """Topic, partition, offset and the number in a batch; a log of the pipeline's own is none."""
    for text in ("telephony.events/3/77", "crm.events/0/1/2"):
        assert str(parse_origin(text)) == text
    for text in ("facts/0/1", "crm.events/0", "crm.events/0/-1", "crm.events/0/1/0", "crm.events/0/1/2/3"):
        with pytest.raises(ValueError, match="not an origin"):
            parse_origin(text)


NUMBERS = st.integers(0, 10**18 - 1)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(0, 10**18 - 1))
def test_any_number_in_any_header_is_survived(
    partition: int, offset: int, element: int, attempt: int, at_ms: int
) -> None:
    """Listed, shown and planned: a time that no calendar holds is shown as it is, a partition that is none is left."""
    came = Arrival(Origin("crm.events", partition, offset, element), at_ms, attempt)
    [letter] = letters(Refusal(came, "future", "time: x", at_ms, "0.1"))
    left = plan([letter], 4).left

    assert len(list(lines(letter, TopicRecord(0, ())))) == 9
    assert letter.as_json()["attempt"] == attempt
    assert causes_of([letter])[0].last_ms == at_ms
    assert letter in Selection(since_ms=0)
    assert bool(left) == (partition >= 4 or attempt == 0)


@given(st.lists(st.tuples(st.sampled_from(HEADER_NAMES), st.none() | st.binary(max_size=25)), max_size=12))
def test_any_bytes_in_any_header_are_survived(more: list[tuple[str, bytes | None]]) -> None:
    """A letter with some of its headers told again is a letter, or counted as none."""
    headers = (*dead_letters.headers(refusal()), *more)
    catalogue = Catalogue([TopicRecord(0, cast(Headers, headers))])

    assert len(plan(list(catalogue.letters()), 4).letters) + catalogue.unreadable <= 1


def test_raw_bytes_do_nothing_to_a_terminal() -> None:
    """Escapes and broken UTF-8 are shown, not sent."""
    assert shown(b"\x1b[2J\r\xff\nz\xc3\xbc") == "\\x1b[2J\\r\\xff\\nzü"
    assert shown(None) == "(none)"


def test_a_letter_is_shown_with_what_it_holds() -> None:
    """For people as lines, for programs as text where it is text, and always as bytes."""
    [letter] = letters(refusal())
    record = TopicRecord(0, (), key=None, value=b"\xff")
    shown = list(lines(letter, record))

    assert shown[0] == "origin    crm.events/0/1"
    assert shown[-1] == "  \\xff"
    assert contents(record) == {"key": None, "key_base64": None, "value": None, "value_base64": "/w=="}


def test_a_summary_counts_by_topic_and_reason() -> None:
    """One line says how many there are of what."""
    mail = letters(refusal(1), refusal(2), refusal(3, reason="late"))

    assert summary(mail) == "3 dead letters: crm.events invalid_json 2, crm.events late 1"
    assert summary([]) == "no dead letters"
