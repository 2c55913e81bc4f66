"""The timeline of a day, by what ended in its hours and what stands; instants are minutes of that day."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from pipeline.scores.timeline import NO_TIMELINE, Hours, add, first_hour, timeline

START = 20_000 * DAY_MS
END = START + DAY_MS


def at(minute: int) -> int:
    """An instant of the day."""
    return START + minute * MINUTE_MS


def over(*stretches: tuple[int, int, str]) -> Hours:
    """What stands in the hours once these states were over: from a minute until another one."""
    hours: Hours = {}
    for begin, end, state in stretches:
        add(hours, at(end) // HOUR_MS * 60, {f"phone_stretch:{at(begin)}:{at(end)}:{state}": 1})
    return hours


def told(found: dict[str, Any]) -> list[tuple[int, int | None, str]]:
    """The states in minutes of the day."""
    return [
        (
            (each["from_ms"] - START) // MINUTE_MS,
            None if each["to_ms"] is None else (each["to_ms"] - START) // MINUTE_MS,
            each["state"],
        )
        for each in found["stretches"]
    ]


def standing(since: int, state: str) -> dict[str, int]:
    """What stands of a phone that has been in a state since a minute."""
    return {f"agents:{state}": 1, f"agents_since_ms:{state}": at(since)}


def test_states_stand_in_the_order_in_which_they_began() -> None:
    """Available from nine, on a call, at lunch with its reason, and on a call again since 13:05."""
    hours = over((725, 785, "break:lunch: long"), (540, 545, "available"), (545, 560, "on_call"))
    found = timeline(hours, standing(785, "on_call"), START, END)

    assert told(found) == [
        (540, 545, "available"), (545, 560, "on_call"), (725, 785, "break:lunch: long"), (785, None, "on_call"),
    ]  # fmt: skip
    assert (found["value"], found["beyond"]) == (4, 0)


def test_it_is_cut_at_the_midnights_of_the_day() -> None:
    """What began the evening before, what is over the morning after; what ended at midnight is of the day before."""
    hours = over((-90, 15, "on_call"), (-200, 0, "break"), (1400, 1500, "available"), (1440, 1450, "on_call"))

    assert told(timeline(hours, {}, START, END)) == [(0, 15, "on_call"), (1400, 1440, "available")]


def test_a_state_that_goes_on_since_the_day_before_began_with_the_day() -> None:
    """Left available overnight; one that begins after the day is of the next one."""
    assert told(timeline({}, standing(-300, "available"), START, END)) == [(0, None, "available")]
    assert told(timeline({}, standing(1440, "available"), START, END)) == []


def test_a_day_on_which_nothing_is_told_has_no_states() -> None:
    """Which is what is told of nothing."""
    assert timeline({}, {}, START, END) == NO_TIMELINE


def test_those_that_are_too_many_are_counted() -> None:
    """In the hours of this day alone."""
    hours = over((540, 541, "on_call"))
    for minute, count in ((540, 7), (600, 1), (-60, 5), (1440, 3)):
        add(hours, at(minute) // MINUTE_MS, {"phone_stretches_beyond": count})
    found = timeline(hours, {}, START, END)

    assert (found["value"], found["beyond"], len(found["stretches"])) == (9, 8, 1)


def test_what_is_taken_back_leaves_nothing() -> None:
    """Not even the hour."""
    hours = over((540, 541, "on_call"), (542, 543, "on_call"))
    for begin in (540, 542):
        add(hours, at(540) // MINUTE_MS, {f"phone_stretch:{at(begin)}:{at(begin + 1)}:on_call": -1})

    assert hours == {}


def test_hours_are_kept_as_long_as_a_telling_may_change_them() -> None:
    """Three whole days before today, in UTC."""
    assert first_hour(at(600)) == at(-3 * 1440) // MINUTE_MS
    assert first_hour(at(1440)) == at(-2 * 1440) // MINUTE_MS


@given(st.lists(st.tuples(st.integers(-2000, 3000), st.integers(1, 2000)), max_size=30), st.randoms())
def test_whatever_there_was_a_day_holds_what_lies_in_it(spans: list[tuple[int, int]], random: Random) -> None:
    """Each minute of the day is in as many states as it was; the order in which they were told does not matter."""
    stretches = [(begin, begin + length, f"break:{n}") for n, (begin, length) in enumerate(spans)]
    found = timeline(over(*stretches), {}, START, END)
    random.shuffle(stretches)

    assert timeline(over(*stretches), {}, START, END) == found
    assert sorted(told(found), key=str) == sorted(
        ((max(begin, 0), min(end, 1440), state) for begin, end, state in stretches if begin < 1440 and end > 0), key=str
    )
    assert [each["from_ms"] for each in found["stretches"]] == sorted(each["from_ms"] for each in found["stretches"])
