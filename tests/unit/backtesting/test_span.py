"""A span is answered only where the facts that decide about it are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.rule import Rule
from pipeline.alerts.rules import BY_KIND, RULES
from pipeline.backtesting.facts_logs import Reach
from pipeline.backtesting.span import ALWAYS, needed_ms, require_reached, require_told
from pipeline.config.settings import SetupError
from pipeline.organisation.days import DAY_MS
from pipeline.organisation.working_time import WorkingTime, WorkingWeek
from tests.unit.boards.logs import WEEK, at

FROM = at("2026-11-23 00:00")
"""A Monday."""
POLICY = AlertPolicy()
WEEKDAYS = WorkingTime(WorkingWeek.read(WEEK), lambda _: "UTC")
ENDLESS = {
    "waiting_leads", "leads_overdue", "deals_stalled", "stages_unknown", "win_rate_dropped", "conversion_dropped",
    "prospects_stall", "goal_at_risk",
}  # fmt: skip
"""Rules of what stands open, of a period, or of months: it may have begun at any time."""
LEAST_DAYS = {
    "silent_rep": 13, "silent_reps": 13, "silent_team": 13, "feed_silent": 13, "below_usual": 59, "below_peers": 13,
    "service_level": 13, "abandoned_calls": 13, "longest_wait": 13, "reps_unknown": 2, "teams_unknown": 2,
    "sudden_zero": 71,
}  # fmt: skip
"""By hand, of teams that work every day: a day in which what was open is seen, and 12 by which feeds are known; eight
weeks of what is usual; the 60 days that may hold a usual one, and ten in which an alert stands."""


def days_back(rule: Rule, working: WorkingTime = ALWAYS, silence_minutes: int = 60) -> int:
    """How many days before the span facts are needed."""
    found = needed_ms(rule, FROM, POLICY, working, silence_minutes)
    assert found is not None
    return (FROM - found) // DAY_MS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.kind))
def test_every_rule_says_how_far_it_looks_back(rule: Rule) -> None:
    """None is forgotten: it is one of those that need all facts, or reaches the days that were counted by hand."""
    if rule.kind in ENDLESS:
        assert needed_ms(rule, FROM, POLICY) is None
    else:
        assert LEAST_DAYS[rule.kind] <= days_back(rule) <= LEAST_DAYS[rule.kind] + 5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.kind))
def test_facts_that_begin_with_the_deployment_reach_everything(rule: Rule) -> None:
    """Nothing was trimmed: what is not there never was."""
    require_reached(rule, FROM, needed_ms(rule, FROM, POLICY), [Reach(True, FROM + DAY_MS), Reach(True, None)])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.kind))
def test_a_log_that_was_trimmed_has_to_reach_so_far(rule: Rule) -> None:
    """To the millisecond, each of them; a rule that needs all facts is refused whatever is left."""
    since_ms = needed_ms(rule, FROM, POLICY, WEEKDAYS)
    if since_ms is None:
        with pytest.raises(SetupError, match="all facts there ever were"):
            require_reached(rule, FROM, since_ms, [Reach(True, 0), Reach(False, 0)])
        return
    require_reached(rule, FROM, since_ms, [Reach(False, since_ms), Reach(True, FROM)])
    with pytest.raises(SetupError, match=r"depends on facts since .* begin at .*TRANSIT_RETENTION_DAYS"):
        require_reached(rule, FROM, since_ms, [Reach(False, 0), Reach(False, since_ms + 1)])
    with pytest.raises(SetupError, match="of a partition there are none"):
        require_reached(rule, FROM, since_ms, [Reach(False, 0), Reach(False, None)])


def test_free_days_and_long_silences_are_looked_past() -> None:
    """Of who works five days a week more days are needed; of who may be silent for weeks of work, their days too.

    By hand from a Monday: the hour of silence lies on Friday, the 20th; from Wednesday back 13 days of work begin on
    the 2nd; a day before it the local day may begin elsewhere, and another one has to tell the organisation.
    """
    rule = BY_KIND["silent_rep"]
    free = WorkingTime(WorkingWeek.read({"monday": [["09:00", "17:00"]]}), lambda _: "UTC")
    always, weekdays, mondays = (days_back(rule, working) for working in (ALWAYS, WEEKDAYS, free))
    assert always < weekdays < mondays
    assert [days_back(rule, WEEKDAYS, minutes) for minutes in (60, 5 * 480, 21 * 480)] == [23, 28, 51]
    never = WorkingTime(WorkingWeek.read({}), lambda _: "UTC")
    assert days_back(BY_KIND["feed_silent"], never) == 2


def test_feeds_are_known_by_the_days_of_the_policy() -> None:
    """Twice as many as make one known, and those for which it is kept in mind; rules of nobody's mind no feed."""
    longer = AlertPolicy(feed_known_days=5, feed_retired_days=9)
    found = {kind: needed_ms(BY_KIND[kind], FROM, longer) for kind in ("silent_rep", "reps_unknown")}
    before = {kind: needed_ms(BY_KIND[kind], FROM, POLICY) for kind in found}
    assert (before["silent_rep"] or 0) - (found["silent_rep"] or 0) == 8 * DAY_MS
    assert before["reps_unknown"] == found["reps_unknown"]


@given(st.sampled_from(RULES), st.integers(0, 400 * DAY_MS), st.integers(1, 10080), st.integers(0, 10080))
def test_more_is_never_needed_of_less(rule: Rule, later_ms: int, minutes: int, more: int) -> None:
    """A later span, and a shorter silence, need no facts that are older."""
    before, after, longer = (
        needed_ms(rule, from_ms, POLICY, WEEKDAYS, silence)
        for from_ms, silence in ((FROM, minutes), (FROM + later_ms, minutes), (FROM, minutes + more))
    )
    if before is None or after is None or longer is None:
        assert before is after is longer is None
    else:
        assert longer <= before <= after
        assert before <= FROM - DAY_MS


def test_facts_have_to_go_on_until_the_end_of_a_span() -> None:
    """Up to the end of the partition that ends first; one without any facts says nothing."""
    require_told(FROM, [FROM, FROM + 1, -1])
    with pytest.raises(SetupError, match=r"--to 2026-11-23T00:00:00.* the facts end at 2026-11-22T23:59:59"):
        require_told(FROM, [FROM - 1, FROM + 1])
    with pytest.raises(SetupError, match="no facts are kept"):
        require_told(FROM, [-1])
