"""Strands of the organisation: reps who come, move and are away, teams that end, zones and processes that change."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from schemas.goals import day_after
from tests.streams.strand import (
    DAYS,
    END,
    GAPS,
    NAMED,
    PROCESSES,
    REPS,
    STAGES,
    START,
    Told,
    date_of,
    given,
    maybe,
    moment,
)
from tests.unit.ledger.world import DAY, HOUR, event

TEAMS = ("north", "south")
GOALS = ("calls", "won", "bookings")
WEIGHED = ("calls", "dials", "emails", "meetings_held", "activities", "leads_worked", "won", "new_customers")
PERIODS = (("month", "2026-02-01"), ("quarter", "2026-01-01"), ("week", "2026-03-02"), ("year", "2026-01-01"))


def moves(random: Random, name: str) -> Iterator[Told]:
    """A membership or share, from the day that it is told, or from up to 200 days before; it may end or be deleted."""
    at_ms = moment(random)
    since_ms = at_ms - random.choice((0, DAY, 30 * DAY, 60 * DAY, 200 * DAY))
    rep, team = random.choice(REPS), random.choice(TEAMS)
    share: dict[str, Any] = {"share_bp": random.choice((2_500, 3_333, 5_000))} if random.random() < 0.4 else {}
    yield Told(at_ms, event("membership", name, at_ms, rep_id=rep, team_id=team, valid_from=since_ms, **share))
    if random.random() < 0.3:
        end_ms = at_ms + random.choice((DAY, 40 * DAY))
        yield Told(end_ms, event("membership", name, end_ms, valid_to=max(since_ms + DAY, START)))
    elif random.random() < 0.3:
        yield Told(at_ms + 40 * DAY, event("membership", name, at_ms + 40 * DAY, verb="deleted"))


def identities(random: Random, name: str) -> Iterator[Told]:
    """Whom an id means, from the day that it is told, from before, or later; told otherwise, ended or restored."""
    at_ms = moment(random)
    named, whom = random.choice(NAMED), (*REPS, *REPS, "rep-99", "desk@8")
    since_ms = at_ms + random.choice((-200, -60, -3, 0, 20)) * DAY
    bounds = given(
        valid_from=maybe(random, (since_ms,), 0.7), valid_to=maybe(random, (since_ms + DAY, since_ms + 90 * DAY), 0.4)
    )
    yield Told(at_ms, event("identity", name, at_ms, external_id=named, rep_id=random.choice(whom), **bounds))
    others: tuple[dict[str, Any], ...] = (
        {"rep_id": random.choice(REPS)}, {"external_id": random.choice(NAMED[len(REPS) :]), "rep_id": "rep-01"},
        {"valid_to": since_ms}, {"valid_to": None},
    )  # fmt: skip
    for said in others:
        if random.random() < 0.2 and (at_ms := at_ms + random.choice(GAPS)) < END:
            yield Told(at_ms, event("identity", name, at_ms, **said))
    for verb in ("deleted", "restored"):
        if random.random() < 0.3:
            at_ms += random.choice(GAPS)
            yield Told(at_ms, event("identity", name, at_ms - random.choice((0, DAY)), verb=verb))


def absences(random: Random, name: str) -> Iterator[Told]:
    """A rep who is away for days or hours, told before or long after, corrected, cut short, or taken back."""
    at_ms, rep = moment(random), random.choice(REPS)
    since_ms = at_ms + random.choice((-60, -1, 0, 14)) * DAY
    yield Told(at_ms, event("absence", name, at_ms, rep_id=rep, **_stretch(random, since_ms)))
    if random.random() < 0.4:
        at_ms += random.choice(GAPS)
        cleared: dict[str, Any] = dict.fromkeys(
            ("first_day", "last_day", "from_noon", "until_noon", "starts_at", "ends_at")
        )
        yield Told(at_ms, event("absence", name, at_ms, **cleared))
        yield Told(at_ms, event("absence", name, at_ms + 1, **_stretch(random, since_ms)))
    if random.random() < 0.3:
        yield Told(at_ms + DAY, event("absence", name, at_ms + DAY, verb="deleted"))


def _stretch(random: Random, since_ms: int) -> dict[str, Any]:
    length_ms = random.choice((HOUR, 5 * HOUR, DAY, 20 * DAY))
    if random.random() < 0.4:
        return given(starts_at=since_ms, ends_at=maybe(random, (since_ms + length_ms,), 0.8))
    last = maybe(random, (date_of(since_ms + length_ms),), 0.8)
    noons = given(from_noon=maybe(random, (True, False)), until_noon=maybe(random, (True,), 0.3))
    return given(first_day=date_of(since_ms), last_day=last, kind=maybe(random, ("vacation", "sick", "other"))) | noons


def special_days(random: Random, name: str) -> Iterator[Told]:
    """Hours, and days on which a team or all are closed or open for some hours; told late, otherwise, or taken back."""
    hours = {day: [["08:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    shifts = {**hours, "saturday": [["20:00", "04:00"]]}
    if random.random() < 0.6:
        at_ms = moment(random)
        yield Told(at_ms, event("company", "company", at_ms, calendar=hours))
        yield Told(at_ms, event("team", random.choice(TEAMS), at_ms, calendar=random.choice((hours, shifts))))
    for number in range(random.randrange(12)):
        at_ms, which = moment(random), f"{name}-{number}"
        told = given(
            team_id=maybe(random, TEAMS, 0.6), day=date_of(at_ms + random.choice((-20, -1, 0, 1, 5, 20)) * DAY),
            open_from=maybe(random, ("09:30", "16:00", "21:00"), 0.4),
            open_until=maybe(random, ("12:00", "20:30", "01:00"), 0.5),
        )  # fmt: skip
        yield Told(at_ms, event("special_day", which, at_ms, **told))
        if random.random() < 0.3:
            at_ms += random.choice(GAPS)
            yield Told(at_ms, event("special_day", which, at_ms, open_from=None, open_until=maybe(random, ("11:00",))))
        if random.random() < 0.2:
            yield Told(at_ms + DAY, event("special_day", which, at_ms + DAY, verb="deleted"))


def careers(random: Random, _: str) -> Iterator[Told]:
    """Reps who are hired, change their role, and leave; some of it is told late, or otherwise."""
    for rep in REPS:
        at_ms = moment(random)
        since_ms = at_ms + random.choice((-200, -20, 0, 30)) * DAY
        until_ms = maybe(random, (since_ms + 10 * DAY, since_ms + 90 * DAY), 0.4)
        days = given(hired_on=date_of(since_ms), left_on=None if until_ms is None else date_of(until_ms))
        yield Told(at_ms, event("rep", rep, at_ms, **days))
        role: dict[str, Any] = {
            "role": random.choice(("sdr", "closer", None)),
            "role_from": maybe(random, (date_of(at_ms),)),
        }
        yield Told(at_ms, event("rep", rep, at_ms + 1, **role))
        if random.random() < 0.3:
            yield Told(at_ms + 2 * DAY, event("rep", rep, at_ms + 2 * DAY, left_on=None, hired_on=date_of(at_ms)))


def prorations(random: Random, name: str) -> Iterator[Told]:
    """How targets are prorated, of the company or a team, from some day on."""
    for number in range(random.randrange(3)):
        at_ms = moment(random)
        said = given(
            team_id=maybe(random, TEAMS), effective_on=maybe(random, (date_of(at_ms), "2026-01-01")),
            prorate_employment=maybe(random, (True, False)), prorate_absence=maybe(random, (True, False)),
            ramp=maybe(random, ([2500, 5000], [0], [], [5000] * 9)),
        )  # fmt: skip
        yield Told(at_ms, event("proration", f"{name}-{number}", at_ms, **said))


def scores(random: Random, name: str) -> Iterator[Told]:
    """How activities are weighed, of the company or a team, from some day on; changed, or taken back."""
    for number in range(random.randrange(4)):
        at_ms = moment(random)
        kpis = random.sample(WEIGHED, k=random.randrange(1, 4))
        weights = [given(kpi=kpi, points=random.randrange(1, 9), at_most=maybe(random, (0, 1, 3))) for kpi in kpis]
        said = given(
            team_id=maybe(random, TEAMS), effective_on=maybe(random, (date_of(at_ms), "2026-01-01")),
            period=random.choice(("day", "week", "month")), target=random.randrange(1, 30), weights=weights,
        )  # fmt: skip
        yield Told(at_ms, event("score", f"{name}-{number}", at_ms, **said))
        if random.random() < 0.3:
            yield Told(at_ms + 20 * DAY, event("score", f"{name}-{number}", at_ms + 20 * DAY, target=7))
        elif random.random() < 0.3:
            yield Told(at_ms + 40 * DAY, event("score", f"{name}-{number}", at_ms + 40 * DAY, verb="deleted"))


def zones(random: Random, name: str) -> Iterator[Told]:
    """A team that moves to another time zone, in one stream of four."""
    if random.random() < 0.25:
        at_ms = moment(random)
        zone = random.choice(("Europe/London", "Asia/Kolkata"))
        yield Told(at_ms, event("team", random.choice(TEAMS), at_ms, time_zone=zone))


def processes(random: Random, _: str) -> Iterator[Told]:
    """What processes become: stages are dropped, renamed, turned round, also from long before it is told."""
    for process in PROCESSES:
        at_ms, known = moment(random), list(STAGES)
        for _edition in range(random.randrange(3)):
            known = random.sample(known, random.randrange(2, len(known) + 1)) if random.random() < 0.5 else known
            renamed = maybe(random, known)
            known = [f"{stage}-2" if stage == renamed else stage for stage in known]
            stages = [_stage(stage, renamed) for stage in known]
            since: dict[str, Any] = {"valid_from": at_ms - random.choice(GAPS)} if random.random() < 0.4 else {}
            yield Told(at_ms, event("process", process, at_ms, stages=stages, **since))
            at_ms += random.choice(GAPS)
        if random.random() < 0.4:
            yield Told(at_ms, event("process", process, at_ms, implied=random.choice((False, False, True, None))))
        if random.random() < 0.2:
            yield Told(at_ms, event("process", process, at_ms, verb="deleted"))


def _stage(stage: str, renamed: str | None) -> dict[str, Any]:
    kind = next((kind for kind in ("won", "lost") if stage.startswith(kind)), "open")
    former = {"former_ids": [stage.removesuffix("-2")]} if renamed == stage.removesuffix("-2") else {}
    return {"id": stage, "kind": kind, **former}


def policies(random: Random, name: str) -> Iterator[Told]:
    """Which notes and tasks count, since ever or from a day on of which all activities are remembered still."""
    at_ms = START
    since: dict[str, Any] = {}
    for number in range(random.randrange(4)):
        kinds = random.sample(("note", "task"), random.randrange(3))
        yield Told(at_ms, event("policy", f"{name}-{number}", at_ms, counted_activities=kinds, **since))
        at_ms += random.choice(GAPS)
        since = {"valid_from": at_ms + random.choice((-30, 0, 30)) * DAY}


LIMITS = (
    ("waiting_leads", "limit_count", 0), ("leads_overdue", "limit_days", 0), ("reps_unknown", "limit_count", 0),
    ("teams_unknown", "limit_count", 0), ("longest_wait", "limit_seconds", 0),
    ("below_usual", "limit_basis_points", 1), ("below_peers", "limit_percent", 1), ("below_peers", "least_count", 2),
)  # fmt: skip
"""Rules with a setting, and the least that a record may say of it."""


SWITCHED = ("sudden_zero", "win_rate_dropped", "conversion_dropped", "prospects_stall")


def alert_rules(random: Random, name: str) -> Iterator[Told]:
    """How rules of alerts hold, since ever or from a day on; some are taken back."""
    for number in range(random.randrange(4)):
        at_ms = moment(random)
        told = given(
            rule=random.choice(("silent_rep", "silent_team", "feed_silent")),
            team_id=maybe(random, TEAMS),
            valid_from=maybe(random, (at_ms - 30 * DAY, at_ms + 30 * DAY)),
            enabled=maybe(random, (True, False)),
            limit_minutes=maybe(random, (1, 45, 480)),
        )
        if random.random() < 0.5:
            rule, limit, least = random.choice(LIMITS)
            told = given(rule=rule, team_id=maybe(random, TEAMS), **{limit: least + random.randrange(3)})
        if random.random() < 0.2:
            told = given(
                rule=random.choice(SWITCHED), team_id=maybe(random, TEAMS), enabled=maybe(random, (True, False))
            )
        yield Told(at_ms, event("alert_rule", f"{name}-{number}", at_ms, **told))
        if random.random() < 0.3:
            yield Told(at_ms + DAY, event("alert_rule", f"{name}-{number}", at_ms + DAY, verb="deleted"))


def alert_notes(random: Random, _: str) -> Iterator[Told]:
    """Alerts that somebody acknowledges, mutes, and maybe unmutes or forgets."""
    for rep in REPS:
        at_ms, name = moment(random), f"silent_rep:rep:{rep}@{random.choice(TEAMS)}"
        if random.random() < 0.5:
            yield Told(at_ms, event("alert", name, at_ms, acknowledged_by="lead-1", opened_at=at_ms - DAY))
        if random.random() < 0.5:
            until_ms = at_ms + random.choice(GAPS)
            yield Told(at_ms, event("alert", name, at_ms, muted_by="lead-2", muted_from=at_ms, muted_until=until_ms))
        if random.random() < 0.3:
            gone = event("alert", name, at_ms + DAY, verb="deleted")
            unmuted = event("alert", name, at_ms + DAY, muted_by="lead-1", muted_until=None)
            yield Told(at_ms + DAY, random.choice((gone, unmuted)))


def targets(random: Random, name: str) -> Iterator[Told]:
    """Goals of reps, teams and the company, told late, told otherwise, given to somebody else, or taken back."""
    at_ms = moment(random)
    for _ in range(random.randrange(1, 4)):
        team, rep = random.choice(((None, random.choice(REPS)), (random.choice((*TEAMS, "company")), None)))
        period, first = random.choice(PERIODS)
        goal: dict[str, Any] = {"kpi": random.choice(GOALS), "period": period, "period_start": first}
        goal["value"] = random.choice((0, 40, 10**6))
        goal["effective_on"] = random.choice((None, None, first, _within(random, period, first)))
        yield Told(at_ms, event("target", name, at_ms, team_id=team, rep_id=rep, **goal))
        at_ms += random.choice(GAPS)
    if random.random() < 0.3:
        yield Told(at_ms, event("target", name, at_ms, verb=random.choice(("deleted", "restored"))))


def _within(random: Random, period: str, first: str) -> str:
    begins = date.fromisoformat(first)
    return (begins + timedelta(random.randrange((day_after(period, begins) - begins).days))).isoformat()


def curves(random: Random, name: str) -> Iterator[Told]:
    """How periods of a team usually go: told, learnt anew, given to another team, or taken back."""
    at_ms = moment(random)
    for _ in range(random.randrange(1, 4)):
        shares = sorted(random.randrange(10_001) for _ in range(19))
        bounds: dict[str, Any] = {
            "low": [random.randrange(10_001)] * 19,
            "high": [random.randrange(10_000, 30_000)] * 19,
        }
        team = random.choice((*TEAMS, "company", None))
        whose: dict[str, Any] = {
            "team_id": team,
            "kpi": random.choice(GOALS),
            "period": random.choice(("month", "week")),
        }
        learnt: dict[str, Any] = {"learnt_on": "2026-01-05", "actor": "ops", "periods": 9, "typical": 40}
        yield Told(at_ms, event("curve", name, at_ms, **whose, **learnt, shares=shares, **bounds))
        at_ms += random.choice(GAPS)
    if random.random() < 0.3:
        yield Told(at_ms, event("curve", name, at_ms, verb=random.choice(("deleted", "restored"))))


def contests(random: Random, name: str) -> Iterator[Told]:
    """A contest among reps or teams, told before, during or after it; otherwise later, and taken back."""
    # Of activities only those of the last weeks are certain: most contests are then.
    at_ms = moment(random, random.choice((0, DAYS - 40, DAYS - 20)))
    first_ms = at_ms + random.choice((-20, -3, 0, 10)) * DAY
    among = random.choice(("reps", "reps", "teams"))
    told = given(
        title=maybe(random, ("Sprint",)), kpi=random.choice(("dials", "activities", "bookings", "win_rate")),
        among=maybe(random, (among,)) if among == "reps" else among, team_ids=list(TEAMS[: random.randrange(1, 3)]),
        rep_ids=maybe(random, (random.sample(REPS, 2),), 0.5) if among == "reps" else None,
        first_day=date_of(first_ms), last_day=date_of(first_ms + random.choice((0, 4, 29, 200)) * DAY),
        least_sample=maybe(random, (1, 2)), settlement_hours=maybe(random, (0, 100)),
    )  # fmt: skip
    yield Told(at_ms, event("contest", name, at_ms, **told))
    for said in ({"kpi": "won"}, {"last_day": date_of(first_ms + 9 * DAY)}, {"team_ids": ["south"]}):
        if random.random() < 0.2 and (at_ms := at_ms + random.choice(GAPS)) < END:
            yield Told(at_ms, event("contest", name, at_ms, **said))
    if random.random() < 0.2:
        yield Told(at_ms + DAY, event("contest", name, at_ms + DAY, verb=random.choice(("deleted", "restored"))))


def recognition(random: Random, name: str) -> Iterator[Told]:
    """What is recognised of reps or teams, told otherwise, taken back and told again."""
    at_ms = moment(random)
    for _ in range(random.randrange(1, 4)):
        told = given(
            whose=maybe(random, ("reps", "teams")), kpi=random.choice(("won", "bookings", "deals_created", "dials")),
            best=maybe(random, (["day"], ["day", "week", "month"]), 0.7),
            milestones=maybe(random, ([1], [1, 2, 3, 500])), streaks=maybe(random, ([1], [1, 2], [900]), 0.7),
        )  # fmt: skip
        yield Told(at_ms, event("recognition", name, at_ms, **told))
        at_ms += random.choice(GAPS)
    if random.random() < 0.3:
        yield Told(at_ms, event("recognition", name, at_ms, verb=random.choice(("deleted", "restored"))))


def benchmarks(random: Random, name: str) -> Iterator[Told]:
    """An industry's figures, beside all reps or a team's; told anew, in part, without a source, or taken back."""
    at_ms = moment(random)
    said = given(
        team_id=maybe(random, (*TEAMS, "company")), kpi=random.choice(("dials", "win_rate")),
        period=random.choice(("day", "month")), effective_on=maybe(random, (date_of(at_ms), "2026-01-01")),
        median=maybe(random, ("0.2", "12"), 0.9), upper_quartile=maybe(random, ("12", "30.5")),
        source_name=maybe(random, ("Survey of nobody",), 0.9), source_url=maybe(random, ("https://industry.example/1",)),
    )  # fmt: skip
    yield Told(at_ms, event("benchmark", name, at_ms, **said))
    for said in ({"median": "0.30"}, {"team_id": None}, {"source_name": None}):
        if random.random() < 0.2 and (at_ms := at_ms + random.choice(GAPS)) < END:
            yield Told(at_ms, event("benchmark", name, at_ms, **said))
    if random.random() < 0.2:
        yield Told(at_ms + DAY, event("benchmark", name, at_ms + DAY, verb=random.choice(("deleted", "restored"))))


def ends(random: Random, _: str) -> Iterator[Told]:
    """A team that ends, in one stream of four, and may be back; its deletion may be told long after."""
    if random.random() < 0.25:
        at_ms, team = moment(random), random.choice(TEAMS)
        yield Told(at_ms, event("team", team, at_ms - random.choice((0, DAY, 40 * DAY)), verb="deleted"))
        if random.random() < 0.5:
            yield Told(at_ms + 20 * DAY, event("team", team, at_ms + 20 * DAY, verb="restored"))
