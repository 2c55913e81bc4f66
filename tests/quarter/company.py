"""The company of the quarter: two hundred reps of fourteen teams in six zones, who they are and how busy they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.quarter.clocks import DAY, Span, Week, instant, spans_on

FIRST = date(2026, 3, 2)
WEEKS = 13
"""From before the clocks change in America, Europe and Australia, over Easter, to the holidays of May."""
HISTORY_WEEKS = 5
"""Before that nothing is usual yet, so no drop is seeded that only the usual shows."""

_GERMAN = frozenset(map(date.fromisoformat, ("2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25")))
_ENGLISH = frozenset(map(date.fromisoformat, ("2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25")))
_AMERICAN = frozenset({date(2026, 5, 25)})
_AUSTRALIAN = frozenset(map(date.fromisoformat, ("2026-04-03", "2026-04-06", "2026-04-27")))


@dataclass(frozen=True)
class Place:
    """Where teams work: their zone, hours, days off, and the dialer of the region."""

    zone: str
    dialer: str
    week: Week
    holidays: str | None
    free: frozenset[date]


def _week(*spans: tuple[str, str], friday: tuple[tuple[str, str], ...] = ()) -> Week:
    return (*[spans] * 4, friday or spans, (), ())


PLACES = {
    "la": Place("America/Los_Angeles", "dialer-west", _week(("08:00", "12:00"), ("12:45", "16:45")), "US", _AMERICAN),
    "ny": Place("America/New_York", "dialer-west", _week(("08:30", "12:15"), ("13:00", "17:15")), "US", _AMERICAN),
    "ldn": Place("Europe/London", "dialer-east", _week(("09:00", "12:30"), ("13:15", "17:30")), "GB-ENG", _ENGLISH),
    "ber": Place(
        "Europe/Berlin", "dialer-east",
        _week(("08:30", "12:00"), ("12:45", "17:15"), friday=(("08:30", "12:00"), ("12:45", "15:30"))),
        "DE-BY", _GERMAN,
    ),
    "blr": Place("Asia/Kolkata", "dialer-east", _week(("10:00", "13:30"), ("14:15", "18:45")), None, frozenset()),
    "syd": Place(
        "Australia/Sydney", "dialer-east", _week(("08:45", "12:15"), ("13:00", "17:00")), "AU-NSW", _AUSTRALIAN
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How a team works: activities in a working hour, how many of them are calls, how long a rep may be silent."""

    name: str
    an_hour: float
    calls: float
    silence_minutes: int
    shape: tuple[float, ...]
    """How busy each eighth of the working day is."""


STYLES = {
    style.name: style
    for style in (
        Style("sdr", 15, 0.85, 60, (0.9, 1.25, 1.2, 0.95, 0.85, 1.1, 1.0, 0.75)),
        Style("inside", 7, 0.6, 60, (0.8, 1.1, 1.25, 1.0, 0.95, 1.1, 1.0, 0.8)),
        Style("field", 3, 0.35, 120, (1.3, 1.0, 0.8, 0.9, 0.9, 0.9, 1.0, 1.2)),
        Style("queue", 9, 0.9, 60, (1.15, 1.3, 1.1, 0.9, 1.05, 0.95, 0.85, 0.7)),
    )
}
SIZES = {
    "la-sdr": 16, "la-inside": 14, "ny-sdr": 16, "ny-inside": 16, "ny-field": 12, "ldn-sdr": 14, "ldn-inside": 14,
    "ber-inside": 16, "ber-queue": 14, "ber-field": 12, "blr-sdr": 16, "blr-queue": 14, "syd-inside": 14,
    "syd-field": 12,
}  # fmt: skip
"""The reps of each team."""
FEW = {"la-sdr": 9, "ny-inside": 8, "ldn-sdr": 9, "ber-queue": 8, "blr-inside": 8, "syd-field": 8}
"""Of a small company."""


@dataclass
class Rep:
    """One rep: how busy beside the others, from the day of being hired until the last day, and days off."""

    name: str
    pace: float
    hired: date | None = None
    left: date | None = None
    away: set[date] = field(default_factory=set)

    def works(self, day: date) -> bool:
        """Whether the rep is employed and not away."""
        return (self.hired is None or day >= self.hired) and (self.left is None or day <= self.left) and (
            day not in self.away
        )  # fmt: skip

    def ramp(self, day: date) -> float:
        """How much of the full pace a rep has who was hired lately."""
        return 1.0 if self.hired is None else min(1.0, 0.4 + 0.1 * ((day - self.hired).days // 7))


@dataclass
class Team:
    """One team, and who is in it."""

    name: str
    place: Place
    style: Style
    reps: list[Rep]

    def spans(self, day: date) -> list[Span]:
        """What it works on a local day."""
        return spans_on(self.place.zone, self.place.week, self.place.free, day)

    def midnight_ms(self, day: date) -> int:
        """When a local day begins."""
        return instant(self.place.zone, day, "00:00")

    def local_day(self, at_ms: int) -> date:
        """The local day of an instant."""
        day = datetime.fromtimestamp(at_ms / 1000, UTC).date() + timedelta(days=1)
        while self.midnight_ms(day) > at_ms:
            day -= timedelta(days=1)
        return day


def company(random: Random, days: Sequence[date], sizes: Mapping[str, int]) -> list[Team]:
    """Teams of so many reps; some of them are hired, away, or leave within these days."""
    teams = []
    for name, count in sizes.items():
        place, _, style = name.partition("-")
        reps = [Rep(f"{name}-{number:02}", random.gammavariate(25, 1 / 25)) for number in range(count)]
        teams.append(Team(name, PLACES[place], STYLES[style], reps))
    _careers(random, teams, days)
    return teams


def _careers(random: Random, teams: list[Team], days: Sequence[date]) -> None:
    """One rep in twelve is hired, one in fifteen leaves; everybody is away for some days."""
    for team in teams:
        for rep in team.reps:
            if random.random() < 1 / 12:
                rep.hired = random.choice(days[7:]) if len(days) > 14 else None
            elif random.random() < 1 / 15:
                rep.left = random.choice(days[14:]) if len(days) > 14 else None
            for _ in range(random.choice((0, 1, 1, 2))):
                first = random.randrange(len(days))
                rep.away.update(days[first : first + random.choice((1, 1, 2, 5, 10))])


def quarter_ms(days: Sequence[date]) -> Span:
    """From the day before the first until the day after the last, in UTC."""
    start = instant("UTC", days[0], "00:00") - DAY
    return start, instant("UTC", days[-1], "00:00") + 2 * DAY
