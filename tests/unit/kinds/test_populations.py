"""One population a KPI: what is counted above the line is counted below it, in the same cell, by the same object."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.kinds.cells import Cells
from pipeline.kinds.deal import TIMES
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.scores.velocity import velocity
from tests.unit.ledger.any_events import any_event, any_lead_event
from tests.unit.ledger.world import World, organisation

EXEMPT = {
    **dict.fromkeys(
        ("cac", "cac_30d", "cac_60d", "cac_90d"),
        "cost of a period over the customers of its days: two kinds of objects, which meet in a window only",
    ),
    "pipeline_velocity": "deals open now, at the pace of those that were closed",
} | {
    kpi.name: "what was done over what was reached: different objects, which meet in a window only"
    for kpi in KPIS
    if kpi.family == "effort"
}
QUOTIENTS = [kpi for kpi in KPIS if kpi.formula in ("ratio", "mean") and kpi.name not in EXEMPT]
MEDIANS = [kpi for kpi in KPIS if kpi.formula in QUANTILES]
MONEY = [kpi for kpi in KPIS if kpi.amounts and kpi.formula not in QUANTILES and kpi.name not in EXEMPT]
SAMPLES = {
    m.WON_CYCLE: m.WON_CYCLES,
    m.LOST_CYCLE: m.LOST_CYCLES,
    m.LEAD_TRY: m.LEADS_WORKED,
    m.LEAD_CONTACT: m.LEADS_CONTACTED,
}
"""By sketch: what counts the values in it, but for amounts."""
IN_UNITS = {
    "avg_talk_time", "avg_hold_time", "avg_wrap_up_time", "avg_handle_time", "answer_speed", "sales_cycle",
    "lost_cycle", "avg_deal_size", "speed_to_lead", "speed_to_contact", "call_quality", "customer_satisfaction", "enps",
}  # fmt: skip
"""The KPIs that divide time, money or ratings by a count; all other quotients are parts of a whole."""
MOVED = {name for kpi in KPIS if kpi.family == "splits" for name in (kpi.name, *kpi.numerator)}
MOVED |= {
    m.DEALS_CREATED_SPLIT_MINOR, m.DEALS_CREATED_NOW_SPLIT_MINOR, m.OPEN_QUALIFIED_SPLIT_MINOR, m.PIPELINE_SPLIT_MINOR
}  # fmt: skip
"""What splits move between reps, KPIs and measures: money of deals that the owner alone counts."""
EVENTS = st.lists(any_event(), min_size=8, max_size=40) | st.lists(any_lead_event(), min_size=8, max_size=40)
Sums = Mapping[str, int]


def _sum(sums: Sums, names: tuple[str, ...]) -> int:
    return sum(sums.get(name, 0) for name in names)


def _deals(sums: Sums, kpi: Kpi) -> int:
    """How many deals the amounts of a KPI are of."""
    return sum(_sum(sums, (each.deals,)) - _sum(sums, each.left_out) for each in kpi.amounts)


def _stem(sums: Sums, stem: str) -> int:
    return sum(amount for name, amount in sums.items() if name.startswith(stem))


def wrong(kpi: Kpi, sums: Sums) -> bool:
    """Whether a cell counts something above the line of a quotient that it does not count below.

    A part of a whole is not below nothing either, whatever single amounts are.
    """
    above, below = _sum(sums, kpi.numerator), _sum(sums, kpi.denominator) - _sum(sums, kpi.left_out)
    no_part = kpi.name not in IN_UNITS and not 0 <= above <= below
    return (above > 0 and below <= 0) or below < 0 or no_part


def wrong_amounts(kpi: Kpi, sums: Sums) -> bool:
    """Whether a cell has money of deals that it does not count, or leaves out more of them than there are.

    But for what splits move there: of that `moved` tells whether it comes from elsewhere.
    """
    deals = _deals(sums, kpi)
    owned = tuple(name for name in kpi.numerator if name not in MOVED)
    return deals < 0 or (_sum(sums, owned) != 0 and deals == 0)


def wrong_middle(kpi: Kpi, sums: Sums) -> bool:
    """Whether a median, or another quantile, is of more than there are."""
    deals = _deals(sums, kpi)
    counted = SAMPLES.get(kpi.numerator[0])
    return _stem(sums, kpi.numerator[0]) > (deals if counted is None else sums.get(counted, 0))


def wrong_stages(sums: Sums) -> Iterator[str]:
    """The stages of a cell that more deals left than entered."""
    for name, entered in sums.items():
        if name.startswith(m.STAGE_ENTERED):
            stage = name.removeprefix(m.STAGE_ENTERED)
            if sums.get(m.STAGE_CONVERTED + stage, 0) + sums.get(m.STAGE_LOST + stage, 0) > entered:
                yield stage
        elif name.startswith((m.STAGE_CONVERTED, m.STAGE_LOST)):
            stage = name.partition(":")[2]
            if m.STAGE_ENTERED + stage not in sums:
                yield stage


def wrong_times(sums: Sums) -> Iterator[str]:
    """The stages of a cell with time and no deal, with fewer last visits than deals, or skipped more than entered."""
    for summed, sketched in TIMES:
        for name in sums:
            if name.startswith(summed) and not _stem(sums, f"{sketched}{name.removeprefix(summed)}~"):
                yield name
    if _stem(sums, m.STAGE_LATEST) != _stem(sums, m.STAGE_TOTAL):
        yield m.STAGE_LATEST
    for name, skipped in sums.items():
        stage = name.removeprefix(m.STAGE_SKIPPED)
        if stage != name and skipped > sums.get(m.STAGE_ENTERED + stage, 0):
            yield name


def moved(cells: Cells) -> dict[str, int]:
    """What splits add to all cells of an object together, which has to be nothing."""
    sums = {name: sum(each.get(name, 0) for each in cells.values()) for name in MOVED}
    return {name: amount for name, amount in sums.items() if amount}


CHECKS = [
    *((kpi, wrong) for kpi in QUOTIENTS), *((kpi, wrong_amounts) for kpi in MONEY),
    *((kpi, wrong_middle) for kpi in MEDIANS),
]  # fmt: skip
"""What can be wrong with each KPI."""
OF_MINUTES = [(kpi, is_wrong) for kpi, is_wrong in CHECKS if kpi.where in ("period", "always")]


def by_day(cells: Cells) -> Iterable[Sums]:
    """What each place counts in a day, with what is in its minutes and what is in none; or stands there."""
    days: dict[tuple[str, str, int | None], Counter[str]] = {}
    for (team, rep, day, _), sums in cells.items():
        days.setdefault((team, rep, day), Counter()).update(sums)
    return days.values()


def found_wrong(cells: Cells) -> list[tuple[str, Sums]]:
    """Everything that is wrong with what an object, or all of them, contribute: to a minute, and to a day.

    What KPIs of whole days are about is in no minute, so those are right of days alone.
    """
    found: list[tuple[str, Sums]] = []
    for sums in cells.values():
        found += [(kpi.name, sums) for kpi, is_wrong in OF_MINUTES if is_wrong(kpi, sums)]
        found += [(stage, sums) for stage in wrong_stages(sums)]
    for total in by_day(cells):
        found += [(kpi.name, total) for kpi, is_wrong in CHECKS if is_wrong(kpi, total)]
        found += [(stage, total) for stage in wrong_times(total)]
    return found


@given(EVENTS)
def test_what_is_above_the_line_is_below_it(events: list[dict[str, Any]]) -> None:
    """Of each object in each cell, and of all of them together: nothing is divided by what it is no part of."""
    world = World(partitions=1).play(organisation(), events)

    assert [found for cells in world.statements() for found in found_wrong(cells)] == []
    assert found_wrong(world.total()) == []
    assert [left for cells in world.statements() if (left := moved(cells))] == []


def test_all_quotients_are_looked_at() -> None:
    """But for those that say why not."""
    assert {kpi.name for kpi in QUOTIENTS} | EXEMPT.keys() >= {
        kpi.name for kpi in KPIS if kpi.formula in ("ratio", "mean", "velocity")
    }
    assert IN_UNITS | EXEMPT.keys() <= BY_NAME.keys()


@pytest.mark.parametrize(
    ("name", "sums"),
    [
        ("avg_talk_time", {m.TALK_MS: 5, m.CONNECTED: 1}),
        ("connect_rate", {m.CONNECTED_DIALS: 2, m.DIALS: 1}),
        ("service_level_20s", {m.ANSWERED_IN_20S: 1, m.OFFERED: 1, m.ANSWERED_UNTIMED: 1}),
        ("avg_deal_size", {m.WON_MINOR: 5, m.WON: 1, m.WON_WITHOUT_AMOUNT: 1}),
        ("avg_deal_size", {m.WON_MINOR: 5, m.WON: 1, m.WON_ADJUSTMENTS: 1}),
        ("win_rate_value", {m.WON_MINOR: 5, m.LOST_MINOR: -1}),
        ("win_rate_value", {m.WON_MINOR: -5, m.LOST_MINOR: 6}),
        ("speed_to_lead_p90", {f"{m.LEAD_TRY}5": 1, m.LEADS_CREATED: 1}),
        ("leads_tried_15m", {m.LEADS_TRIED_5M: 1, m.LEADS_TRIED_5_15M: 1, m.LEADS_CREATED: 1}),
    ],
)
def test_what_is_wrong_is_found(name: str, sums: dict[str, int]) -> None:
    """The check itself: each of these was so once, or could be."""
    assert name in {found for found, _ in found_wrong({("north", "rep-01", 1, 1): sums})}


def test_the_money_of_deals_says_of_how_many_it_is() -> None:
    """Whatever gives minor units tells of which deals; but cost, which is of none. Velocity says so by itself.

    The parts of the change of the pipeline leave that to the change, of which they are published together.
    """
    cost = {kpi.name for kpi in KPIS if kpi.name.startswith(("cost", "cac"))}
    shares = {"win_rate_value", "pipeline_coverage"}
    money = {kpi.name for kpi in KPIS if kpi.unit.startswith("minor")} | shares
    parts = {measure.removesuffix("_minor") for measure in BY_NAME["pipeline_change"].numerator}

    assert parts < money
    assert {kpi.name for kpi in KPIS if kpi.amounts} == money - cost - {"pipeline_velocity"} - parts - MOVED
    assert {"without_amount", "unconverted"} <= velocity({}, {}).keys()
