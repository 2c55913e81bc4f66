"""What there is to tell of alerts: each thing once, whatever copies, replays and old records the log has."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.notifying.transitions import MOST_TOLD, Transitions, message_id
from schemas.alerts import Alert
from tests.unit.notifying.alerts import FIRST, SECOND, acknowledged, muted, opened, resolved


def told(*records: Alert) -> list[str]:
    """What is told of these records, one after another."""
    transitions = Transitions()
    return [found[0].removeprefix("alert.") for record in records if (found := transitions.take(record))]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([opened(), resolved()], ["opened", "resolved"]),
        ([opened(), acknowledged(), resolved()], ["opened", "acknowledged", "resolved"]),
        ([acknowledged(), resolved()], ["acknowledged", "resolved"]),
        ([opened(), acknowledged(), acknowledged(by="lead-2", offset=3)], ["opened", "acknowledged", "acknowledged"]),
        ([opened(), muted(), opened(offset=3)], ["opened", "muted", "unmuted"]),
        ([opened(), muted(), muted(until_ms=SECOND + 1, offset=3)], ["opened", "muted", "muted"]),
        # One that opens while it is muted: nobody hears of it before the mute is over.
        ([muted(), resolved()], []),
        ([muted(), opened(offset=3), resolved(offset=4)], ["opened", "resolved"]),
        ([muted(), acknowledged(offset=3)], ["acknowledged"]),
        ([opened(), muted(), resolved()], ["opened", "muted", "resolved"]),
        ([opened(), resolved(), opened(SECOND, 4), resolved(SECOND, 5)], ["opened", "resolved", "opened", "resolved"]),
        # It was resolved between two looks at it: nobody was told, so nobody is told that it is over.
        ([resolved()], []),
        ([opened(), opened(SECOND, 4)], ["opened", "opened"]),
    ],
)
def test_lives_of_alerts(records: list[Alert], expected: list[str]) -> None:
    """As people would tell them."""
    assert told(*records) == expected


def test_what_a_deposed_worker_wrote_late_says_nothing() -> None:
    """The higher version holds."""
    assert told(opened(offset=5), acknowledged(offset=6), opened(offset=4), resolved(offset=7)) == [
        "opened", "acknowledged", "resolved",
    ]  # fmt: skip


def test_a_replay_of_history_tells_nothing() -> None:
    """A state that is rebuilt comes to the same openings once more, in a later generation."""
    life = [opened(), muted(), opened(offset=3), resolved(offset=4), opened(SECOND, 5), acknowledged(SECOND, 6)]
    again = [record.model_copy(update={"version": [2, record.version[1]]}) for record in life]

    assert told(*life, *again) == told(*life)


def test_no_more_is_kept_of_an_opening_than_may_be() -> None:
    """Whoever mutes it for ever is told of no more but its end."""
    mutes = [muted(offset=n, until_ms=SECOND + n) for n in range(2, 3 * MOST_TOLD)]

    assert told(opened(), *mutes, resolved(offset=4 * MOST_TOLD)).count("muted") == MOST_TOLD - 1
    assert told(opened(), *mutes, resolved(offset=4 * MOST_TOLD))[-1] == "resolved"


STATES = st.lists(st.sampled_from(["open", "ack", "mute", "resolve", "again"]), max_size=12)


def life_of(states: list[str]) -> list[Alert]:
    """The records of an alert that goes through these states."""
    records, opened_ms = [opened()], FIRST
    for number, state in enumerate(states, 2):
        opened_ms += 3_600_000 * (state == "again")
        if state == "ack":
            records.append(acknowledged(opened_ms, number))
        elif state == "mute":
            records.append(muted(opened_ms, number, until_ms=SECOND + number))
        else:
            records.append((resolved if state == "resolve" else opened)(opened_ms, number))
    return records


@given(STATES, st.randoms(use_true_random=False))
def test_copies_tell_nothing_new(states: list[str], random: Random) -> None:
    """Of any life, with any of its records sent again at any later place."""
    life = life_of(states)
    with_copies = list[Alert]()
    for number, record in enumerate(life):
        with_copies += [record, *random.choices(life[: number + 1], k=random.randrange(3))]

    assert told(*with_copies) == told(*life)


@given(STATES)
def test_what_is_resolved_was_open_for_whoever_listens(states: list[str]) -> None:
    """Nobody hears of an end of what nobody heard of, and of no end twice."""
    is_open = False
    for what in told(*life_of(states)):
        assert is_open or what in ("opened", "acknowledged")
        is_open = what != "resolved"


def test_ids_follow_from_what_is_told() -> None:
    """The same for a copy, another for anything else; without a full stop, which separates what is signed."""
    ids = [
        message_id("live", opened(), "alert.opened", ""),
        message_id("live", opened(offset=9, generation=3), "alert.opened", ""),
        message_id("test", opened(), "alert.opened", ""),
        message_id("live", opened(SECOND), "alert.opened", ""),
        message_id("live", opened(), "alert.acknowledged", "lead-1"),
        message_id("live", opened(), "alert.acknowledged", "lead-2"),
    ]

    assert ids[0] == ids[1]
    assert len(set(ids)) == len(ids) - 1
    assert all("." not in each for each in ids)
