"""What the organisation's records say of the rules of alerts, for each team as of now."""

import json
from typing import Any

from pipeline.audit.database import Database


class ToldRules:
    """The settings that hold, and when the last of them began."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str], Any] = {}
        self.began_ms: dict[str, int] = {}
        """By home: when the last began of all records that may concern it."""

    @classmethod
    def of(cls, database: Database) -> "ToldRules":
        """Called after `alerts.sql`."""
        found = cls()
        for home, rule, setting, value in database.rows("FROM alert_setting"):
            found._said[home, rule, setting] = json.loads(value)
        found.began_ms = dict(database.rows("FROM alert_setting_began"))
        return found

    def setting(self, home: str, rule: str, name: str) -> Any:
        """A setting of a rule for a team; None where nobody says."""
        return self._said.get((home, rule, name))

    def is_on(self, home: str, rule: str) -> bool:
        """Whether a rule is asked of a team."""
        return self.setting(home, rule, "enabled") is not False

    def any_off(self, rule: str) -> bool:
        """Whether a rule is off for any team."""
        return any(kind == rule and name == "enabled" and not on for (_, kind, name), on in self._said.items())

    def least(self, rule: str, name: str, default: int) -> int:
        """The least that a setting of a rule is for any team."""
        told = [int(value) for (_, kind, setting), value in self._said.items() if (kind, setting) == (rule, name)]
        return min([*told, default])
