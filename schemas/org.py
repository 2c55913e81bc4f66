"""The organisation: company, teams, reps, memberships, targets, exchange rates, sales processes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from schemas.types import AmountMinor, Change, Currency, Id, Instant, LocalDate, Month, Slug, WireModel
from schemas.zones import zone_info

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""Local wall-clock time `09:00`; `24:00` ends a day."""

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
"""IANA name; one that the pinned tzdata does not know is refused."""


def _known_zone(name: str) -> str:
    zone_info(name)
    return name


KnownTimeZone = Annotated[TimeZone, AfterValidator(_known_zone)]
Rate = Annotated[str, StringConstraints(pattern=r"^\d{1,12}(\.\d{1,12})?$")]
Interval = tuple[ClockTime, ClockTime]


class WorkingCalendar(WireModel):
    """When a team works: local intervals by weekday, and the public holidays it keeps."""

    monday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    tuesday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    wednesday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    thursday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    friday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    saturday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    sunday: list[Interval] = []
    """Local intervals worked, `[["09:00", "12:00"], ["13:00", "17:30"]]`."""
    holidays: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$")] | None = None
    """Country, or country and subdivision (`DE-BY`), whose public holidays are free."""


class CompanyChange(Change):
    """The one company of a deployment (subject `company:company`)."""

    time_zone: KnownTimeZone | None = None
    """Cuts the days of the company, of unknown teams, and of teams without a zone."""
    currency: Currency | None = None
    """The currency all money KPIs are given in."""
    fiscal_year_start: Month | None = None
    """The month in which the fiscal year begins; 1 where absent."""
    calendar: WorkingCalendar | None = None
    """Working hours of teams that have none of their own."""


class TeamChange(Change):
    """A team. Its zone changes from a local midnight on; everything else holds for all time."""

    parent_id: Id | None = None
    """The team it is part of; none for one at the top."""
    time_zone: KnownTimeZone | None = None
    """Cuts the team's days."""
    time_zone_from: LocalDate | None = None
    """The local day from which `time_zone` holds; since ever where absent."""
    calendar: WorkingCalendar | None = None
    """The team's working hours."""
    fiscal_year_start: Month | None = None
    """The month in which the team's fiscal year begins; the company's where absent."""
    silence_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes without activity after which a rep or the team counts as silent."""


class RepChange(Change):
    """A rep, by a pseudonymous id: names and addresses stay in the CRM."""

    active: bool | None = None
    """False once they have left: history stays, boards and alerts do not show them."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 code of where the rep works."""


class MembershipChange(Change):
    """That a rep belongs to a team for a time. Where two overlap, the one that began later holds."""

    rep_id: Id | None = None
    """The rep."""
    team_id: Id | None = None
    """The team."""
    valid_from: Instant | None = None
    """Since ever where absent."""
    valid_to: Instant | None = None
    """First instant it no longer holds; for ever where absent."""


class TargetChange(Change):
    """A goal for a team or rep."""

    team_id: Id | None = None
    """Whose goal, for a team."""
    rep_id: Id | None = None
    """Whose goal, for a rep."""
    kpi: Slug | None = None
    """The KPI it is a goal for."""
    period: Literal["day", "week", "month", "quarter", "year"] | None = None
    """How long it is to be reached in."""
    period_start: LocalDate | None = None
    """The first local day of the period."""
    value: AmountMinor | None = None
    """Count, milliseconds or minor units, as the KPI has it."""


class RateChange(Change):
    """How many units of the company's currency one unit of `currency` is worth, from a day on."""

    currency: Currency | None = None
    """The currency that is converted."""
    effective_on: LocalDate | None = None
    """The first day it holds, by the company's zone."""
    rate: Rate | None = None
    """Decimal number as text, so that it is exact."""


class ProcessStage(WireModel):
    """One stage of a sales process, in its order."""

    id: Slug
    """The stage, unique within its process."""
    kind: Literal["open", "won", "lost"] = "open"
    """Whether deals in it are open, won or lost."""
    qualified: bool = False
    """Whether open deals in it count as qualified pipeline."""


class ProcessChange(Change):
    """A sales process: its stages in order."""

    stages: Annotated[list[ProcessStage], Field(min_length=1, max_length=50)] | None = None
    """All stages in order; those won and lost end a deal."""
