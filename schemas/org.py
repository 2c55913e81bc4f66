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
    tuesday: list[Interval] = []
    wednesday: list[Interval] = []
    thursday: list[Interval] = []
    friday: list[Interval] = []
    saturday: list[Interval] = []
    sunday: list[Interval] = []
    holidays: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$")] | None = None
    """Country, or country and subdivision (`DE-BY`), whose public holidays are free."""


class CompanyChange(Change):
    """The one company of a deployment (subject `company:company`)."""

    time_zone: KnownTimeZone | None = None
    currency: Currency | None = None
    """The currency all money KPIs are given in."""
    fiscal_year_start: Month | None = None
    calendar: WorkingCalendar | None = None


class TeamChange(Change):
    """A team. Its zone changes from a local midnight on; everything else holds for all time."""

    parent_id: Id | None = None
    time_zone: KnownTimeZone | None = None
    time_zone_from: LocalDate | None = None
    """The local day from which `time_zone` holds; since ever where absent."""
    calendar: WorkingCalendar | None = None
    fiscal_year_start: Month | None = None
    silence_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes without activity after which a rep or the team counts as silent."""


class RepChange(Change):
    """A rep, by a pseudonymous id: names and addresses stay in the CRM."""

    active: bool | None = None
    """False once they have left: history stays, boards and alerts do not show them."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class MembershipChange(Change):
    """That a rep belongs to a team for a time. Where two overlap, the one that began later holds."""

    rep_id: Id | None = None
    team_id: Id | None = None
    valid_from: Instant | None = None
    """Since ever where absent."""
    valid_to: Instant | None = None
    """First instant it no longer holds; for ever where absent."""


class TargetChange(Change):
    """A goal for a team or rep."""

    team_id: Id | None = None
    rep_id: Id | None = None
    kpi: Slug | None = None
    period: Literal["day", "week", "month", "quarter", "year"] | None = None
    period_start: LocalDate | None = None
    value: AmountMinor | None = None
    """Count, milliseconds or minor units, as the KPI has it."""


class RateChange(Change):
    """How many units of the company's currency one unit of `currency` is worth, from a day on."""

    currency: Currency | None = None
    effective_on: LocalDate | None = None
    rate: Rate | None = None
    """Decimal number as text, so that it is exact."""


class ProcessStage(WireModel):
    """One stage of a sales process, in its order."""

    id: Slug
    kind: Literal["open", "won", "lost"] = "open"
    qualified: bool = False
    """Whether open deals in it count as qualified pipeline."""


class ProcessChange(Change):
    """A sales process: its stages in order."""

    stages: Annotated[list[ProcessStage], Field(min_length=1, max_length=50)] | None = None
