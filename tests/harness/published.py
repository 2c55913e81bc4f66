"""Figures in Redis without a pipeline: written by the real sink, for tests of what reads them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from pipeline.scores.beside import Beside
from pipeline.scores.figures import Figure
from pipeline.scores.kpi import Values
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.ranks import RANKED, Ranks
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.sink import Batch, Bookmark, Owner
from schemas.alerts import Alert
from schemas.recognition import Achievement, ContestPlace, ContestStandings, ContestState, Recognition
from tests.harness.vouching import vouch

DAY = "day:2026-11-23"
NOON_MS = 1_795_435_200_000
DEFINED = "d1"
"""The version of the definition that figures made here are of."""
KINDS = {"day": DAY, "now": "now", "1h": "1h"}


def silent(scope: str, home: str, *, is_open: bool = True) -> Alert:
    """An alert about a rep or a team that has been silent for too long."""
    kind: Literal["silent_rep", "silent_team"] = "silent_team" if scope == home else "silent_rep"
    return Alert(
        id=f"{kind}:{scope}",
        kind=kind,
        rule_version=1,
        scope=scope,
        home=home,
        state="open" if is_open else "resolved",
        opened_ms=NOON_MS,
        resolved_ms=None if is_open else NOON_MS + 1,
        ending=None if is_open else "activity",
        since_ms=NOON_MS - 20 * 60_000,
        seen=20,
        expected=15,
        unit="working_minutes",
        kpi=None,
        window=None,
        acknowledged_by=None,
        muted_by=None,
        muted_until_ms=None,
        calendar_version="holidays 1",
        version=[1, 1],
    )


def contest(offset: int = 1, state: ContestState = "running") -> ContestStandings:
    """A contest by bookings in which the first rep leads."""
    places = [
        ContestPlace(scope="rep:rep-01", place=1, value=500_000, n=None),
        ContestPlace(scope="rep:rep-02", place=2, value=0, n=None),
    ]
    return ContestStandings(
        id="contest:sprint", kind="contest", home="company", title="Sprint", state=state, kpi="bookings", unit="minor",
        among="reps", first_day="2026-11-23", last_day="2026-11-27", start_ms=NOON_MS - 1, end_ms=NOON_MS + 2,
        final_ms=NOON_MS + 3, told_ms=NOON_MS, least_sample=5, entrants=2, standings=places, version=[1000, offset],
    )  # fmt: skip


def best_day(offset: int = 1, state: Literal["standing", "taken_back"] = "standing") -> Achievement:
    """The best day of the first rep."""
    return Achievement(
        id="best:day|calls|rep:rep-01", kind="best", scope="rep:rep-01", home="rep:rep-01", state=state, kpi="calls",
        unit="count", value=41, window="day:2026-11-20", first_day="2026-11-20", version=[1000, offset],
    )  # fmt: skip


def texts_of(kpis: Values) -> dict[str, str]:
    """KPIs by family, as a figure holds them."""
    grouped: dict[str, Values] = {}
    for name, value in kpis.items():
        grouped.setdefault(BY_NAME[name].family, {})[name] = value
    return {family: msgspec.json.encode(values)[1:-1].decode() for family, values in grouped.items()}


def made(
    home: str, scope: str, kind: str, window: str, version: int, kpis: Values, *,
    current: bool = True, fresh: Iterable[str] | None = None, gone: bool = False,
) -> Figure:  # fmt: skip
    """A figure; all of it is fresh, if nothing else is said."""
    texts = texts_of(kpis)
    ranks = Ranks(*(kpis.get(name, {}).get("value") for name in RANKED)) if current else None
    return Figure(
        home, scope, kind, window, 0, 1, "provisional", current, NOON_MS + version, (1000, version), "EUR", DEFINED,
        texts, tuple(texts if fresh is None else fresh), ranks=ranks, gone=gone,
    )  # fmt: skip


def figure(home: str, scope: str, kind: str, kpis: Values, version: int) -> Figure:
    """A current figure of a scope."""
    return made(home, scope, "rolling" if kind == "1h" else kind, KINDS[kind], version, kpis)


def publish(
    url: str, namespace: str, figures: Sequence[Figure], alerts: Sequence[Alert] = (),
    beside: Mapping[str, Beside] | None = None, recognition: Sequence[Recognition] = (), defined: str = DEFINED,
) -> None:  # fmt: skip
    """Write figures as the owner of a partition does, each call as a later owner, and that all of them are held.

    `defined` is the version of the definition that they are of.
    """

    async def write() -> None:
        sink = RedisSink(connect(url), namespace, 3600, defined)
        version = max(figure.version[1] for figure in figures)
        owner = Owner("scoreboard", 0, 1, version)
        bookmark = Bookmark()
        await sink.survey(owner, bookmark, {figure.home: {} for figure in figures})
        days = {figure.home: figure.window for figure in figures if figure.kind == "day" and figure.current}
        current = {home: {**KINDS, "day": days.get(home, DAY)} for home in {figure.home for figure in figures}}
        batch = Batch(
            version,
            NOON_MS + version,
            complete=True,
            figures=figures,
            current=current,
            alerts=alerts,
            beside=beside or {},
            recognition=recognition,
        )
        await sink.write(owner, bookmark, batch)
        await sink.close()

    asyncio.run(write())
    vouch(url, namespace)


def count(value: float | None, **more: Any) -> dict[str, Any]:
    """A KPI's value."""
    return {"value": value, **more}


def goals() -> Values:
    """12 of 20 deals won and 5,000.00 of 10,000.00 booked, when half of the time has passed.

    Targets below the first add up to 21; of the second a curve was learnt.
    """
    won, bookings = (
        {"value": reached / target, "numerator": reached, "denominator": target, "gap": target - reached}
        for reached, target in ((12, 20), (500_000, 1_000_000))
    )
    won |= {"below": 21, "below_n": 3, "below_difference": 1}
    curve = {"projection_low": 900_000, "projection_high": 1_200_000, "curve": "2026-11-02"}
    paces = {
        "won": {"value": 1.2, "projection": 24, "projection_low": None, "projection_high": None, "curve": None},
        "bookings": {"value": 1.0, "projection": 1_000_000, **curve},
    }
    attained = {"value": None, "goals": {"won": won, "bookings": bookings}}
    return {"goal_attainment": attained, "goal_pace": {"value": None, "elapsed": 0.5, "goals": paces}}


def phones() -> Values:
    """Three reps on calls, since 13:58 UTC on 3 November 2025 in the middle, and one at lunch since 13:00."""
    states = {
        "on_call": {"value": 3, "since_ms": 1_762_178_280_000},
        "break:lunch": {"value": 1, "since_ms": 1_762_174_800_000},
    }
    return {"agent_states": {"value": 4, "states": states}}


def sales_floor(calls: int, version: int) -> list[Figure]:
    """Two teams, two reps and the company, after so many calls of the first team."""
    deals = {"won": count(2), "bookings": count(1_250_000), "win_rate": count(0.5, numerator=2, denominator=4, n=4)}
    entered = {"default:discovery": count(9), "default:proposal": count(4), "default:won": count(2)}
    still = {"default:discovery": count(5, amount_minor=900), "default:proposal": count(3, amount_minor=700)}
    day: Values = {
        "calls": count(calls),
        "connect_rate": count(0.4, numerator=2, denominator=5, n=5),
        "talk_time": count(3725.0),
        "activities": count(calls + 5),
        "answer_speed": count(None, numerator=0, denominator=0, n=0),
        **deals,
        "stage_entries": count(15, stages=entered),
    }
    now: Values = {"open_pipeline": count(5_000_000), "stage_open": count(8, stages=still)}
    scopes = [
        ("team:north", "team:north"),
        ("team:south", "team:south"),
        ("team:north", "rep:rep-01@north"),
        ("rep:rep-01", "rep:rep-01"),
        ("rep:rep-02", "rep:rep-02"),
        ("company", "company"),
    ]
    return [
        figure(home, scope, kind, values, version)
        for home, scope in scopes
        for kind, values in (("day", day), ("1h", {"calls": count(1)}), ("now", now))
    ]
