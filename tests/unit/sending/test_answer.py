"""An operator's answer: of which records it is, and of which there can be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import SetupError
from pipeline.sending.answer import Proposal, Stretch, propose
from schemas.control import ANSWER, Answer, pack_answer, unpack_answer
from tests.harness.jumping_log import HOUR_MS, LIMIT_MS, START_MS, LogRecord
from tests.harness.proofs import PROOFS, signed

AHEAD_MS = START_MS + 500 * 24 * HOUR_MS
SECOND_MS = 1000


def stretch(*records: int | Answer, first: int = 0) -> Stretch:
    """A log of records with these stamps; answers are stamped right."""
    made = []
    for offset, told in enumerate(records, first):
        if isinstance(told, Answer):
            value = pack_answer(told)
            headers = signed(ANSWER, value, "crm.events", 3)
            made.append(LogRecord(offset, START_MS, value=value, headers=headers))
        else:
            made.append(LogRecord(offset, told))
    return Stretch("crm.events/3", made, PROOFS.at("crm.events", 3))


def proposed(log: Stretch, offset: int, *, before: bool = True) -> Proposal:
    """What is proposed a minute after the clock was set right."""
    return propose(log, offset, LIMIT_MS, START_MS + 60_000, before=before)


JUMPED = (START_MS, AHEAD_MS, AHEAD_MS - SECOND_MS, AHEAD_MS + HOUR_MS, START_MS + SECOND_MS, AHEAD_MS)
"""Three records ahead, one of them a little behind the first; then the clock is right, then it is wrong again."""


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_is_of_all_that_follow_and_are_as_far_ahead(before: bool) -> None:
    """Up to the first record that is not; what comes later is answered when a worker halts there."""
    found = proposed(stretch(*JUMPED, first=40), 41, before=before)

    assert found == Proposal(Answer(41, 43, START_MS if before else None), 3, AHEAD_MS, AHEAD_MS + HOUR_MS, False)


def test_a_record_of_a_quiet_log_after_the_jump_is_not_among_them() -> None:
    """Two hours later the log goes on: that is a jump too, but the time is right."""
    assert proposed(stretch(START_MS, AHEAD_MS, START_MS + 2 * HOUR_MS), 1).answer == Answer(1, 1, START_MS)


def test_an_answer_follows_one_before() -> None:
    """The record before was answered itself: it is that record's counted time which holds on."""
    log = stretch(START_MS, AHEAD_MS, AHEAD_MS + SECOND_MS, Answer(1, 1, START_MS))

    assert proposed(log, 2) == Proposal(Answer(2, 2, START_MS), 1, AHEAD_MS + SECOND_MS, AHEAD_MS + SECOND_MS, False)


def test_the_first_record_of_a_log_counts_as_appended_now() -> None:
    """There is none before it; and it is told when the log ends as far ahead."""
    found = proposed(stretch(AHEAD_MS), 0)

    assert (found.answer, found.to_the_end) == (Answer(0, 0, START_MS + 60_000), True)


@pytest.mark.parametrize(
    ("offset", "log", "line"),
    [
        (9, stretch(START_MS, AHEAD_MS), "crm.events/3 holds no record at offset 9"),
        (1, stretch(START_MS, AHEAD_MS, Answer(1, 1, None)), "crm.events/3, offset 1 was answered already"),
        (2, stretch(START_MS, AHEAD_MS, AHEAD_MS), "2027-03-18T11:00:00Z is not ahead of the record before"),
        (1, stretch(START_MS, START_MS + LIMIT_MS), "no worker with a right clock halts at 2025-11-03T17:00:00Z"),
    ],
)
def test_there_is_no_answer_where_no_worker_halts(offset: int, log: Stretch, line: str) -> None:
    """The line says what to give instead."""
    with pytest.raises(SetupError, match=line):
        proposed(log, offset)


@given(st.integers(0, 2**62), st.integers(0, 2**40), st.none() | st.integers(0, 2**62))
def test_any_answer_is_read_back(first: int, more: int, counts_as_ms: int | None) -> None:
    """Through its wire form."""
    answer = Answer(first, first + more, counts_as_ms)

    assert unpack_answer(pack_answer(answer)) == answer


@given(st.binary(max_size=20))
def test_any_other_bytes_are_none(value: bytes) -> None:
    """A ValueError, and nothing else, unless they are one by chance."""
    try:
        answer = unpack_answer(value)
    except ValueError:
        return
    assert 0 <= answer.first <= answer.last


def test_an_answer_about_what_comes_after_it_says_nothing() -> None:
    """Nobody can know those records; and a replay that begins behind it would not find it."""
    assert stretch(START_MS, Answer(1, 3, START_MS), AHEAD_MS).answers.about(2) is None


def test_of_two_answers_the_first_holds() -> None:
    """What was counted by it stays so."""
    log = stretch(START_MS, AHEAD_MS, Answer(1, 1, None), Answer(1, 1, START_MS))

    assert log.answers.about(1) == Answer(1, 1, None)
