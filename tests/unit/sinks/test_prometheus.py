"""The collector: current figures of the leases held now, in base units, with bounded labels."""

import asyncio
import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.audit.cut import Cut
from pipeline.audit.scrape_picture import scrape_picture
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.lease import Lease
from pipeline.monitoring.exposition import written
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.marks import NAMES
from pipeline.scores.readings import Choice
from pipeline.sinks.kept_lines import KeptLines
from pipeline.sinks.prometheus import MOST_SERIES, BoardScrape
from tests.servers.prometheus import promtool
from tests.unit.boards.logs import FactsLog, at, cell, day, fold, scoreboard

NOON = at("2026-11-23 12:00")
MANY = 2000
"""Reps of which a scrape takes several turns."""


ALL = Choice(BY_NAME, NAMES, reps=False)
OF_REPS = Choice(["activities", "calls", "connect_rate", "talk_time", "bookings"], ["1h", "day"], reps=True)
READERS = {"": read_text, "application/openmetrics-text; version=1.0.0": read_openmetrics}


class Floor:
    """Leases on scoreboards, and what a scrape of them says."""

    def __init__(self, choice: Choice = ALL, *, most_series: int = MOST_SERIES) -> None:
        self.leases: list[tuple[Lease, Scoreboard]] = []
        self.dropped: list[tuple[str, int]] = []
        self.behind_ms = 0
        """By how much the wall clock is ahead of the last partition's now."""
        self.boards = BoardScrape(
            "acme",
            lambda: self.leases,
            choice,
            dropped=lambda label, count: self.dropped.append((label, count)),
            most_series=most_series,
            turn_seconds=0.0,  # others have their turn after each scope
            clock_ms=lambda: max((stage.board.now_ms for _, stage in self.leases), default=0) + self.behind_ms,
        )

    def add(self, log: FactsLog, partition: int = 0, alerts: AlertPolicy | None = None) -> None:
        """Hold a lease on a scoreboard that has folded a log."""
        stage = scoreboard(alerts=alerts)
        fold(stage, log.records)
        position = stage.store.position
        self.leases.append(
            (Lease("facts", partition, 1000, 3, stage.store, stage, computed=position, durable=position), stage)
        )

    async def text(self, accept: str = "") -> str:
        """What is sent."""
        return b"".join(written(await self.boards.page(), accept)).decode()

    async def scrape(self, accept: str = "") -> dict[str, list[tuple[dict[str, str], float]]]:
        """Samples by metric name."""
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in READERS[accept](await self.text(accept)):  # type: ignore[no-untyped-call]
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
    assert await floor.values("salespulse_kpi_talk_time_seconds", scope="team:north", window="day") == [90.5]
    assert await floor.values("salespulse_kpi_connect_rate_ratio", team="team:north", window="day") == [0.25]
    assert await floor.values("salespulse_kpi_bookings", team="team:north", window="day", currency="EUR") == [1234.56]


async def test_what_cannot_be_computed_has_no_sample(log: FactsLog) -> None:
    """No denominator, no sample; a computed zero is a zero."""
    floor = Floor()
    floor.add(log)

    assert await floor.values("salespulse_kpi_win_rate_ratio", scope="team:north", window="5m") == [1.0]
    assert await floor.values("salespulse_kpi_lost", scope="team:north", window="day") == [0.0]
    assert await floor.values("salespulse_kpi_sales_cycle_days", scope="team:north", window="day") == []


async def test_states_of_phones_are_labelled_by_state_and_reason(log: FactsLog) -> None:
    """One series for each; the audit reads them back by the names that figures have."""
    log.add(NOON, ("north", "7", None, None, {"agents:break:lunch": 1, "agents_since_ms:break:lunch": 9}))
    log.add(NOON, ("north", "8", None, None, {"agents:on_call": 1, "agents_since_ms:on_call": 9}))
    floor = Floor()
    floor.add(log)

    states = {"scope": "team:north", "window": "now"}
    assert await floor.values("salespulse_kpi_agent_states", state="break", reason="lunch", **states) == [1]
    assert await floor.values("salespulse_kpi_agent_states", state="on_call", reason="", **states) == [1]
    cut = Cut("scoreboard", 0, 1, NOON, (3, 1), {})
    picture = scrape_picture("scrape", await floor.text(), "acme", lambda _: 0, lambda *_: cut)
    now = next(each for each in picture.figures if (each.scope, each.kind) == ("team:north", "now"))
    assert now.kpis["agent_states"] == {"states": {"break:lunch": {"value": 1}, "on_call": {"value": 1}}}


async def test_a_lost_partition_is_no_longer_shown(log: FactsLog) -> None:
    """When its lease ends, a partition's series are gone from the next scrape on."""
    floor = Floor()
    floor.add(log)
    assert await floor.values("salespulse_kpi_calls", scope="team:north")
    floor.leases.clear()

    assert not await floor.values("salespulse_kpi_calls")
    assert not await floor.values("salespulse_team_at_work")


async def test_a_fold_that_was_left_holds_no_scrape_up(log: FactsLog) -> None:
    """A lease may end in the middle of a fold that a scrape waits for: it is left out, and the others are shown."""
    floor = Floor()
    floor.add(log)
    floor.add(log, partition=1)
    lease, _ = floor.leases[0]
    lease.folding = True
    scrape = asyncio.create_task(floor.values("salespulse_now_timestamp_seconds"))
    await asyncio.sleep(0)
    lease.end()

    assert len(await scrape) == 1


async def test_reps_are_shown_apart(log: FactsLog) -> None:
    """Teams on one path, reps on the other, with the KPIs and windows chosen for them; zeros are shown."""
    floor, of_reps = Floor(), Floor(OF_REPS)
    floor.add(log)
    of_reps.add(log)

    assert not await floor.values("salespulse_kpi_calls", scope="rep:7@north")
    assert not await of_reps.values("salespulse_kpi_calls", scope="team:north")
    assert await of_reps.values("salespulse_kpi_calls", scope="rep:7@north", rep="7", window="1h") == [3]
    assert await of_reps.values("salespulse_kpi_bookings", rep="8", window="day", currency="EUR") == [1234.56]
    assert await of_reps.values("salespulse_kpi_talk_time_seconds", rep="8", window="day") == [0]
    assert not await of_reps.values("salespulse_kpi_calls", window="5m")
    assert not await of_reps.values("salespulse_kpi_dials")
    assert await of_reps.values("salespulse_cut_offset", stage="scoreboard", partition="0") == [5]


async def test_reps_beyond_the_cap_are_left_out(log: FactsLog) -> None:
    """Of more series than a worker shows there are none, and whoever was left out is counted once."""
    floor = Floor(OF_REPS, most_series=2 * OF_REPS.most_series - 1)
    floor.add(log)

    for _ in range(2):
        assert len(await floor.values("salespulse_kpi_calls", window="1h")) == 1
    assert floor.dropped == [("scope", 1)]


async def test_both_formats_say_the_same(log: FactsLog) -> None:
    """A scraper that asks for OpenMetrics reads the samples that one of text reads."""
    floor = Floor()
    floor.add(log)

    assert len({repr(await floor.scrape(accept)) for accept in READERS}) == 1


@pytest.mark.parametrize("choice", [ALL, OF_REPS])
async def test_promtool_finds_no_fault(log: FactsLog, choice: Choice) -> None:
    """What is sent keeps to the format and to the customs of names, by Prometheus' own checker."""
    floor = Floor(choice)
    floor.add(log)

    lines = (await floor.text()).splitlines(keepends=True)
    # A sales cycle is told in days, whatever the base unit of time is: nobody reads one in seconds.
    promtool("check", "metrics", told="".join(line for line in lines if "_days" not in line))


async def test_what_did_not_change_is_not_made_again(log: FactsLog) -> None:
    """Of a rep who did something the lines are made anew; those of the other one are the same ones as before."""
    floor = Floor(OF_REPS)
    floor.add(log)
    lease, stage = floor.leases[0]
    lines = KeptLines("acme", OF_REPS)
    before, _ = await lines.see(lease, stage.board, 10)
    fold(stage, [log.add(NOON, cell("north", "8", NOON, calls=1))])
    after, _ = await lines.see(lease, stage.board, 10)

    assert [was is now for was, now in zip(before.kept, after.kept, strict=True)] == [True, False]
    assert after.whole


async def test_nothing_is_kept_of_a_lease_that_ended(log: FactsLog) -> None:
    """A partition that comes back is read anew, even if its state is as it was."""
    floor = Floor()
    floor.add(log)
    before = await floor.text()
    lease, stage = floor.leases.pop()
    assert "salespulse_kpi_calls{" not in await floor.text()
    floor.leases.append((lease, stage))

    assert await floor.text() == before


async def test_working_hours_feeds_and_the_cut_are_shown(log: FactsLog) -> None:
    """Whether a team works now, when each source was last heard, and the position all figures equal."""
    floor = Floor()
    floor.add(log, partition=2)

    assert await floor.values("salespulse_team_at_work", team="team:north") == [1]
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
    labels = {"namespace": "acme", "team": "team:north", "source": "dialer", "partition": "0"}

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
    assert shown == [({**labels, "partition": "0"}, 1.0)]


@pytest.mark.parametrize(("behind_ms", "shown"), [(0, 1), (60_000, 1), (60_001, 0), (86_400_000, 0)])
async def test_what_is_long_over_is_not_told(log: FactsLog, behind_ms: int, shown: int) -> None:
    """While a partition reads history again, or stands still, its alerts, hours and missed feeds are no series."""
    log.add(NOON, cell("north", "8", NOON, activities=1), feeds={"dialer": NOON})
    for minute in range(1, 90):
        log.add(NOON + minute * 60_000, cell("north", "7", NOON + minute * 60_000, calls=1, activities=1))
    floor = Floor()
    floor.add(log, alerts=AlertPolicy(feed_known_days=0))
    floor.behind_ms = behind_ms
    scrape = await floor.scrape()

    told = ("alert_open", "alert_opened_timestamp_seconds", "alert_acknowledged", "team_at_work", "feed_missed")
    assert [len(scrape.get(f"salespulse_{name}", ())) for name in told] == [shown] * len(told)
    assert scrape["salespulse_kpi_calls"]
    assert scrape["salespulse_now_timestamp_seconds"][0][1] == NOON / 1000 + 89 * 60
    assert scrape["salespulse_last_event_timestamp_seconds"]


async def test_one_partition_that_stands_still_hides_its_own_only(log: FactsLog) -> None:
    """What another one says of its teams is shown."""
    later = FactsLog()
    later.employ("south", "9")
    later.add(NOON + 120_000, cell("south", "9", NOON + 120_000, activities=1))
    floor = Floor()
    floor.add(log)
    floor.add(later, partition=1)

    assert [labels["team"] for labels, _ in (await floor.scrape())["salespulse_team_at_work"]] == ["team:south"]


async def test_callers_who_wait_are_shown_with_since_when(log: FactsLog) -> None:
    """How many wait, and when the first of them called; no instant where nobody does, or of what is long over."""
    for called_ms, number in ((NOON - 90_000, 1), (NOON - 20_000, 2)):
        waiting = {f"callers_waiting:{called_ms // 1000 % 3840}": number}
        log.add(NOON, ("north", "", day("2026-11-23"), called_ms // 60_000, waiting))
    log.employ("south", "9")
    log.add(NOON, cell("south", "9", NOON, calls=1, activities=1))
    floor = Floor()
    floor.add(log)
    since = "salespulse_longest_wait_since_timestamp_seconds"

    assert await floor.values("salespulse_kpi_callers_waiting", scope="team:north", window="now") == [3]
    assert (await floor.scrape())[since] == [({"namespace": "acme", "team": "team:north"}, NOON / 1000 - 90)]
    floor.behind_ms = 60_001
    assert since not in await floor.scrape()


async def test_achievements_and_contests_are_counted(log: FactsLog) -> None:
    """By kind those that stand, by state the contests; one that is taken back is in neither."""
    log.organise("recognition:calls", {"whose": "teams", "kpi": "calls", "milestones": [1, 2, 1000]})
    log.add(NOON, cell("north", "7", NOON, calls=2, activities=2))
    floor = Floor()
    floor.add(log)
    assert [await floor.values("salespulse_achievements", kind=kind) for kind in ("best", "milestone", "streak")] == [
        [0], [2], [0],
    ]  # fmt: skip
    log.organise("recognition:calls", None)
    later = Floor()
    later.add(log)
    assert await later.values("salespulse_achievements", kind="milestone") == [0]
    assert [await later.values("salespulse_contests", state=state) for state in ("running", "final")] == [[0], [0]]


async def test_every_sample_has_the_namespace(log: FactsLog) -> None:
    """Several deployments can be scraped into one Prometheus."""
    floor = Floor()
    floor.add(log)

    labels = [found for samples in (await floor.scrape()).values() for found, _ in samples]
    assert labels
    assert all(found["namespace"] == "acme" for found in labels)


async def test_families_are_there_before_there_is_data() -> None:
    """A scrape of a worker without a lease names every family, so that dashboards find them."""
    names = re.findall(r"^# TYPE (\S+) gauge$", await Floor().text(), re.MULTILINE)

    assert "salespulse_kpi_calls" in names
    assert len(names) == len(set(names))


async def pass_time(floor: Floor, log: FactsLog, to_ms: int) -> None:
    """Let time go on to an instant, at once."""
    lease, stage = floor.leases[0]
    record = log.add(to_ms)
    fold(stage, [record])
    lease.computed = record.offset
    lease.advance()


@pytest.mark.parametrize("age_minutes", [5, 15, 60, 480])
async def test_time_that_goes_on_during_a_scrape_tears_no_scope_apart(age_minutes: int) -> None:
    """Whether a rep's calls are still in the hour or not, they are once in the day."""
    log, reps = FactsLog(), [str(number) for number in range(MANY)]
    past = NOON - age_minutes * 60_000
    log.add(NOON, *(cell("north", rep, past, calls=1) for rep in reps))
    floor = Floor(OF_REPS)
    floor.add(log)

    scraped = asyncio.create_task(floor.values("salespulse_kpi_calls", window="day"))
    for minute in range(1, 20):
        await asyncio.sleep(0)
        await pass_time(floor, log, NOON + minute * 60_000)

    assert await scraped == [1 for _ in reps]


async def test_a_large_scrape_is_of_one_position() -> None:
    """What changes while it is made is in it, and the cut it names is the one that its lines equal."""
    log = FactsLog()
    log.add(NOON, *(cell("north", str(rep), NOON, calls=1) for rep in range(MANY)))
    floor = Floor(OF_REPS)
    floor.add(log)
    lease, stage = floor.leases[0]

    scraped, turns = asyncio.create_task(floor.scrape()), 0
    while not scraped.done():
        await asyncio.sleep(0)
        if turns < 5:
            record = log.add(NOON, *(cell("north", str(rep), NOON, calls=1) for rep in (0, MANY - 1)))
            fold(stage, [record])
            lease.computed = record.offset
            turns += 1
    found = scraped.result()
    [(_, offset)] = found["salespulse_cut_offset"]
    by_rep = {labels["rep"]: value for labels, value in found["salespulse_kpi_calls"] if labels["window"] == "day"}

    assert len(by_rep) == MANY
    assert turns > 1
    assert by_rep["0"] == by_rep[str(MANY - 1)] == offset + 1


async def test_homes_that_expire_during_a_scrape_are_left_out() -> None:
    """What is no longer there when the scrape ends is not shown, and is no trouble."""
    log = FactsLog()
    log.add(NOON, *(cell(f"team-{number}", rep, NOON, calls=1) for number in range(9) for rep in ("7", "8")))
    floor = Floor(Choice(BY_NAME, NAMES, reps=True))
    floor.add(log)

    scraped = asyncio.create_task(floor.values("salespulse_kpi_calls", window="day"))
    await asyncio.sleep(0)
    await pass_time(floor, log, NOON + 2000 * 86_400_000)

    assert await scraped == []


async def test_what_is_usual_is_shown_of_teams_with_its_band(log: FactsLog) -> None:
    """16 at nine on each of four Mondays: the band reaches two square roots to either side. Of reps there is none."""
    for week in range(1, 5):
        nine_ms = NOON - 3 * 3_600_000 - week * 7 * 86_400_000
        log.add(NOON, cell("north", "7", nine_ms, activities=16))
    floor, of_reps = Floor(), Floor(OF_REPS)
    floor.add(log)
    of_reps.add(log)

    by_now = {"team": "team:north", "kpi": "activities_usual"}
    names = [f"salespulse_activities_usual{bound}" for bound in ("", "_low", "_high")]
    assert [await floor.values(name, **by_now) for name in names] == [[16], [8], [24]]
    assert await floor.values(names[0], team="team:north", kpi="activities_usual_hour") == [0]
    assert not await of_reps.values(names[0])


async def test_goals_of_teams_are_shown_in_main_units(log: FactsLog) -> None:
    """Share, target and projection of each, by KPI and window; on the path of reps there is none."""
    month = {"period": "month", "period_start": day("2026-11-01")}
    log.organise("target:1", {"team_id": "north", "kpi": "bookings", "value": 246_912, **month})
    log.organise("target:2", {"team_id": "north", "kpi": "calls", "value": 16, **month})
    floor, of_reps = Floor(), Floor(OF_REPS)
    floor.add(log)
    of_reps.add(log)

    calls = {"team": "team:north", "kpi": "calls", "window": "month"}
    assert await floor.values("salespulse_goal_attainment_ratio", **calls) == [0.25]
    assert await floor.values("salespulse_goal_target", **calls) == [16]
    assert await floor.values("salespulse_goal_target", kpi="bookings", currency="EUR") == [2469.12]
    (projection,) = await floor.values("salespulse_goal_projection", **calls)
    assert projection > 4
    assert not await of_reps.values("salespulse_goal_target")
