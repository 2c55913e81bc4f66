"""A trial of a rule: what it would have opened, by the facts of one partition and with settings of one's choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.feed_silent import FEED_SILENT
from pipeline.alerts.rule import TeamRule
from pipeline.alerts.rules import BY_KIND, TEAM_RULES
from pipeline.backtesting.span import needed_ms
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.stage import Record
from pipeline.kernel.store import Store
from pipeline.organisation.tried_settings import TriedSettings
from pipeline.scores.board import BoardPolicy
from pipeline.scores.chosen import NOTHING
from schemas.alerts import Alert

TOGETHER = ("silent_rep", "silent_reps", "silent_team")
"""Each of them minds what the others find."""

FORGOTTEN_AFTER = 1000
"""After so many records what larger scopes would be told is let go of: nobody is told."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is tried: a rule, and settings of it that hold instead of the organisation's; of one team or of all."""

    rule: str
    tried: Mapping[str, Any] = field(default_factory=dict)
    team: str | None = None

    def rules(self) -> tuple[TeamRule, ...]:
        """The rules that have to be asked; none of teams for a rule of feeds."""
        kinds = TOGETHER if self.rule in TOGETHER else (self.rule,)
        return tuple(rule for rule in TEAM_RULES if rule.kind in kinds)

    def concerns(self, home: str) -> bool:
        """Whether an alert of a home is asked for. A feed is no team's alone."""
        return self.team is None or home == f"team:{self.team}" or home.startswith("feed:")


class Trial:
    """The live stage over one partition's facts, asking one rule only: with nothing tried it opens what was live."""

    def __init__(
        self, question: Question, partition: int, partitions: int, policy: BoardPolicy, alerts: AlertPolicy
    ) -> None:
        self._question = question
        self._policy = alerts
        self._board = Scoreboard(
            partition, Store(), partitions, replace(policy, chosen=NOTHING), alerts=alerts, rules=question.rules(),
            settings=TriedSettings(question.rule, question.tried, question.team),
        )  # fmt: skip
        list(self._board.restore())
        self._found: dict[tuple[str, int], Alert] = {}

    def fold(self, record: Record) -> None:
        """Called with each record of the partition, in order."""
        for _ in self._board.fold((record,)):
            pass
        self._board.store.take_changes()
        if record.offset % FORGOTTEN_AFTER == 0:
            self._board.take_parts()
        for alert in self._board.take_alerts():
            if alert.kind == self._question.rule and self._question.concerns(alert.home):
                self._found[alert.id, alert.opened_ms] = alert

    @property
    def now_ms(self) -> int:
        """The time of the log by the last record; -1 where there was none."""
        return self._board.board.now_ms

    def needed_ms(self, from_ms: int) -> int | None:
        """Since when facts decide about the alerts from an instant on, by the working time of each team.

        None where all do that there ever were. A feed is missed by any team, whichever is asked about.
        """
        rule = BY_KIND[self._question.rule]
        minutes = self._silence_minutes()
        of_teams = (
            needed_ms(rule, from_ms, self._policy, working, minutes)
            for home, working in self._board.working_times().items()
            if rule is FEED_SILENT or self._question.concerns(home)
        )
        found = [at_ms for at_ms in of_teams if at_ms is not None]
        return min(found, default=needed_ms(rule, from_ms, self._policy))

    def _silence_minutes(self) -> int:
        """The most working minutes that silence is let pass by any record or setting."""
        organisation = self._board.organisation
        said = [record.get("silence_minutes") for _, record in organisation.records("team")]
        rules = (record for _, record in organisation.records("alert_rule") if record.get("rule") in TOGETHER)
        said += [record.get("limit_minutes") for record in rules]
        tried = self._question.tried.get("limit_minutes")
        return max(self._policy.silence_minutes, *(minutes or 0 for minutes in (tried, *said)))

    def openings(self, from_ms: int, to_ms: int) -> list[Alert]:
        """Every opening from an instant until before another, in order, each as it stood at last."""
        found = (alert for alert in self._found.values() if from_ms <= alert.opened_ms < to_ms)
        return sorted(found, key=lambda alert: (alert.opened_ms, alert.id))

    def teams(self) -> list[str]:
        """The homes of teams that have working hours, so that their managers are told."""
        return [home for home in self._board.working() if self._question.concerns(home)]

    def days(self, home: str, from_ms: int, to_ms: int) -> tuple[int, int]:
        """The first and the last local day that a span touches, which ends before its last instant."""
        return self.day_of(home, from_ms), self.day_of(home, to_ms - 1)

    def day_of(self, home: str, at_ms: int) -> int:
        """The local day of an instant: of a feed, that of the company."""
        return self._board.organisation.local_day(home.partition(":")[2], at_ms)


def tried_over(
    question: Question, logs: Iterable[Iterable[Record]], policy: BoardPolicy, alerts: AlertPolicy
) -> list[Trial]:
    """One trial over the facts of all partitions, in their order."""
    given = list(logs)
    found = []
    for number, records in enumerate(given):
        trial = Trial(question, number, len(given), policy, alerts)
        for record in records:
            trial.fold(record)
        found.append(trial)
    return found
