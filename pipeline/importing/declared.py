"""What the deployment knows of its organisation, as its log has it: what an import is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pipeline.config.settings import Settings
from pipeline.importing.logs import records_of, told_of
from pipeline.intake.verdicts import Judge, Refused
from pipeline.organisation.processes import DEFAULT_PROCESS, OPEN

TOPIC = "org.changes"


@dataclass
class Declared:
    """Names that somebody declared."""

    teams: set[str] = field(default_factory=set)
    reps: set[str] = field(default_factory=set)
    stages: set[tuple[str, str]] = field(default_factory=set)
    """(process, stage)."""
    closing: set[str] = field(default_factory=set)
    """Stages that end a deal."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in a record of the organisation, from wherever it comes; what is none says nothing."""
        data, subject = event.get("data"), str(event.get("subject", ""))
        kind, _, name = subject.partition(":")
        if not str(event.get("type", "")).endswith(".changed") or not isinstance(data, dict):
            return
        if kind == "team":
            self.teams.add(name)
        elif kind == "rep":
            self.reps.add(name)
        elif kind == "membership":
            self.reps.add(str(data.get("rep_id")))
        elif kind == "identity":
            self.reps.add(str(data.get("external_id")))
        elif kind == "process":
            self._take_process(name, data.get("stages"))

    def add(self, other: "Declared") -> None:
        """Take in what was declared elsewhere."""
        self.teams |= other.teams
        self.reps |= other.reps
        self.closing |= other.closing
        self.stages |= other.stages

    def _take_process(self, name: str, stages: Any) -> None:
        for stage in stages if isinstance(stages, list) else ():
            named = [stage.get("id"), *(stage.get("former_ids") or ())]
            self.stages.update((name or DEFAULT_PROCESS, str(each)) for each in named)
            if stage.get("kind", OPEN) != OPEN:
                self.closing.update(map(str, named))


def declared_in(settings: Settings) -> Declared:
    """Read the organisation's topic to its end; SetupError where no broker answers or it may not be read."""
    return declared_by(told_of(records_of(settings, TOPIC)), settings.future_tolerance_seconds * 1000)


def declared_by(told: Iterable[tuple[bytes, int]], future_tolerance_ms: int) -> Declared:
    """What the events declare that the pipeline takes in."""
    found, judge = Declared(), Judge("org", future_tolerance_ms)
    for value, append_ms in told:
        if not isinstance(judge.judge(value, append_ms), Refused):
            found.take(msgspec.json.decode(value))
    return found
