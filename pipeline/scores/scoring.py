"""The scores of a team and its reps in their windows: who is scored, by which rule, and what of that is kept at hand.

A team's points are those of its reps, each with the caps of one rep. Those of the current windows are kept by rep, so
that an activity costs a look at the one rep who did it, however large the team is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.organisation.score_rules import ScoreRule, ScoreRules, rule_of
from pipeline.scores.activity_score import NO_SCORE, points, score
from pipeline.scores.cold_panes import Measures
from pipeline.scores.windows import Window

REMEMBERED_WINDOWS = 64
"""Of so many windows it is at hand who is scored."""
Reps = frozenset[str]
Read = Callable[[str], Measures | None]
"""The measures of a rep in a window; None of one who has none."""


class Scoring:
    """The rules of one home, who is scored in which window, and the points of current windows. It lasts a local day.

    `scored` gives the reps of the team by the end of a window.
    """

    def __init__(self, rules: ScoreRules, scored: Callable[[Window], Reps]) -> None:
        self.rules = rules
        self._scored = scored
        self._reps: dict[Window, Reps] = {}
        self._points: dict[Window, dict[str, int]] = {}
        self._changed: dict[Window, set[str]] = {}

    def note(self, rep: str) -> None:
        """Called when what a rep did is otherwise."""
        for changed in self._changed.values():
            changed.add(rep)

    def forget(self) -> None:
        """Called when others may belong to the team."""
        self._reps.clear()
        self._points.clear()
        self._changed.clear()

    def of_rep(self, rep: str, window: Window, read: Callable[[], Measures]) -> Mapping[str, Any]:
        """The score of a rep in a window; none of one who does not belong to the team at its end."""
        rule = rule_of(self.rules, window.kind, window.first_day)
        if rule is None or rep not in self._of(window):
            return NO_SCORE
        return score(points(read(), rule), rule.target, 1)

    def of_past(self, window: Window, read: Read) -> Mapping[str, Any]:
        """The score of the team in a window that is over."""
        rule = rule_of(self.rules, window.kind, window.first_day)
        if rule is None:
            return NO_SCORE
        reps = self._scored(window)
        return score(sum(_points(rep, read, rule) for rep in reps), rule.target, len(reps))

    def of_current(self, window: Window, read: Read) -> Mapping[str, Any]:
        """The score of the team in a current window: those are looked at who did something since it was asked last."""
        rule = rule_of(self.rules, window.kind, window.first_day)
        if rule is None:
            return NO_SCORE
        reps = self._of(window)
        known = self._points.get(window)
        for rep in reps if known is None else self._changed[window] & reps:
            self._points.setdefault(window, {})[rep] = _points(rep, read, rule)
        self._changed[window] = set()
        return score(sum(self._points.get(window, {}).values()), rule.target, len(reps))

    def _of(self, window: Window) -> Reps:
        reps = self._reps.get(window)
        if reps is None:
            if len(self._reps) >= REMEMBERED_WINDOWS:
                self._reps.clear()
            reps = self._reps[window] = self._scored(window)
        return reps


def _points(rep: str, read: Read, rule: ScoreRule) -> int:
    measures = read(rep)
    return 0 if measures is None else points(measures, rule)
