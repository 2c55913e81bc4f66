"""The activity score of a scope, read from its panes and, of a team, from those of its reps."""

from collections.abc import Mapping
from typing import Any

from pipeline.organisation.score_rules import ScoreRules
from pipeline.scores.activity_score import NO_SCORE
from pipeline.scores.cold_panes import Measures
from pipeline.scores.home import Home, LocalCalendar, Scope
from pipeline.scores.windows import Window


def current_score(scope: Scope, number: int) -> Mapping[str, Any]:
    """Of a current window of days, by its place among them."""
    home = scope.home
    window, scoring = home.current[number], home.scoring
    if scoring is None:
        return NO_SCORE
    if scope.rep:
        return scoring.of_rep(scope.rep, window, lambda: scope.of_days(number, home.today, home.current))

    def read(rep: str) -> Measures | None:
        found = home.member(rep)
        return None if found is None else found.of_days(number, home.today, home.current)

    return scoring.of_current(window, read)


def past_score(scope: Scope, window: Window, measures: Measures) -> Mapping[str, Any]:
    """Of a window that is over, in which the scope has these measures."""
    home = scope.home
    if home.scoring is None:
        return NO_SCORE
    if scope.rep:
        return home.scoring.of_rep(scope.rep, window, lambda: measures)

    def read(rep: str) -> Measures | None:
        found = home.member(rep)
        return None if found is None else found.between(window.first_day, window.last_day)[0]

    return home.scoring.of_past(window, read)


def scored_windows(home: Home, calendar: LocalCalendar, scope: Scope, before: ScoreRules) -> set[Window]:
    """The windows of a scope that are over and have a score, or had one by former rules."""
    rules = (*before, *(home.scoring.rules if home.scoring is not None else ()))
    periods = {rule.period for rule in rules}
    days = range(scope.oldest, home.today) if periods else ()
    return {window for day in days for window in home.ended(calendar, day) if window.kind in periods}
