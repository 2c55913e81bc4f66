"""A window that is over takes few bytes in Redis, and comes back from them as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.redis_picture import spelled_out
from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import Figure
from pipeline.sinks.past_form import NoLegendError, legend, pack, read_legends, unpack
from tests.harness.measures import OWN, SHARED

LEGENDS = read_legends({"d1": legend()})
FAMILIES = DEFINITION.table.families
NAMES = [name + {":": "default:offer", "~": "12"}.get(name[-1], "") for name in sorted({*SHARED, *OWN})]
measures = st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 10) | st.integers(-(2**70), 2**70), max_size=12)


def past(kpis: dict[str, str], scope: str = "team:north") -> Figure:
    """A month of a scope."""
    return Figure(
        scope, scope, "month", "month:2026-10", 5, 9, "restated", False, 77, (1000, 12), "EUR", "d1", kpis, tuple(kpis),
        activities_fixed=True,
    )  # fmt: skip


@given(measures, st.booleans(), st.integers(0, DEFINITION.table.all_families))
def test_any_window_comes_back(given_: dict[str, int], rep: bool, families: int) -> None:
    """With all that was said of it, number by number; the audit reads the same by itself."""
    texts = DEFINITION.texts.of(given_, {}, families, "month", rep=rep)
    scope = "rep:7" if rep else "team:north"
    packed = pack(past(texts, scope))
    kept = unpack(packed, scope, LEGENDS)

    wanted = {family: json.loads(f"{{{text}}}") for family, text in texts.items()}
    assert dict(kept.families) == wanted
    assert kept[:7] == (77, 5, "restated", True, (1000, 12), "EUR", "d1")
    nothing = json.loads(legend())["reps" if rep else "others"]
    held: dict[str, Any] = json.loads(packed)[8]
    assert {family: dict(spelled_out(said, nothing[family])) for family, said in held.items()} == wanted


def test_a_window_is_small() -> None:
    """A rep's day with calls and emails, where deals and meetings are known of the team: a ninth of what it says."""
    counted = {"calls": 31, "dials": 28, "connected": 12, "connected_dials": 11, "talk_ms": 1_860_500, "talk_legs": 12}
    known = DEFINITION.table.bits(frozenset({"calls", "emails", "meetings", "activities", "deals"}))
    texts = DEFINITION.texts.of({**counted, "emails": 5, "activities": 17}, {}, known, "day", rep=True)
    packed = pack(past(texts, "rep:7"))

    assert len(packed) < 200
    assert len(packed) * 8 < sum(map(len, texts.values())) + 200 * len(texts)


def test_a_window_without_its_legend_is_told_apart() -> None:
    """It is none that somebody else wrote: Redis has lost the legend."""
    with pytest.raises(NoLegendError):
        unpack('[1,2,"final",0,1,2,"EUR","d2",{}]', "team:north", LEGENDS)


@pytest.mark.parametrize("text", ["", "[]", "{}", '[1,2,"final",0,1,2,"EUR","d1",7]'])
def test_what_is_no_window_is_told(text: str) -> None:
    """Whatever it is."""
    with pytest.raises(ValueError, match="no window that is over"):
        unpack(text, "team:north", LEGENDS)
