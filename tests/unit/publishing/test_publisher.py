"""The publisher: figures go out once they are durable, whatever the sinks do meanwhile, and nothing stays behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Self

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry
from redis.backoff import ConstantBackoff

from pipeline.boards.pending import PUBLISHED
from pipeline.kernel.lease import Lease
from pipeline.kernel.store import Store
from pipeline.monitoring.metrics import Metrics
from pipeline.publishing.cpu_budget import CpuBudget
from pipeline.publishing.publisher import Pace, Publisher
from pipeline.scores.board import BoardPolicy
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.kpis import KPIS
from pipeline.sinks.memory import MemorySink
from pipeline.sinks.sink import Sink
from tests.harness.sinks import PartsSink, SlowTopic
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
DAY = "day:2026-11-23"
PACE = Pace(0.001, 0.005, 0.02, ConstantBackoff(0.01))


async def until(condition: Callable[[], object], what: str) -> None:
    """Return once the condition holds; fail, naming `what`, after twenty seconds."""
    try:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(f"waited for {what}") from None


async def turns(seconds: float = 0.05) -> None:
    """Let the publisher have its turn, several times over."""
    await asyncio.sleep(seconds)


class Desk:
    """A lease on a scoreboard, with a publisher; a test folds records and makes them durable.

    A context: leaving it ends the lease.
    """

    def __init__(
        self,
        *sinks: Sink,
        store: Store | None = None,
        epoch: int = 3,
        log: FactsLog | None = None,
        budget: CpuBudget | None = None,
        policy: BoardPolicy | None = None,
        definition: Definition = DEFINITION,
    ) -> None:
        self.log = log or FactsLog()
        self.stage = scoreboard(store, policy, definition)
        self.store = self.stage.store
        position = self.store.position
        self.lease = Lease(
            "facts", 0, 1000, epoch, self.store, self.stage, computed=position, durable=position
        )  # fmt: skip
        self.metrics = Metrics(CollectorRegistry(), "test")
        budget = budget or CpuBudget(1.0)
        self.publisher = Publisher(self.lease, self.stage, sinks, PACE, budget, self.metrics)
        self.task = asyncio.create_task(self.publisher.run())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def fold(self, calls: int, *, minute: int = 0, rep: str = "7", durable: bool = True) -> int:
        """Fold a record with so many calls; its position."""
        now_ms = NOON + minute * 60_000
        record = self.log.add(now_ms, cell("north", rep, now_ms, calls=calls, activities=calls))
        fold(self.stage, [record])
        self.lease.computed = record.offset
        self.lease.advance()
        if durable:
            await self.make_durable(record.offset)
        return record.offset

    async def make_durable(self, position: int) -> None:
        """The delta that covers `position` is acknowledged."""
        self.lease.durable = position
        self.lease.advance()

    async def end(self) -> None:
        """The lease ends."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest_asyncio.fixture
async def desks() -> AsyncIterator[list[Desk]]:
    """The desks of a test; their leases end with it."""
    made: list[Desk] = []
    yield made
    for desk in made:
        await desk.end()


Open = Callable[..., Desk]


@pytest.fixture
def open_desk(desks: list[Desk]) -> Open:
    """Opens a desk."""

    def opened(*sinks: Sink, **more: Any) -> Desk:
        desks.append(Desk(*sinks, **more))
        return desks[-1]

    return opened


def calls(sink: MemorySink, scope: str = "team:north", window: str = DAY) -> int | None:
    """What a reader of the sink sees."""
    found = sink.figure(scope, window)
    return None if found is None else int(found["kpis"]["calls"]["value"])


def shows(sink: MemorySink, wanted: int) -> bool:
    """Whether the day has so many calls."""
    return calls(sink) == wanted


def published(desk: Desk, sink: str = "memory") -> int:
    """Up to where a sink has been served, by the state."""
    return int(desk.store.scalars.get(PUBLISHED, {}).get(sink, [-1])[0])


async def test_figures_wait_until_they_are_durable(open_desk: Open) -> None:
    """What a crash could still undo is never shown."""
    sink = MemorySink()
    desk = open_desk(sink)
    position = await desk.fold(5, durable=False)
    await turns()
    assert calls(sink) is None

    await desk.make_durable(position)
    await until(lambda: calls(sink) == 5, "the figure")


async def test_a_figure_carries_the_position_it_was_taken_at(open_desk: Open) -> None:
    """Version and values belong together, whatever is folded meanwhile."""
    sink = MemorySink()
    desk = open_desk(sink)
    for number in range(1, 30):
        position = await desk.fold(1, durable=number % 3 == 0)
        await asyncio.sleep(0)
        if found := sink.figure("team:north", DAY):
            assert found["kpis"]["calls"]["value"] == found["version"][1] + 1
    await desk.make_durable(position)

    await until(lambda: calls(sink) == 29, "the last figure")
    assert sink.homes["team:north"].figures["team:north", DAY]["version"] == [1000, position]


async def test_nothing_is_taken_from_a_half_folded_batch(open_desk: Open) -> None:
    """While a fold is under way no figure is taken."""
    sink = MemorySink()
    desk = open_desk(sink)
    await desk.fold(5)
    await until(lambda: calls(sink) == 5, "the figure")
    desk.lease.folding = True
    position = await desk.fold(1)
    await turns()
    assert calls(sink) == 5

    desk.lease.folding = False
    await desk.make_durable(position)
    await until(lambda: calls(sink) == 6, "the figure after the fold")


async def test_a_sink_that_was_down_gets_what_it_missed(open_desk: Open) -> None:
    """Others are served meanwhile; when it is back, it shows everything that changed."""
    sink, other = MemorySink(), MemorySink(fast=False)
    other.name = "other"
    desk = open_desk(sink, other)
    await desk.fold(5)
    await until(lambda: calls(sink) == 5, "the figure")
    sink.down = True
    await desk.fold(2, rep="8")
    await until(lambda: calls(other) == 7, "the figure in the other sink")
    assert calls(sink) == 5

    sink.down = False
    await until(lambda: calls(sink) == 7, "the figure that was missed")
    assert calls(sink, "rep:8@north") == 2
    assert desk.metrics.registry.get_sample_value(
        "salespulse_sink_errors_total", {"namespace": "test", "sink": "memory"}
    )


async def test_live_figures_do_not_wait_for_a_topic(open_desk: Open) -> None:
    """While brokers acknowledge nothing, current windows go on; then the topic gets what changed meanwhile, too."""
    sink, topic = MemorySink(), SlowTopic()
    desk = open_desk(sink, topic)
    first = await desk.fold(5)
    await until(topic.asked.is_set, "the topic to be asked")
    for number in range(1, 4):
        await desk.fold(1)
        await until(partial(shows, sink, 5 + number), "a live figure")
    assert published(desk) == first
    assert published(desk, "slow") == -1

    topic.answers.set()
    await until(lambda: calls(topic) == 8 and calls(topic, window="week:2026-W48") == 8, "the figures in the topic")


async def test_a_topic_that_fails_ends_the_publisher(open_desk: Open) -> None:
    """What it cannot do is told at once, though live figures could go on."""
    topic = SlowTopic()
    desk = open_desk(MemorySink(), topic)
    await desk.fold(5)
    await until(topic.asked.is_set, "the topic to be asked")
    del topic.homes
    topic.answers.set()

    await until(desk.task.done, "the end")
    assert isinstance(desk.task.exception(), AttributeError)


async def test_a_sink_that_lost_everything_is_filled_again(open_desk: Open) -> None:
    """The next survey finds the loss, though nothing changes any more."""
    sink = MemorySink()
    desk = open_desk(sink)
    await desk.fold(5)
    await until(lambda: calls(sink) == 5, "the figure")
    sink.forget()

    await until(lambda: calls(sink) == 5 and calls(sink, window="month:2026-11") == 5, "the figures again")


async def test_a_later_owner_is_left_alone(open_desk: Open) -> None:
    """Once a later owner was seen in a sink, this lease writes nothing there, and goes on elsewhere."""
    sink, other = MemorySink(), MemorySink()
    other.name = "other"
    former = open_desk(sink, other)
    await former.fold(5)
    await until(lambda: calls(sink) == 5, "the former owner's figure")
    sink.homes["team:north"].owner = (1000, 99)
    await former.fold(1)

    await until(lambda: calls(other) == 6, "the other sink")
    await turns()
    assert calls(sink) == 5
    assert not former.task.done()


async def test_the_bookmark_goes_into_the_state(open_desk: Open) -> None:
    """The next delta carries up to where everything was published, and what now was there."""
    sink = MemorySink()
    desk = open_desk(sink)
    position = await desk.fold(5)

    await until(lambda: published(desk) == position, "the bookmark")
    assert desk.store.scalars[PUBLISHED]["memory"] == [position, -1, NOON, desk.stage.board.defined_by]


async def test_the_next_owner_publishes_what_a_crash_left_behind(open_desk: Open) -> None:
    """What was durable but not yet published shows after the take-over, past windows too."""
    sink = MemorySink()
    desk = open_desk(sink)
    await desk.fold(5)
    await until(lambda: published(desk) == 0, "the first bookmark")
    sink.down = True
    two_days_ago = NOON - 2 * 86_400_000
    record = desk.log.add(NOON, cell("north", "7", two_days_ago, calls=3))
    fold(desk.stage, [record])
    desk.lease.computed = record.offset
    await desk.make_durable(record.offset)
    await turns()
    state = reread(desk.store)
    await desk.end()
    sink.down = False
    assert calls(sink, window="day:2026-11-21") is None

    open_desk(sink, store=state, epoch=4, log=desk.log)

    await until(lambda: calls(sink, window="day:2026-11-21") == 3, "the past day")
    await until(lambda: calls(sink, window="month:2026-11") == 8, "the month")


async def test_parts_go_on_until_none_is_left(open_desk: Open) -> None:
    """Parts are sent once durable, and again after a take-over from where the bookmark is."""
    parts = PartsSink()
    desk = open_desk(MemorySink(), parts)
    await desk.fold(5)
    await until(lambda: parts.parts, "parts")
    await until(lambda: published(desk, "parts") == 0, "the bookmark")
    await desk.end()
    again = PartsSink()
    state = reread(desk.store)
    state.scalars[PUBLISHED]["parts"] = [-1, -1, -1, ""]

    open_desk(MemorySink(), again, store=state, epoch=4, log=desk.log)

    await until(lambda: again.parts, "the parts again")


async def test_a_pause_ends_once_its_debt_is_paid_off(open_desk: Open) -> None:
    """What a busy process has to wait for goes out when the process has become idle, not when that was foreseen."""
    passed = [0.0, 0.0]
    budget = CpuBudget(0.2, lambda: passed[0], lambda: passed[1])
    with budget.spending(slow=True):
        passed[:] = [100.0, 100.0]
    sink = MemorySink()
    desk = open_desk(sink, budget=budget)
    await desk.fold(1)
    await until(lambda: calls(sink) == 1, "the first figures")
    await desk.fold(1)
    await until(lambda: calls(sink) == 2, "the live figure")
    assert calls(sink, window="week:2026-W48") != 2

    passed[0] += 1000
    await until(lambda: calls(sink, window="week:2026-W48") == 2, "the week")


async def test_no_cut_while_an_offset_is_half_applied(open_desk: Open) -> None:
    """A cut is only given where every figure equals the batch over the log up to it."""
    sink = MemorySink()
    desk = open_desk(sink)
    position = await desk.fold(5)
    await until(lambda: ("scoreboard", 0) in sink.cuts, "a cut")
    assert sink.cuts["scoreboard", 0]["offset"] == position

    desk.store.scalars["seen"]["crm.events/0"][2] = False
    record = desk.log.add(NOON + 60_000)
    fold(desk.stage, [record])
    desk.lease.computed = record.offset
    await desk.make_durable(record.offset)

    await until(lambda: published(desk) == record.offset, "a complete batch")
    assert sink.cuts["scoreboard", 0]["offset"] == position


async def test_publishing_is_measured(open_desk: Open) -> None:
    """Figures are counted by sink, their lag by stage as well."""
    sink = MemorySink()
    desk = open_desk(sink)
    await desk.fold(5)
    labels = {"namespace": "test", "sink": "memory"}

    await until(lambda: desk.metrics.registry.get_sample_value("salespulse_figures_total", labels), "the counter")
    by_stage = labels | {"stage": "scoreboard"}
    assert desk.metrics.registry.get_sample_value("salespulse_publication_lag_seconds_count", by_stage)
    assert desk.metrics.registry.get_sample_value("salespulse_sink_up", labels) == 1


def otherwise(name: str, **columns: Any) -> Definition:
    """The definition with one row of the table changed."""
    return Definition([replace(kpi, version=kpi.version + 1, **columns) if kpi.name == name else kpi for kpi in KPIS])


async def days_ago(desk: Desk, days: int, calls: int) -> None:
    """Fold a record about calls of a day before, and make it durable."""
    record = desk.log.add(NOON, cell("north", "7", NOON - days * 86_400_000, calls=calls, dials=2 * calls))
    fold(desk.stage, [record])
    desk.lease.computed = record.offset
    await desk.make_durable(record.offset)


async def served(desk: Desk, sink: Sink) -> None:
    """Everything that changed is in the sink, by the definition of this desk."""
    wanted = [desk.stage.board.position, desk.stage.board.defined_by]
    await until(
        lambda: desk.store.scalars.get(PUBLISHED, {}).get(sink.name, [])[::3] == wanted, "the sink to be served"
    )


@pytest.mark.parametrize("fast", [True, False])
async def test_a_changed_kpi_reaches_windows_that_are_over(open_desk: Open, *, fast: bool) -> None:
    """After a restart with another row in the table every window shows it, with the version of the definition."""
    sink = MemorySink(fast=fast)
    desk = open_desk(sink)
    await days_ago(desk, 40, 3)
    await days_ago(desk, 2, 4)
    await served(desk, sink)
    assert calls(sink, window="day:2026-10-14") == 3
    state = reread(desk.store)
    await desk.end()

    changed = open_desk(sink, store=state, epoch=4, log=desk.log, definition=otherwise("calls", numerator=("dials",)))
    await served(changed, sink)

    assert calls(sink, window="day:2026-10-14") == 6
    assert calls(sink, window="month:2026-10") == 6
    assert calls(sink, window="day:2026-10-20") == 0
    shown = [figure for home in sink.homes.values() for figure in home.figures.values()]
    assert {figure["definition"] for figure in shown} == {changed.stage.board.definition_version}


async def test_a_new_kpi_of_a_new_family_reaches_windows_that_are_over(open_desk: Open) -> None:
    """Its measures were seen long ago: their families follow from the table, not from what was kept."""
    sink = MemorySink()
    desk = open_desk(sink)
    await days_ago(desk, 40, 3)
    await served(desk, sink)
    state = reread(desk.store)
    await desk.end()
    row = replace(DEFINITION.table.by_name["dials"], name="tries", family="tries")

    changed = open_desk(sink, store=state, epoch=4, log=desk.log, definition=Definition([row, *KPIS]))
    await served(changed, sink)

    found = sink.figure("rep:7@north", "day:2026-10-14")
    assert found is not None
    assert found["kpis"]["tries"] == {"value": 6}


async def test_a_restart_by_the_same_definition_publishes_nothing_again(open_desk: Open) -> None:
    """What is over and has not changed stays as it was written."""
    sink = MemorySink()
    desk = open_desk(sink)
    await days_ago(desk, 40, 3)
    await served(desk, sink)
    written = sink.figure("team:north", "day:2026-10-14")
    await desk.end()

    again = open_desk(sink, store=reread(desk.store), epoch=4, log=desk.log)
    await days_ago(again, 2, 4)
    await served(again, sink)

    assert sink.figure("team:north", "day:2026-10-14") == written


async def test_other_finality_is_published_again(open_desk: Open) -> None:
    """It is no part of the state: the same one tells another state of its windows."""
    sink = MemorySink()
    desk = open_desk(sink)
    await days_ago(desk, 2, 4)
    await served(desk, sink)
    assert state_of(sink, "day:2026-11-21") == "final"
    held = reread(desk.store)
    await desk.end()

    longer = open_desk(sink, store=held, epoch=4, log=desk.log, policy=BoardPolicy(finality_hours=744))
    await served(longer, sink)

    assert state_of(sink, "day:2026-11-21") == "provisional"


async def test_a_sink_that_was_down_meanwhile_gets_the_definition_too(open_desk: Open) -> None:
    """Others were served by it before: what each has is told apart."""
    sink, other = MemorySink(), MemorySink()
    other.name = "other"
    desk = open_desk(sink, other)
    await days_ago(desk, 40, 3)
    await served(desk, sink)
    await served(desk, other)
    state = reread(desk.store)
    await desk.end()
    sink.down = True

    changed = open_desk(
        sink, other, store=state, epoch=4, log=desk.log, definition=otherwise("calls", numerator=("dials",))
    )
    await served(changed, other)
    assert calls(sink, window="day:2026-10-14") == 3

    sink.down = False
    await served(changed, sink)
    assert calls(sink, window="day:2026-10-14") == 6


async def test_another_currency_reaches_windows_without_a_pane(open_desk: Open) -> None:
    """Zeros are of a currency too, and a crash before they were published leaves nothing behind."""
    sink = MemorySink()
    desk = open_desk(sink)
    await days_ago(desk, 40, 3)
    await served(desk, sink)
    sink.down = True
    record = desk.log.organise("company:company", {"currency": "USD"})
    fold(desk.stage, [record])
    desk.lease.computed = record.offset
    await desk.make_durable(record.offset)
    state = reread(desk.store)
    await desk.end()
    sink.down = False

    again = open_desk(sink, store=state, epoch=4, log=desk.log)
    await served(again, sink)

    shown = [figure for home in sink.homes.values() for figure in home.figures.values()]
    assert {figure["currency"] for figure in shown} == {"USD"}


def state_of(sink: MemorySink, window: str) -> str | None:
    """Whether a window is final, as a reader sees it."""
    found = sink.figure("team:north", window)
    return None if found is None else str(found["state"])
