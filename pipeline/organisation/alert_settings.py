"""What the organisation says of the rules of alerts: whether each is on, and how it is tuned, by team and time."""

from collections.abc import Mapping
from typing import Any

from pipeline.organisation.overlay import Groups

Record = Mapping[str, Any]
_EVER = -1


class AlertSettings:
    """The settings of alert rules, each from an instant on. A team without any of its own costs nothing."""

    def __init__(self, told: Groups[tuple[str, str], Record] | None = None) -> None:
        self._told: Groups[tuple[str, str], Record] = told or Groups()

    def over(self) -> "AlertSettings":
        """Settings that begin as these are, and change without them."""
        return AlertSettings(self._told.over())

    def put(self, name: str, old: Record | None, new: Record | None) -> None:
        """Take in the present record of `alert_rule:<name>` in place of the former one; None where there is none."""
        for place in _places(old):
            self._told.take(place, name)
        for place in _places(new):
            self._told.put(place, name, dict(new or {}))

    def of(self, rule: str, team: str, setting: str, at_ms: int) -> Any:
        """A setting of a rule for a team at an instant; None where nobody says.

        The team's own come before those of all teams. Of several that had begun the one that began last holds, then the
        one of the greater id.
        """
        for place in ((rule, team), (rule, "")):
            if not (told := self._told.of(place)):
                continue
            begun = [
                (record.get("valid_from", _EVER), name, record[setting])
                for name, record in told.items()
                if record.get(setting) is not None and record.get("valid_from", _EVER) <= at_ms
            ]
            if begun:
                return max(begun, key=lambda each: each[:2])[2]
        return None


def _places(record: Record | None) -> list[tuple[str, str]]:
    """The rule and team that a record is of, "" for all teams; none where it names no rule."""
    rule = (record or {}).get("rule")
    return [(rule, (record or {}).get("team_id") or "")] if rule else []
