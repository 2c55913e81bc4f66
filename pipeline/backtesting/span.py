"""Whether the facts that are kept reach a span, with all that a rule looks back on. Pure."""

from collections.abc import Iterable

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.rule import Rule
from pipeline.backtesting.facts_logs import Reach
from pipeline.config.settings import PREFIX, SetupError
from pipeline.organisation.days import DAY_MS, EPOCH_DAY, MINUTE_MS
from pipeline.organisation.working_time import LOOK_BACK_DAYS, WorkingTime, WorkingWeek
from schemas.events import iso

ORGANISED_MS = DAY_MS
"""The organisation is sent again twice a day: by then a log that was trimmed has told all of it."""
MOST_DAYS = 2 * LOOK_BACK_DAYS
"""So far back days of work are looked for: no rule counts them over a longer time."""
ALWAYS = WorkingTime(WorkingWeek((((0, 1440),),) * 7, None), lambda _: "UTC")
"""The working time of a team for which the least is needed."""


def needed_ms(
    rule: Rule, from_ms: int, policy: AlertPolicy, working: WorkingTime = ALWAYS, silence_minutes: int = 0
) -> int | None:
    """Since when facts decide about the alerts of a rule from an instant on; None: all there ever were.

    Of a team by its working time, with the working minutes that a silence is let pass. A feed is known by twice
    `feed_known_days` working days, and kept in mind for `feed_retired_days` more without it.
    """
    back = rule.looks_back
    if back is None:
        return None
    if back.silence:
        begun_ms = working.back(from_ms, silence_minutes * MINUTE_MS)
        from_ms = from_ms - LOOK_BACK_DAYS * DAY_MS if begun_ms is None else begun_ms
    found = _worked_since(working, from_ms, back.worked_days) - back.days * DAY_MS
    if back.feeds:
        feed_days = 2 * max(policy.feed_known_days, 1) + policy.feed_retired_days + 1
        found = min(found, _worked_since(working, from_ms, back.worked_days + feed_days))
    return found - ORGANISED_MS


def require_reached(rule: Rule, from_ms: int, since_ms: int | None, reaches: Iterable[Reach]) -> None:
    """SetupError where facts are gone that decide about a span: those since an instant, None: all there ever were.

    Logs that begin with the deployment reach everything.
    """
    trimmed = [reach for reach in reaches if not reach.whole]
    if not trimmed:
        return
    if since_ms is None:
        raise SetupError(f"{rule.kind} depends on all facts there ever were, and the first ones are gone: {_longer()}")
    begun = [reach.first_ms for reach in trimmed]
    first_ms = None if None in begun else max(each for each in begun if each is not None)
    if first_ms is None or first_ms > since_ms:
        begin = "of a partition there are none" if first_ms is None else f"those that are kept begin at {iso(first_ms)}"
        raise SetupError(
            f"{rule.kind} from {iso(from_ms)} on depends on facts since {iso(since_ms)}; {begin}: {_longer()}"
        )


def require_told(to_ms: int, now_ms: Iterable[int]) -> None:
    """SetupError where facts of any partition end before a span does; `now_ms` is how far each has come, -1: without.

    A partition without any facts has no teams.
    """
    told_ms = min((at_ms for at_ms in now_ms if at_ms >= 0), default=None)
    if told_ms is None:
        raise SetupError(f"no facts are kept, so nothing can be tried: {_longer()}")
    if told_ms < to_ms:
        raise SetupError(f"--to {iso(to_ms)}: the facts end at {iso(told_ms)}; allowed is a time up to then")


def _worked_since(working: WorkingTime, at_ms: int, number: int) -> int:
    """An instant before so many whole working days that end before another instant, in whichever zone.

    Of a team that has not worked for as long as is looked back, that other instant: there is nothing to know of it.
    """
    today = at_ms // DAY_MS + EPOCH_DAY - 1
    worked = [day for day in range(today - 1, today - MOST_DAYS, -1) if working.days(day, day)][:number]
    if not worked:
        return at_ms
    first = worked[-1] if len(worked) == number else today - MOST_DAYS
    return (first - EPOCH_DAY - 1) * DAY_MS


def _longer() -> str:
    return f"{PREFIX}TRANSIT_RETENTION_DAYS says how long facts are kept from now on"
