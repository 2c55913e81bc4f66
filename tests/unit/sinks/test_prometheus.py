"""The collector: current figures of the leases held now, in base units, with bounded labels."""

import asyncio
from collections.abc import Iterator

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.lease import Lease
from pipeline.sinks.prometheus import MOST_REPS, PrometheusBoards
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

NOON = at("2026-11-23 12:00")


class Floor:
    """Leases on scoreboards, and what a scrape of them says."""

    def __init__(self, *, reps: bool = False, most_reps: int = MOST_REPS) -> None:
        self.leases: list[tuple[Lease, Scoreboard]] = []
        self.dropped: list[tuple[str, int]] = []
        self.boards = PrometheusBoards(
            "acme",
            lambda: self.leases,
            reps=reps,
            dropped=lambda label, count: self.dropped.append((label, count)),
            most_reps=most_reps,
        )

    def add(self, log: FactsLog, partition: int = 0, alerts: AlertPolicy | None = None) -> None:
        """Hold a lease on a scoreboard that has folded a log."""
        stage = scoreboard(alerts=alerts)
        fold(stage, log.records)
        position = stage.store.position
        self.leases.append(
            (Lease("facts", partition, 1000, 3, stage.store, stage, computed=position, durable=position), stage)
        )

    async def scrape(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        """Samples by metric name."""
        text = generate_latest(await self.boards.snapshot()).decode()
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found

    async def values(self, name: str, **labels: str) -> list[float]:
        """The values of the samples that have these labels."""
        return [value for found, value in (await self.scrape()).get(name, []) if labels.items() <= found.items()]


@pytest.fixture
def log() -> FactsLog:
    """Two reps of a team in its working hours, with calls, talk time and a deal won."""
    log = FactsLog()
    log.employ("north", "7", "8")
    first = cell("north", "7", NOON, calls=3, dials=4, connected_dials=1, talk_ms=90_500, activities=3)
    second = cell("north", "8", NOON, calls=1, won=1, won_minor=123_456)
    log.add(NOON, first, second, feeds={"dialer": NOON - 5000})
    return log


async def test_units_are_base_units(log: FactsLog) -> None:
    """Durations are seconds, ratios lie between 0 and 1, money is in major units with its currency."""
    floor = Floor()
    floor.add(log)

    assert await floor.values("salespulse_kpi_calls", scope="team:north", window="1h") == [4]
    assert await floor.values("salespulse_kpi_talk_time", scope="team:north", window="day") == [90.5]
    assert await floor.values("salespulse_kpi_connect_rate", team="team:north", window="day") == [0.25]
    assert await floor.values("salespulse_kpi_bookings", team="team:north", window="day", currency="EUR") == [1234.56]


async def test_what_cannot_be_computed_has_no_sample(log: FactsLog) -> None:
    """No denominator, no sample; a computed zero is a zero."""
    floor = Floor()
    floor.add(log)

    assert await floor.values("salespulse_kpi_win_rate", scope="team:north", window="5m") == [1.0]
    assert await floor.values("salespulse_kpi_lost", scope="team:north", window="day") == [0.0]
    assert await floor.values("salespulse_kpi_sales_cycle", scope="team:north", window="day") == []


async def test_a_lost_partition_is_no_longer_shown(log: FactsLog) -> None:
    """When its lease ends, a partition's series are gone from the next scrape on."""
    floor = Floor()
    floor.add(log)
    assert await floor.values("salespulse_kpi_calls", scope="team:north")
    floor.leases.clear()

    assert not await floor.values("salespulse_kpi_calls")
    assert not await floor.values("salespulse_working_hours")


async def test_reps_are_shown_on_request_only(log: FactsLog) -> None:
    """Teams by default; reps with the setting."""
    floor, with_reps = Floor(), Floor(reps=True)
    floor.add(log)
    with_reps.add(log)

    assert not await floor.values("salespulse_kpi_calls", scope="rep:7@north")
    assert await with_reps.values("salespulse_kpi_calls", scope="rep:7@north", rep="7", window="1h") == [3]


async def test_reps_beyond_the_cap_are_one(log: FactsLog) -> None:
    """Beyond the cap, counts of reps add up under `other`, ratios are left out, and what was folded is counted once."""
    floor = Floor(reps=True, most_reps=0)
    floor.add(log)

    assert await floor.values("salespulse_kpi_calls", scope="other", window="1h") == [4]
    assert not await floor.values("salespulse_kpi_connect_rate", scope="other")
    assert await floor.values("salespulse_kpi_calls", scope="team:north", window="1h") == [4]
    assert floor.dropped == [("scope", 2)]


async def test_working_hours_feeds_and_the_cut_are_shown(log: FactsLog) -> None:
    """Whether a team works now, when each source was last heard, and the position all figures equal."""
    floor = Floor()
    floor.add(log, partition=2)

    assert await floor.values("salespulse_working_hours", team="team:north") == [1]
    assert await floor.values("salespulse_last_event_timestamp_seconds", source="dialer") == [(NOON - 5000) / 1000]
    assert await floor.values("salespulse_now_timestamp_seconds", stage="scoreboard", partition="2") == [NOON / 1000]
    assert await floor.values("salespulse_cut_offset", stage="scoreboard", partition="2") == [5]


async def test_who_misses_which_source_is_shown() -> None:
    """A team that expects a source shows whether it misses it, one that was never served by it shows nothing."""
    log = FactsLog()
    for team in ("north", "south"):
        log.employ(team)
    log.add(NOON, cell("north", "7", NOON, activities=1), feeds={"dialer": NOON})
    shown = []
    for minutes in (1, 11):
        log.add(NOON + minutes * 60_000)
        floor = Floor()
        floor.add(log, alerts=AlertPolicy(feed_known_days=0))
        shown.append((await floor.scrape())["salespulse_feed_missed"])
    labels = {"namespace": "acme", "team": "team:north", "source": "dialer"}

    assert shown == [[(labels, 0.0)], [(labels, 1.0)]]


async def test_open_alerts_are_shown(log: FactsLog) -> None:
    """A rep who falls silent in working hours shows as one alert, by kind, team and scope."""
    for minute in range(1, 90):
        now_ms = NOON + minute * 60_000
        active = cell("north", "7", now_ms, calls=1, activities=1)
        log.add(now_ms, active, feeds={"dialer": now_ms})
    floor = Floor()
    floor.add(log)

    shown = (await floor.scrape())["salespulse_alert_open"]
    labels = {"namespace": "acme", "kind": "silent_rep", "team": "team:north", "scope": "rep:8@north", "rep": "8"}
    assert shown == [(labels, 1.0)]


async def test_every_sample_has_the_namespace(log: FactsLog) -> None:
    """Several deployments can be scraped into one Prometheus."""
    floor = Floor()
    floor.add(log)

    labels = [found for samples in (await floor.scrape()).values() for found, _ in samples]
    assert labels
    assert all(found["namespace"] == "acme" for found in labels)


def _names(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            yield line.split()[2]


async def test_families_are_there_before_there_is_data() -> None:
    """A scrape of a worker without a lease names every family, so that dashboards find them."""
    names = list(_names(generate_latest(await Floor().boards.snapshot()).decode()))

    assert "salespulse_kpi_calls" in names
    assert len(names) == len(set(names))


async def pass_time(floor: Floor, log: FactsLog, to_ms: int) -> None:
    """Let time go on to an instant, at once."""
    lease, stage = floor.leases[0]
    record = log.add(to_ms)
    fold(stage, [record])
    lease.computed = record.offset
    await lease.advance()


@pytest.mark.parametrize("age_minutes", [5, 15, 60, 480])
async def test_time_that_goes_on_during_a_scrape_tears_no_scope_apart(age_minutes: int) -> None:
    """Whether a rep's calls are still in a shorter window or not, they are once in the longest one."""
    log, reps = FactsLog(), [str(number) for number in range(100)]
    past = NOON - age_minutes * 60_000
    log.add(NOON, *(cell("north", rep, past, calls=1) for rep in reps))
    floor = Floor(reps=True)
    floor.add(log)

    scraped = asyncio.create_task(floor.values("salespulse_kpi_calls", team="team:north", window="24h"))
    for minute in range(1, 20):
        await asyncio.sleep(0)
        await pass_time(floor, log, NOON + minute * 60_000)

    assert sorted(await scraped) == [*(1 for _ in reps), 100]


async def test_homes_that_expire_during_a_scrape_are_left_out() -> None:
    """What is no longer there when its turn has come is not shown, and is no trouble."""
    log = FactsLog()
    log.add(NOON, *(cell(f"team-{number}", rep, NOON, calls=1) for number in range(9) for rep in ("7", "8")))
    floor = Floor(reps=True)
    floor.add(log)

    scraped = asyncio.create_task(floor.values("salespulse_kpi_calls", window="day"))
    await asyncio.sleep(0)
    await pass_time(floor, log, NOON + 2000 * 86_400_000)

    assert 0 < len(await scraped) < 27
