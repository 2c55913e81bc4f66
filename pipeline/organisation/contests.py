"""Contests, and who takes part: what is decided by the first moment of the first day stays so. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.measures import COMPANY
from pipeline.organisation.attendance import employed
from pipeline.organisation.days import HOUR_MS
from pipeline.organisation.organisation import Organisation, is_there
from pipeline.organisation.proration import RulesOfTeam
from pipeline.organisation.ramp import is_ramping

LEAST_SAMPLE = 5
SETTLEMENT_HOURS = 48


class Contest(NamedTuple):
    """A contest as it was told, with what holds where nothing was said. Both days are inclusive."""

    name: str
    title: str
    kpi: str
    among: str
    teams: tuple[str, ...]
    reps: tuple[str, ...]
    first_day: int
    last_day: int
    least_sample: int
    settlement_ms: int

    @classmethod
    def read(cls, name: str, record: Mapping[str, Any]) -> "Contest | None":
        """The contest that a record tells; None where it leaves out what makes it one."""
        kpi, first_day, last_day = (record.get(field) for field in ("kpi", "first_day", "last_day"))
        among = record.get("among") or "reps"
        teams = tuple(sorted(set(record.get("team_ids") or ())))
        reps = tuple(sorted(set(record.get("rep_ids") or ()))) if among == "reps" else ()
        if kpi is None or first_day is None or last_day is None or last_day < first_day or not (teams or reps):
            return None
        hours = record.get("settlement_hours")
        return cls(
            name, record.get("title") or name, kpi, among, teams, reps, first_day, last_day,
            record.get("least_sample") or LEAST_SAMPLE, HOUR_MS * (SETTLEMENT_HOURS if hours is None else hours),
        )  # fmt: skip


def contests(organisation: Organisation) -> Iterator[Contest]:
    """All contests, by name."""
    for name, record in organisation.records("contest"):
        if contest := Contest.read(name, record):
            yield contest


def span_ms(contest: Contest, organisation: Organisation) -> tuple[int, int]:
    """From when until when any of its days lasts: for its teams, or for the company where only reps are named."""
    whose = contest.teams or (COMPANY,)
    starts = [organisation.day_start_ms(team, contest.first_day) for team in whose]
    ends = [organisation.day_start_ms(team, contest.last_day + 1) for team in whose]
    return min(starts), max(ends)


def entrants(contest: Contest, organisation: Organisation) -> frozenset[str]:
    """Who takes part: scopes over all teams, `rep:7`, or teams, `team:north`.

    Of a team those who belong to it as its first day begins, are employed by then, and not in ramp on that day; the
    record may name them all the same.
    """
    if contest.among == "teams":
        return frozenset(f"team:{team}" for team in contest.teams)
    found = {rep for rep in contest.reps if is_there(organisation.get(f"rep:{rep}") or {})}
    for team in contest.teams:
        start_ms, told = organisation.day_start_ms(team, contest.first_day), RulesOfTeam(organisation, team)
        found.update(
            rep
            for rep in organisation.members(team, start_ms)
            if _employed(organisation, rep, team, start_ms)
            and not is_ramping(organisation, rep, contest.first_day, told)
        )
    return frozenset(f"rep:{rep}" for rep in found)


def _employed(organisation: Organisation, rep: str, team: str, at_ms: int) -> bool:
    """By days of hire and departure alone: who leaves later, or is said to be active no more, took part."""
    since_ms, until_ms = employed(organisation, rep, team)
    return is_there(organisation.get(f"rep:{rep}") or {}) and since_ms <= at_ms < until_ms
