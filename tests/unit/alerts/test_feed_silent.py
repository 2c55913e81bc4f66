"""How long a feed usually pauses: its longest pause on these days, but for the oddest of them."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.feed_silent import usual_pause_ms
from pipeline.organisation.days import DAY_MS, EPOCH_DAY, MINUTE_MS
from pipeline.organisation.working_time import WorkingTime, WorkingWeek

SLOT_MS = 5 * MINUTE_MS
ALWAYS = WorkingTime(WorkingWeek((((0, 1440),),) * 7, None), lambda _: "UTC")
PAUSES = st.lists(st.integers(0, 40), min_size=1, max_size=8)


def usual_minutes(pauses: list[int]) -> int:
    """Of days on which a feed speaks in every slot, but for one pause of so many slots at noon."""
    heard = [
        (day * 288 + slot) * SLOT_MS for day, pause in enumerate(pauses) for slot in range(288)
        if not 144 <= slot < 144 + pause
    ]  # fmt: skip
    days = [EPOCH_DAY + day for day in range(len(pauses))]
    found = usual_pause_ms(heard, days, ALWAYS, lambda at_ms: at_ms // DAY_MS + EPOCH_DAY, SLOT_MS)
    return found // MINUTE_MS


def test_the_longest_pause_but_one_is_usual() -> None:
    """Of 5 to 25 and 200 minutes on six days it is 25; of one or two days the longest, of none there is none."""
    assert usual_minutes([1, 2, 3, 4, 5, 40]) == 25
    assert usual_minutes([3]) == 15
    assert usual_minutes([1, 3]) == 15
    assert usual_minutes([1, 3, 40]) == 15
    assert usual_pause_ms([], [], ALWAYS, lambda _: 0, SLOT_MS) == 0


@given(PAUSES.filter(lambda pauses: len(pauses) > 1), st.integers(0, 100))
def test_one_odd_day_makes_nothing_usual(pauses: list[int], odd: int) -> None:
    """Whatever happened on one day more than two, no longer pause is usual than the longest of the others."""
    assert usual_minutes([*pauses, odd]) <= 5 * max(pauses)


@given(PAUSES)
def test_at_most_one_day_has_a_longer_pause(pauses: list[int]) -> None:
    """So whoever waits for twice as long is not misled by a feed that speaks by chance."""
    assert sum(5 * pause > usual_minutes(pauses) for pause in pauses) <= 1
