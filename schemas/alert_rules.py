"""The organisation: how rules of alerts hold, and what people do about alerts."""

from typing import Self

from pydantic import Field, model_validator

from schemas.alerts import NARROWER
from schemas.alerts import SETTINGS as RULE_SETTINGS
from schemas.alerts import Kind as AlertKind
from schemas.types import Change, Id, Instant, Slug


class AlertRuleChange(Change):
    """How a rule of alerts holds for a team, or for all teams, from an instant on.

    Of several that name a setting, those of the team come before those of all teams; of these that which began last
    decides, then the greater id. Where none does, the default of the rule holds.
    """

    rule: AlertKind | None = None
    """The rule, by the kind of its alerts."""
    team_id: Id | None = None
    """The team, without those below it; all teams if absent."""
    valid_from: Instant | None = None
    """Unbounded if absent."""
    enabled: bool | None = None
    """False switches the rule off: what is open is resolved, and nothing opens. On by default, but a rule of a KPI has
    to be told its limit."""
    limit_minutes: int | None = Field(default=None, ge=1, le=10080)
    """Working minutes that the rule lets pass. Of `silent_rep`, `silent_team` and `feed_silent`."""
    limit_percent: int | None = Field(default=None, ge=0, le=100)
    """The limit of a share. Of `service_level`, and of `goal_at_risk`, where it is of the pace: these may not be below
    it. Of `abandoned_calls`, which may not be above. Of `below_peers`, of the team's median: who has less is told of,
    until it is twice as much; from 1 to 50, 10 by default."""
    limit_basis_points: int | None = Field(default=None, ge=1, le=500)
    """How many in ten thousand hours may be as low by chance as the one that is told of, of `below_usual`; an hour that
    is not among ten times as many resolves it. 10 by default: one in a thousand."""
    least_count: int | None = Field(default=None, ge=1, le=10**6)
    """Of how many calls in a quarter of an hour a share of calls says something; or how many reps, half of
    the team at least, are told as one, of `silent_reps`; or how many others a rep is compared with at least, of
    `below_peers`, from 2 to 199. 5 by default."""
    limit_count: int | None = Field(default=None, ge=0, le=10**6)
    """How many may stand open, of `waiting_leads`, `deals_stalled` and `stages_unknown`; or how many activities there
    may be in an hour, of `reps_unknown` and `teams_unknown`, which go by what holds for all teams."""
    limit_days: int | None = Field(default=None, ge=0, le=365)
    """Working days that a lead may wait for a first try, the day on which it came in not among them. Of
    `leads_overdue`."""
    limit_seconds: int | None = Field(default=None, ge=0, le=3000)
    """For how long a caller may wait. Of `longest_wait`."""

    @model_validator(mode="after")
    def _of_the_rule(self) -> Self:
        settings = {name for names in RULE_SETTINGS.values() for name in names}
        given = sorted(name for name in settings if getattr(self, name) is not None)
        allowed = settings if self.rule is None else RULE_SETTINGS[self.rule]
        for name in given:
            if name not in allowed:
                raise ValueError(f"{name} is no setting of {self.rule}: allowed is {' or '.join(allowed)}")
            if self.rule is not None and (bounds := NARROWER.get((self.rule, name))):
                least, most = bounds
                if not least <= getattr(self, name) <= most:
                    raise ValueError(f"{name} of {self.rule}: allowed is a whole number from {least} to {most}")
        return self


class AlertChange(Change):
    """What somebody did about an alert (subject `alert:` and the alert's id): acknowledged one opening of it, muted it.

    An acknowledgement is of one opening: once the alert was resolved and opens again, nobody has acknowledged that. A
    mute is of the alert, however often it opens meanwhile.
    """

    PERIOD = ("muted_from", "muted_until")

    acknowledged_by: Slug | None = None
    """Who acknowledged it, by a pseudonymous name."""
    opened_at: Instant | None = None
    """When the alert opened that was acknowledged, as its record says."""
    muted_by: Slug | None = None
    """Who muted it, or ended the mute, by a pseudonymous name."""
    muted_from: Instant | None = None
    """Unbounded if absent."""
    muted_until: Instant | None = None
    """First instant at which it is muted no more; not muted at all if absent."""

    @model_validator(mode="after")
    def _by_somebody(self) -> Self:
        for by, said in (("acknowledged_by", self.opened_at), ("muted_by", self.muted_until)):
            if said is not None and getattr(self, by) is None:
                raise ValueError(f"{by} is missing: allowed is who did it")
        return self
