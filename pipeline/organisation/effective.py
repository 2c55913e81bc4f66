"""Facts about the organisation that hold from a time on: memberships, zones, exchange rates."""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pipeline.organisation import days

Record = dict[str, Any]
_EVER = -1
UTC_ZONE = "UTC"


class Memberships:
    """Which team a rep belongs to, when. Where two overlap the one that began later holds, then the greater id."""

    def __init__(self) -> None:
        self._by_rep: dict[str, dict[str, Record]] = {}
        self._by_team: dict[str, dict[str, int]] = {}
        self._spans: dict[str, tuple[list[int], list[str | None]]] = {}
        """Of the reps whose team was asked for since their memberships changed: publishing asks for a whole team's."""

    def put(self, name: str, old: Record | None, record: Record | None) -> None:
        """Replace one membership."""
        if old and old.get("rep_id"):
            self._take(name, old)
        if record and record.get("rep_id") and record.get("team_id"):
            self._spans.pop(record["rep_id"], None)
            self._by_rep.setdefault(record["rep_id"], {})[name] = record
            reps = self._by_team.setdefault(record["team_id"], {})
            reps[record["rep_id"]] = reps.get(record["rep_id"], 0) + 1

    def _take(self, name: str, old: Record) -> None:
        self._spans.pop(old["rep_id"], None)
        if self._by_rep.get(old["rep_id"], {}).pop(name, None) is None:
            return
        if not self._by_rep[old["rep_id"]]:
            del self._by_rep[old["rep_id"]]
        reps = self._by_team[old["team_id"]]
        reps[old["rep_id"]] -= 1
        if not reps[old["rep_id"]]:
            del reps[old["rep_id"]]

    def knows(self, rep: str) -> bool:
        """Whether the rep has a membership, whenever."""
        return rep in self._by_rep

    def ever_in(self, team: str) -> set[str]:
        """Reps with a membership in the team, whenever."""
        return set(self._by_team.get(team, ()))

    def team_of(self, rep: str, at_ms: int) -> str | None:
        """The team at an instant; None where no membership holds."""
        spans = self._spans.get(rep)
        if spans is None:
            spans = self._spans[rep] = self.spans(rep)
        starts, teams = spans
        return teams[bisect_right(starts, at_ms) - 1]

    def spans(self, rep: str) -> tuple[list[int], list[str | None]]:
        """From when on which team holds, the first from ever on."""
        held = [
            (record.get("valid_from") or _EVER, name, record.get("valid_to"), record["team_id"])
            for name, record in self._by_rep.get(rep, {}).items()
        ]
        starts = sorted({_EVER, *(start for start, *_ in held), *(end for *_, end, _ in held if end is not None)})
        return starts, [_holding(held, start) for start in starts]


def _holding(held: Sequence[tuple[int, str, int | None, str]], at_ms: int) -> str | None:
    holding = [span for span in held if span[0] <= at_ms and (span[2] is None or at_ms < span[2])]
    return max(holding, key=lambda span: span[:2])[3] if holding else None


class Zones:
    """The time zone of each team; it changes at the new zone's midnight, and no instant lies in a day twice."""

    def __init__(self) -> None:
        self._company = UTC_ZONE
        self._given: dict[str, list[tuple[int | None, str]]] = {}
        self._spans: dict[str, tuple[list[int], list[tuple[str, int | None]]]] = {}

    def company(self, zone: str | None) -> None:
        """Set the zone of the company, of unknown teams and of those without one."""
        self._company = zone or UTC_ZONE
        self._spans.clear()

    def put(self, team: str, zones: Sequence[Sequence[Any]]) -> None:
        """Set a team's zones: (first local day or None, zone)."""
        self._spans.pop(team, None)
        self._given[team] = sorted(((day, zone) for day, zone in zones), key=lambda entry: entry[0] or 0)
        if not zones:
            del self._given[team]

    def rules(self, team: str) -> tuple[tuple[int | None, str], ...]:
        """All zones of a team, each with its first local day: two teams with equal ones have equal days."""
        given = self._given.get(team, ())
        return tuple(given) if given and given[0][0] is None else ((None, self._company), *given)

    def unchanging(self, team: str) -> bool:
        """Whether one zone holds for a team, whenever."""
        return len(self.rules(team)) == 1

    def on(self, team: str, day: int | None) -> str:
        """The zone of a team's local day; None: the last one."""
        zone = self._company
        for first_day, given in self._given.get(team, ()):
            if day is None or first_day is None or first_day <= day:
                zone = given
        return zone

    def at(self, team: str, at_ms: int) -> tuple[str, int | None]:
        """The zone at an instant, and the last local day it holds for."""
        given = self._given.get(team)
        if given is None:
            return self._company, None
        spans = self._spans.get(team)
        if spans is None:
            spans = self._spans[team] = self._compile(given)
        starts, zones = spans
        return zones[bisect_right(starts, at_ms) - 1]

    def _compile(self, given: list[tuple[int | None, str]]) -> tuple[list[int], list[tuple[str, int | None]]]:
        entries = given if given[0][0] is None else [(None, self._company), *given]
        starts, zones = [_EVER], [(entries[0][1], None)]
        spans: list[tuple[str, int | None]] = list(zones)
        for first_day, zone in entries[1:]:
            if first_day is None:
                continue
            spans[-1] = (spans[-1][0], first_day - 1)
            starts.append(max(days.midnight_ms(zone, first_day), starts[-1]))
            spans.append((zone, None))
        return starts, spans


class Rates:
    """What a currency is worth in the company's: the newest rate that is effective on a day."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, tuple[int, Decimal]]] = {}
        self._steps: dict[str, tuple[list[int], list[Decimal]]] = {}

    def put(self, name: str, old: Record | None, record: Record | None) -> None:
        """Replace one rate; one without its currency, day or rate says nothing."""
        if old and old.get("currency"):
            self._given.get(old["currency"], {}).pop(name, None)
            self._steps.pop(old["currency"], None)
        if record and record.get("currency") and record.get("effective_on") and record.get("rate"):
            given = (record["effective_on"], Decimal(record["rate"]))
            self._given.setdefault(record["currency"], {})[name] = given
            self._steps.pop(record["currency"], None)

    def on(self, currency: str, day: int) -> Decimal | None:
        """The rate on a day; of two from one day on, that with the greater id."""
        steps = self._steps.get(currency)
        if steps is None:
            steps = self._steps[currency] = self._compile(currency)
        effective = bisect_right(steps[0], day)
        return steps[1][effective - 1] if effective else None

    def _compile(self, currency: str) -> tuple[list[int], list[Decimal]]:
        by_day: dict[int, Decimal] = {}
        for _, (day, rate) in sorted(self._given.get(currency, {}).items()):
            by_day[day] = rate
        return sorted(by_day), [by_day[day] for day in sorted(by_day)]
