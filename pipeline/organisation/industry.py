"""An industry's figures as the organisation tells them, with their source: what stands beside those of reps. Pure."""

from datetime import date
from typing import Any

import msgspec

from pipeline.measures import COMPANY
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation

MOST = 200
"""So many of a home are shown: those that began last, then those of the greater id."""
NEEDED = ("kpi", "period", "median", "source_name")
FIELDS = (*NEEDED, "lower_quartile", "upper_quartile", "source_url")
_encode = msgspec.json.Encoder().encode


def home_of(record: dict[str, Any]) -> str:
    """Beside whose figures a record stands: those of a team's reps, or of all reps."""
    team = record.get("team_id")
    return COMPANY if team is None or team == COMPANY else f"team:{team}"


class IndustryFigures:
    """What is published beside the figures of each home, formed when it is asked for after a change."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._texts: dict[str, str] | None = None

    def organised(self, change: Change) -> None:
        """Called with every change of the organisation, once it was put."""
        if change.subject.startswith("benchmark:"):
            self._texts = None

    def of(self, home: str) -> str:
        """JSON list of the records of a home, the latest first; empty where there are none."""
        if self._texts is None:
            self._texts = self._formed()
        return self._texts.get(home, "")

    def _formed(self) -> dict[str, str]:
        told: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
        for name, record in self._organisation.records("benchmark"):
            if all(record.get(field) is not None for field in NEEDED):
                told.setdefault(home_of(record), []).append((record.get("effective_on") or 0, name, record))
        return {
            home: _encode([_shown(since, name, record) for since, name, record in _latest(records)]).decode()
            for home, records in told.items()
        }


def _latest(records: list[tuple[int, str, dict[str, Any]]]) -> list[tuple[int, str, dict[str, Any]]]:
    return sorted(records, key=lambda each: each[:2], reverse=True)[:MOST]


def _shown(since: int, name: str, record: dict[str, Any]) -> dict[str, Any]:
    said = {field: record[field] for field in FIELDS if record.get(field) is not None}
    return {"id": name, **said, **({"effective_on": date.fromordinal(since).isoformat()} if since else {})}
