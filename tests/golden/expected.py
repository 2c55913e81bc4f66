"""What the two sample exports add up to, computed in plain Python straight from the files: no code of the pipeline."""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

ENGAGING, PROSPECTING, WON, LOST = "Engaging", "Prospecting", "Won", "Lost"


def slug(name: str) -> str:
    """The id of a person: lower case, everything but letters and digits a dash."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass
class Deals:
    """Totals of one scope and period. Amounts are minor units."""

    won: int = 0
    lost: int = 0
    created: int = 0
    amount_minor: int = 0
    cycles: list[int] = field(default_factory=list)
    lost_cycles: list[int] = field(default_factory=list)

    @property
    def win_rate(self) -> float | None:
        """Won of closed, None without closed deals."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def cycle_days(self) -> int:
        """Sum of the won deals' sales cycles."""
        return sum(self.cycles)

    @property
    def median_cycle(self) -> float:
        """Median of the won deals' sales cycles, in days."""
        return median(self.cycles)


@dataclass
class Open:
    """The open snapshot of one scope."""

    deals: int = 0
    qualified: int = 0


@dataclass
class Opportunities:
    """Expected figures by scope, and by scope and period (`day`, `month`, `quarter`, `year` window ids)."""

    periods: dict[tuple[str, str], Deals]
    open: dict[str, Open]
    new_customers: dict[str, int]


def _windows(day: date) -> list[str]:
    iso = day.isocalendar()
    return [
        f"day:{day}",
        f"week:{iso.year}-W{iso.week:02d}",
        f"month:{day:%Y-%m}",
        f"quarter:{day.year}-Q{(day.month + 2) // 3}",
        f"year:{day.year}",
    ]


def opportunities(folder: Path) -> Opportunities:
    """Read `sales_pipeline.csv` and `sales_teams.csv`."""
    with (folder / "sales_teams.csv").open(newline="") as file:
        rows = csv.DictReader(file)
        teams = {row["sales_agent"]: (slug(row["manager"]), slug(row["regional_office"])) for row in rows}
    found = Opportunities(defaultdict(Deals), defaultdict(Open), defaultdict(int))
    first_win: dict[str, date] = {}
    with (folder / "sales_pipeline.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            team, region = teams[row["sales_agent"]]
            rep = slug(row["sales_agent"])
            scopes = [f"rep:{rep}@{team}", f"rep:{rep}", f"team:{team}", f"group:{region}", "company"]
            _count(found, scopes, row)
            if row["deal_stage"] == WON and row["account"]:
                closed = date.fromisoformat(row["close_date"])
                first_win[row["account"]] = min(closed, first_win.get(row["account"], closed))
    for day in first_win.values():
        for window in _windows(day):
            found.new_customers[window] += 1
    return found


def _count(found: Opportunities, scopes: list[str], row: dict[str, str]) -> None:
    stage = row["deal_stage"]
    created = date.fromisoformat(row["engage_date"]) if row["engage_date"] else None
    closed = date.fromisoformat(row["close_date"]) if row["close_date"] else None
    for scope in scopes:
        if stage in (ENGAGING, PROSPECTING):
            found.open[scope].deals += 1
            found.open[scope].qualified += stage == ENGAGING
        for window in _windows(created) if created else []:
            found.periods[scope, window].created += 1
        for window in _windows(closed) if closed and created else []:
            assert closed
            assert created
            _close(found.periods[scope, window], row, (closed - created).days)


def _close(deals: Deals, row: dict[str, str], cycle_days: int) -> None:
    if row["deal_stage"] == WON:
        deals.won += 1
        deals.amount_minor += int(row["close_value"]) * 100
        deals.cycles.append(cycle_days)
    else:
        deals.lost += 1
        deals.lost_cycles.append(cycle_days)


@dataclass
class Calls:
    """Totals of one rep's, or everybody's, inbound calls."""

    calls: int = 0
    answered: int = 0
    wait_seconds: int = 0
    talk_seconds: int = 0
    answered_in_20s: int = 0


def calls(folder: Path) -> dict[str, Calls]:
    """Read `call_center.csv`: totals by agent id, and of all under the empty id."""
    found: dict[str, Calls] = defaultdict(Calls)
    with (folder / "call_center.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            for total in (found[slug(row["agent"])], found[""]):
                total.calls += 1
                if row["answered (Y/N)"] == "Y":
                    hours, minutes, seconds = map(int, row["AvgTalkDuration"].split(":"))
                    wait = int(row["speed_of_answer_in_seconds"])
                    total.answered += 1
                    total.wait_seconds += wait
                    total.talk_seconds += hours * 3600 + minutes * 60 + seconds
                    total.answered_in_20s += wait <= 20
    return dict(found)
