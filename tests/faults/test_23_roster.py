"""Fault 23: what happens to reps, in every order with what they do."""

from typing import Any

import pytest

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.quiescence import Quiescence
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.scrapes import samples
from tests.faults.sent import DAY_MS, MINUTE_MS, Sent, event
from tests.faults.verdict import judge
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


class Roster:
    """Tells a cluster of reps, teams and calls, one step after the other."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._number = 10**6
        self.now_ms = clock.now_ms()

    def tell(self, kind: str, name: str, verb: str = "changed", **data: Any) -> None:
        """One event, now."""
        self._number += 1
        source = "dialer-1" if kind == "call" else "crm-1"
        self._send([event(kind, name, clock.now_ms(), self._number, verb=verb, source=source, **data)])

    def calls(self, rep: str, calls: int, minutes_ago: int) -> None:
        """Outbound calls of a rep, each answered."""
        began_ms = self.now_ms - minutes_ago * MINUTE_MS
        for _ in range(calls):
            self.tell(
                "call", f"{rep}-{self._number}", rep_id=rep, direction="outbound", outcome="answered", state="ended",
                started_at=began_ms, answered_at=began_ms, ended_at=began_ms + 10_000,
            )  # fmt: skip

    def joins(self, rep: str, team: str, minutes_ago: int, name: str = "first") -> None:
        """A rep has been in a team for so long."""
        valid_from = self.now_ms - minutes_ago * MINUTE_MS
        self.tell("membership", f"{rep}-{name}", rep_id=rep, team_id=team, valid_from=valid_from)

    def shows(self, **teams: int) -> None:
        """Return once teams have so many calls in a day, and those of their reps add up to them."""

        def calls() -> dict[str, float]:
            found = dict.fromkeys(teams, 0.0)
            reps = dict(found)
            for each in samples(self._cluster):
                if each.name == "salespulse_kpi_calls" and each.labels["window"] == "24h":
                    scope = each.labels["scope"]
                    if scope.startswith("team:") and scope[5:] in found:
                        found[scope[5:]] = each.value
                    if scope.startswith("rep:") and scope.partition("@")[2] in reps:
                        reps[scope.partition("@")[2]] += each.value
            assert reps.keys() == found.keys()
            return found if reps == found else {"reps do not add up": -1.0}

        try:
            wait_until(lambda: calls() == teams, f"{teams}", 60)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is {calls()}") from None
        report = Audit(self._cluster.settings, self._cluster.scrapes).run(Quiescence(60))
        assert (report.differences, report.quiet) == ([], True)

    def _send(self, records: list[Sent]) -> None:
        self._cluster.feed.send(records)
        self._cluster.feed.flush()


def test_fault_23_figures_follow_the_roster_whenever_it_comes(begin: Begin) -> None:
    """From an empty roster on, at every step the calls of a team are those of its reps, and equal the batch: unknown
    reps are unassigned, and are restated once known; a move splits a window; a rep of whom nothing is left is unknown.
    """
    cluster = begin(workers=1, organised=False, prometheus_reps=True, prometheus_reps_windows="24h")
    roster = Roster(cluster)
    roster.calls("ada", 3, minutes_ago=50)
    roster.calls("ben", 2, minutes_ago=40)
    roster.shows(unassigned=5)

    for team in ("north", "south"):
        roster.tell("team", team, time_zone="UTC")
    roster.tell("rep", "ada", active=True)
    roster.shows(unassigned=5)
    roster.joins("ada", "north", minutes_ago=600)
    roster.shows(unassigned=2, north=3)
    roster.joins("ben", "south", minutes_ago=600)
    roster.shows(unassigned=0, north=3, south=2)

    roster.calls("ada", 4, minutes_ago=20)
    roster.joins("ada", "south", minutes_ago=30, name="second")
    roster.shows(unassigned=0, north=3, south=6)

    roster.tell("rep", "ada", verb="deleted")
    roster.tell("membership", "ada-first", verb="deleted")
    roster.tell("membership", "ada-second", verb="deleted")
    roster.shows(unassigned=7, north=0, south=2)
    roster.tell("membership", "ada-first", verb="restored")
    roster.shows(unassigned=0, north=7, south=2)
    roster.joins("ada", "south", minutes_ago=5 * DAY_MS // MINUTE_MS)
    roster.shows(unassigned=0, north=0, south=9)
    judge(cluster, least=100)
