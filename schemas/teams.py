"""The organisation: company, teams and reps, who is where, and when anybody works."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from schemas.holiday_places import is_place
from schemas.types import Change, Currency, Id, Instant, LocalDate, Month, ShareBp, Slug, WireModel
from schemas.zones import zone_info

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""Local wall-clock time `09:00`; `24:00` ends a day."""

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
"""IANA name; one that the pinned tzdata does not know is refused."""


def _known_zone(name: str) -> str:
    zone_info(name)
    return name


KnownTimeZone = Annotated[TimeZone, AfterValidator(_known_zone)]


def _not_empty(interval: tuple[str, str]) -> tuple[str, str]:
    start, end = interval
    if start in (end, "24:00"):
        raise PydanticCustomError("no_working_time", "begins when it ends")
    return interval


def _known_place(place: str) -> str:
    if not is_place(place):
        raise PydanticCustomError("unknown_place", "no country or subdivision whose holidays are known")
    return place


Interval = Annotated[tuple[ClockTime, ClockTime], AfterValidator(_not_empty)]
"""Local wall-clock times from when until when; one that ends before it begins ends on the next day."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HolidayPlace = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$"), AfterValidator(_known_place)]
"""An ISO 3166 code; one of which no public holidays are known is refused."""


class WorkingCalendar(WireModel):
    """Working hours of a team: local intervals by weekday, and the public holidays it observes.

    A night shift, `["22:00", "06:00"]`, belongs to the day on which it begins: that day's holiday is its holiday.
    """

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
    holidays: HolidayPlace | None = None
    """Country, or country and subdivision (`DE-BY`), whose public holidays are days off."""


class CompanyChange(Change):
    """The one company of a deployment (subject `company:company`)."""

    time_zone: KnownTimeZone | None = None
    """Defines the days of the company, of unknown teams, and of teams without a time zone."""
    currency: Currency | None = None
    """The currency of all money KPIs."""
    fiscal_year_start: Month | None = None
    """The month in which the fiscal year begins; 1 if absent."""
    calendar: WorkingCalendar | None = None
    """Working hours of teams without their own."""
    week_start: Weekday | None = None
    """The day on which weeks begin, of all teams; `monday` if absent."""
    week_start_from: LocalDate | None = None
    """The local day from which `week_start` holds, in each team's own days; unbounded if absent. Within a week, that
    week ends on the day before and the next begins on that day."""


class TeamChange(Change):
    """A team. Its zone changes from a local midnight on; everything else holds for all time.

    `org.team.deleted` ends it at the time of the event: what was before stays its own, what comes after is nobody's.
    """

    parent_id: Id | None = None
    """The parent team; none for a top-level team."""
    time_zone: KnownTimeZone | None = None
    """Defines the team's local days."""
    time_zone_from: LocalDate | None = None
    """The local day from which `time_zone` holds; unbounded if absent."""
    calendar: WorkingCalendar | None = None
    """The team's working hours."""
    fiscal_year_start: Month | None = None
    """The month in which the team's fiscal year begins; the company's if absent."""
    silence_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes without activity after which a rep or the team counts as silent."""


class SpecialDayChange(Change):
    """A local day on which a team is closed, or open for some hours only: Christmas Eve until noon, an inventory.

    Of the working hours that begin on that day only what lies within the opening is left; where none begin it says
    nothing. Of several for one day those of the team come before those of all teams, then the greater id decides.
    """

    team_id: Id | None = None
    """The team, without those below it; all teams if absent."""
    day: LocalDate | None = None
    """The local day of each team."""
    open_from: ClockTime | None = None
    """The local time from which the team is open; the beginning of the day if absent. Closed all day if both are."""
    open_until: ClockTime | None = None
    """The local time up to which it is open; the end of its hours if absent. One before `open_from` is of the next
    day."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.open_until is not None or self.open_from == "24:00":
            _not_empty((self.open_from or "00:00", self.open_until or "24:00"))
        return self


class RepChange(Change):
    """A rep, by a pseudonymous id: names and addresses stay in the CRM."""

    active: bool | None = None
    """False once the rep has left: history stays, but boards and alerts no longer show the rep."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 code of where the rep works."""
    hired_on: LocalDate | None = None
    """The first day at work, in the days of the rep's team. Before it nobody misses the rep."""
    left_on: LocalDate | None = None
    """The last day at work: from the next day on boards and alerts no longer show the rep. One before `hired_on` is of
    an earlier time, and says nothing."""
    role: Slug | None = None
    """What the rep does: `sdr`, `account-executive`."""
    role_from: LocalDate | None = None
    """The local day from which `role` holds; unbounded if absent."""


class MembershipChange(Change):
    """Membership of a rep in a team for a period. If two overlap, the one that began later holds, unless it is a share.

    `org.membership.deleted` ends it at the time of the event. One that was told by mistake is taken back by a
    `valid_to` that equals its `valid_from`.
    """

    PERIOD = ("valid_from", "valid_to")

    rep_id: Id | None = None
    """The rep."""
    team_id: Id | None = None
    """The team."""
    valid_from: Instant | None = None
    """Unbounded if absent."""
    valid_to: Instant | None = None
    """First instant at which it no longer holds; indefinite if absent."""
    share_bp: ShareBp | None = None
    """The part of the rep that the team has, in basis points; all of the rep if absent. Memberships with shares hold
    together, in the ratio of their shares, while one of them is the one that began last. What counts is counted for the
    largest share; money of deals goes to each team by its share."""


class IdentityChange(Change):
    """That an id means a rep, for a period. If two overlap, the one that began later holds.

    It holds wherever an event of the CRM, the calendar or telephony names somebody, by the instant at which that
    counts. The organisation's own records name reps by their own ids. `org.identity.deleted` ends it at the time of
    the event. One that was told by mistake is taken back by a `valid_to` that equals its `valid_from`.
    """

    PERIOD = ("valid_from", "valid_to")

    external_id: Id | None = None
    """The id, as events name it."""
    rep_id: Id | None = None
    """The rep whom it means."""
    valid_from: Instant | None = None
    """Unbounded if absent."""
    valid_to: Instant | None = None
    """First instant at which it no longer holds; indefinite if absent."""


AbsenceKind = Literal["vacation", "sick", "other"]


class AbsenceChange(Change):
    """That a rep is away: for whole days, half days, or from one instant to another.

    Days are those of the team that asks. Absences of one rep may overlap. One that was told by mistake is deleted.
    """

    PERIOD = ("first_day", "last_day")

    rep_id: Id | None = None
    """The rep."""
    kind: AbsenceKind | None = None
    """Why; `other` if absent."""
    first_day: LocalDate | None = None
    """The first day away."""
    last_day: LocalDate | None = None
    """The last day away; until further notice if absent."""
    from_noon: bool | None = None
    """True if the rep works in the morning of the first day, until 12:00 local time."""
    until_noon: bool | None = None
    """True if the rep works in the afternoon of the last day, from 12:00 local time on."""
    starts_at: Instant | None = None
    """The first instant away, in place of a first day."""
    ends_at: Instant | None = None
    """The first instant back, in place of a last day."""

    @model_validator(mode="after")
    def _by_days_or_instants(self) -> Self:
        if self.starts_at is not None and (self.first_day, self.from_noon) != (None, None):
            raise ValueError("allowed is a first_day or starts_at, not both")
        if self.ends_at is not None and (self.last_day, self.until_noon) != (None, None):
            raise ValueError("allowed is a last_day or ends_at, not both")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at:
            raise ValueError("allowed as ends_at is starts_at or later")
        return self
