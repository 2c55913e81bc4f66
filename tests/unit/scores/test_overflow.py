"""Sums beyond 64 bits: kept exactly, published as null with `overflow`, and back once they fit."""

import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.scores.definition import DEFINITION
from pipeline.scores.funnel import MOST_STAGES, REST, open_stages, stage_conversion, stage_entries
from schemas.integers import LEAST, MOST
from schemas.kpis import KpiValue
from tests.unit.boards.logs import FactsLog, at, day, fold, reread, scoreboard

NOW_MS = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
BROKER_BYTES = 1_048_588
amounts = st.lists(st.integers(-(10**19), 10**19), min_size=1, max_size=8)


def bookings(board: Any) -> dict[str, Any]:
    """What the team has won this year."""
    figures = (f for f in board.board.current() if f.scope == "team:north" and f.kind == "year")
    return dict(next(figures).kpis["bookings"])


@given(amounts, st.randoms(use_true_random=False))
def test_a_sum_comes_back_exactly_once_it_fits(told: list[int], random: Random) -> None:
    """At every step: the sum, or null with `overflow`; also after a recovery, and once everything was taken back."""
    log, board, total = FactsLog(), scoreboard(), 0
    back = [-amount for amount in told]
    random.shuffle(back)
    for amount in [*told, *back]:
        total += amount
        fold(board, [log.add(NOW_MS, ("north", "7", TODAY, None, {m.WON_MINOR: amount, m.WON: 1}))])
        if random.random() < 0.3:
            board = scoreboard(reread(board.store))
        fits = LEAST <= total <= MOST
        found = {name: value for name, value in bookings(board).items() if name in ("value", "overflow")}
        assert found == ({"value": total} if fits else {"value": None, "overflow": True})
    assert total == 0


def written(measures: dict[str, int], kind: str = "90d") -> dict[str, Any]:
    """All KPIs of a window with these measures, which the schema of KPI records takes."""
    families = DEFINITION.table.all_families
    texts = DEFINITION.texts.of(measures, measures, families, kind, rep=False)
    found: dict[str, Any] = json.loads(f"{{{','.join(texts.values())}}}")
    assert all(KpiValue.model_validate_json(json.dumps(value)) for value in found.values())
    return found


@given(st.integers(-(2**66), 2**66), st.integers(-(2**66), 2**66))
def test_quotients_of_such_sums_say_so(won: int, lost: int) -> None:
    """A share of amounts: null where one of its sums leaves 64 bits, which is null too; the other one is told."""
    found = written({m.WON_MINOR: won, m.LOST_MINOR: lost, m.WON: 3})
    share = found["win_rate_value"]
    over, under = LEAST <= won <= MOST, LEAST <= won + lost <= MOST

    assert share.get("overflow", False) is not (over and under)
    assert share["numerator"] == (won if over else None)
    assert share["denominator"] == (won + lost if under else None)
    assert share["n"] == 3
    assert share["value"] == (won / (won + lost) if over and under and won + lost > 0 else None)
    assert found["avg_deal_size"].get("overflow", False) is not over
    assert found["pipeline_velocity"].get("overflow", False) is not over
    assert (found["pipeline_velocity"]["terms"]["avg_deal_size"] is None) is not over


def test_an_amount_beyond_64_bits_is_null_in_its_stage_only() -> None:
    """The deals are still told, and so are all other stages."""
    found = open_stages({"open_stage:": {"p:a": 2, "p:b": 1}, "open_stage_minor:": {"p:a": 2**63}}, {})["stages"]

    assert found["p:a"] == {"value": 2, "amount_minor": None, "overflow": True}
    assert found["p:b"] == {"value": 1, "amount_minor": 0}


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=600))
def test_a_funnel_names_the_largest_stages_and_adds_up_the_rest(counts: list[tuple[int, int]]) -> None:
    """200 stages at most, none of the rest larger; entries and conversion name the same ones; nothing is lost."""
    names = [f"{'p' * 64}:{number:064}" for number in range(len(counts))]
    by_stage = {
        "stage_entered:": {name: entered for name, (entered, _) in zip(names, counts, strict=True)},
        "stage_lost:": {name: lost for name, (_, lost) in zip(names, counts, strict=True) if lost},
    }
    entries, conversion = stage_entries(by_stage), stage_conversion(by_stage)
    shown = {name: each["value"] for name, each in entries["stages"].items() if name != REST}

    assert entries["value"] is None
    assert len(shown) == min(len(counts), MOST_STAGES)
    assert sum(each["value"] for each in entries["stages"].values()) == sum(entered for entered, _ in counts)
    assert sum(each["lost"] for each in conversion["stages"].values()) == sum(lost for _, lost in counts)
    assert conversion["stages"].keys() == entries["stages"].keys()
    assert min(shown.values()) >= max(
        (n for name, (n, _) in zip(names, counts, strict=True) if name not in shown), default=0
    )
    assert len(json.dumps([entries, conversion])) < BROKER_BYTES // 8


def test_a_record_of_all_that_there_is_fits_a_broker() -> None:
    """Funnels of 1,000 stages with the longest names, now and in a period: a figure stays below a fifth of a MiB."""
    names = [f"{'p' * 64}:{number:064}" for number in range(1000)]
    kinds = (m.STAGE_ENTERED, m.STAGE_CONVERTED, m.STAGE_LOST, m.OPEN_STAGE, m.OPEN_STAGE_MINOR)
    measures = {kind + name: MOST for kind in kinds for name in names}

    for kind in ("90d", "now"):
        assert len(json.dumps(written(measures, kind))) < BROKER_BYTES // 5
