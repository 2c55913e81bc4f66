"""The rule of a feed that is silent: nothing was heard from a source system for longer than it usually pauses."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from pipeline.alerts.feed_staffing import Staffing
from pipeline.alerts.rule import LooksBack, Rule
from pipeline.alerts.silence import Silence, silence
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.working_time import WorkingTime

FEED_SILENT = Rule("feed_silent", "nothing heard from the feed", "working_minutes", looks_back=LooksBack(), version=4)
"""Its subjects are feeds and no scopes of a team: `FeedWatch` asks it."""


def feed_silence(
    working: WorkingTime, judged_ms: int, limit_minutes: int, heard_ms: int, usual_pause_ms: Callable[[], int],
    staffing: Callable[[], Staffing],
) -> Silence | None:  # fmt: skip
    """Whether a team misses a feed: it was silent for the limit, and for twice the pause that it usually makes.

    Both are longer while fewer are at work than usual of those whom the feed serves. What is usual is asked for only
    where it matters.
    """
    if silence(working, judged_ms, limit_minutes, heard_ms) is None:
        return None
    limit_minutes += 2 * usual_pause_ms() // MINUTE_MS
    if silence(working, judged_ms, limit_minutes, heard_ms) is None:
        return None
    return silence(working, judged_ms, staffing().stretched(limit_minutes), heard_ms)


def usual_pause_ms(
    heard: Iterable[int], days: Sequence[int], working: WorkingTime, day_of: Callable[[int], int], slot_ms: int
) -> int:
    """The longest pause that a feed makes on these days but for the oddest one, in working time.

    `heard` are the beginnings of the slots in which it spoke, ascending. A pause belongs to each day that it touches;
    one shorter than a slot is none. One day with an outage does not make an outage usual, and of a feed that speaks by
    chance the longest pause differs from day to day: half of the days have a longer one than the median. Of one or two
    days none is called odd.
    """
    longest = dict.fromkeys(days, 0)
    for before_ms, after_ms in pairwise(heard):
        if after_ms - before_ms > slot_ms:
            pause_ms = working.between_ms(before_ms, after_ms) - slot_ms
            for day in range(day_of(before_ms), day_of(after_ms) + 1):
                if longest.get(day, pause_ms) < pause_ms:
                    longest[day] = pause_ms
    ordered = sorted(longest.values())
    return ordered[-2 if len(ordered) > 2 else -1] if ordered else 0
