"""What came of a backtest: the alerts, how often each manager would be told, and how right that was. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from pipeline.scores.home import home_of
from schemas.alerts import Alert
from schemas.ids import kept_scope

SHOWN = ("id", "home", "opened_ms", "resolved_ms", "ending", "since_ms", "seen", "expected", "unit")
WEEK_MS = 7 * 86_400_000


class Marked(NamedTuple):
    """A day on which somebody's activity did drop, as people marked it: the scope, and the local day."""

    scope: str
    day: int


class Opening(NamedTuple):
    """An alert, and the local day on which it opened."""

    alert: Alert
    day: int


def read_marked(rows: Sequence[Mapping[str, str | None]]) -> frozenset[Marked]:
    """The marked days of a file with the columns `scope` and `day`; ValueError, which says the row, for another.

    The ids of a scope may be written as their sources do; they are kept as those of alerts are.
    """
    found = set()
    for number, row in enumerate(rows, 2):
        try:
            scope, day = kept_scope(row["scope"] or ""), date.fromisoformat(row["day"] or "").toordinal()
        except (KeyError, ValueError):
            raise ValueError(
                f"row {number}: needed are scope, such as rep:7@north, and day, such as 2026-11-23"
            ) from None
        found.add(Marked(scope, day))
    return frozenset(found)


def asked_for(
    marked: frozenset[Marked], concerns: Callable[[str], bool], span: Callable[[str], tuple[int, int]]
) -> frozenset[Marked]:
    """The marked days on which an alert could have been found.

    They are of a home that the question `concerns`, and from the first to the last local day that the `span` touches
    in that home.
    """
    return frozenset(each for each in marked if concerns(home_of(each.scope)) and _lies_in(each, span))


def _lies_in(marked: Marked, span: Callable[[str], tuple[int, int]]) -> bool:
    first, last = span(home_of(marked.scope))
    return first <= marked.day <= last


def outcome(
    openings: Sequence[Opening], teams: Sequence[str], from_ms: int, to_ms: int, marked: frozenset[Marked] | None
) -> dict[str, Any]:
    """The alerts, in order, with what they come to; what is measured against marked days only where there are any.

    `precision` is the share of alerts that opened on a marked day of their scope, `recall` the share of marked days on
    which one did; null where there is none to take a share of. `teams` are those whose managers are told.
    """
    weeks = max((to_ms - from_ms) / WEEK_MS, 1 / 7)
    of_week = Counter((each.alert.home, (each.alert.opened_ms - from_ms) // WEEK_MS) for each in openings)
    found: dict[str, Any] = {
        "alerts": [{name: getattr(each.alert, name) for name in SHOWN} for each in openings],
        "per_team_and_week": round(len(openings) / (weeks * len(teams)), 3) if teams else None,
        "most_of_a_team_and_week": max(of_week.values(), default=0),
    }
    if marked is not None:
        right = [each for each in openings if Marked(each.alert.scope, each.day) in marked]
        hit = {Marked(each.alert.scope, each.day) for each in right}
        found |= {
            "precision": round(len(right) / len(openings), 3) if openings else None,
            "recall": round(len(hit) / len(marked), 3) if marked else None,
            "missed": [
                {"scope": each.scope, "day": date.fromordinal(each.day).isoformat()} for each in sorted(marked - hit)
            ],
        }
    return found
