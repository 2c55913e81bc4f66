"""The KPI table: values, their three states, and what the table promises about itself."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.kernel.sketch import bucket
from pipeline.scores.definition import DEFINITION
from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.scores.velocity import velocity
from tests.harness.measures import SHARED, SKETCHED
from tests.harness.plain_kpis import evaluate

TABLE = DEFINITION.table
FAMILIES = TABLE.families


def published(
    measures: dict[str, int],
    window: str = "day",
    *,
    standing: dict[str, int] | None = None,
    families: int = TABLE.all_families,
    rep: bool = False,
) -> dict[str, Any]:
    """All KPIs of a window, as they are read again."""
    found = DEFINITION.texts.of(measures, standing or {}, families, window, rep=rep)
    return {name: value for text in found.values() for name, value in json.loads(f"{{{text}}}").items()}


def kpi(name: str, measures: dict[str, int]) -> Any:
    """One KPI of a day."""
    return published(measures)[name]


def test_time_in_a_stage_is_over_the_deals_that_left_it() -> None:
    """Three were there once, for 1, 2 and 12 days, one twice, for 3 and 4 days: by last visits, and by all together."""
    day, minutes = 86_400_000, 1440
    once = {f"{m.STAGE_ONCE}default:offer~{bucket(days * minutes)}": 1 for days in (1, 2, 12)}
    twice = {f"{m.STAGE_LATEST}default:offer~{bucket(4 * minutes)}": 1}
    together = {f"{m.STAGE_TOTAL}default:offer~{bucket(7 * minutes)}": 1}
    sums = {m.STAGE_ONCE_MS: 15 * day, m.STAGE_LATEST_MS: 4 * day, m.STAGE_TOTAL_MS: 7 * day}
    found = published({**once, **twice, **together, **{f"{name}default:offer": ms for name, ms in sums.items()}})

    assert found["stage_time"] == {
        "value": None,
        "stages": {"default:offer": {"value": 4.75, "numerator": 19, "denominator": 4, "n": 4}},
    }
    assert found["stage_time_total"]["stages"]["default:offer"]["value"] == 5.5
    assert found["stage_time_median"]["stages"]["default:offer"] == {"value": pytest.approx(3, rel=0.01), "n": 4}
    assert found["stage_time_total_median"]["stages"]["default:offer"]["value"] == pytest.approx(4.5, rel=0.01)


def test_the_id_of_a_process_may_look_like_a_bucket() -> None:
    """A long one ends with a tilde and a hash, which may have digits only: what follows a stage is a bucket."""
    long = f"{'x' * 43}~{'1234567890' * 2}"
    found = published({f"{m.STAGE_ENTERED}{long}:offer": 3, f"{m.STAGE_ONCE}{long}:offer~0": 2, m.WON: 1})

    assert found["stage_entries"]["stages"] == {f"{long}:offer": {"value": 3}}
    assert found["stage_time_median"]["stages"] == {f"{long}:offer": {"value": 0, "n": 2}}


def test_beyond_200_stages_the_times_of_the_rest_are_one() -> None:
    """Those that most deals left have a name."""
    many = {f"{m.STAGE_ONCE}p:{number:03}~0": 1 + (number == 300) for number in range(301)}
    sums = {f"{m.STAGE_ONCE_MS}p:{number:03}": 86_400_000 for number in range(301)}
    stages = published(many | sums)["stage_time"]["stages"]

    assert len(stages) == 201
    assert stages["p:300"]["n"] == 2
    assert stages["…:other"] == {"value": 1, "numerator": 101, "denominator": 101, "n": 101}


def test_a_ratio_has_numerator_denominator_and_n() -> None:
    """Won of closed, pooled."""
    assert kpi("win_rate", {m.WON: 3, m.LOST: 1}) == {"value": 0.75, "numerator": 3, "denominator": 4, "n": 4}


def test_conversion_is_of_the_deals_created() -> None:
    """Of four created one is won by now; what was won of earlier ones in the window is no part of it."""
    found = kpi("conversion_rate", {m.DEALS_CREATED: 4, m.DEALS_CREATED_WON: 1, m.WON: 3, m.LOST: 1})

    assert found == {"value": 0.25, "numerator": 1, "denominator": 4, "n": 4}
    assert kpi("conversion_rate", {m.WON: 3})["value"] is None


def test_a_ratio_without_denominator_is_null() -> None:
    """Nothing closed: there is no win rate, and it is not 0."""
    assert kpi("win_rate", {})["value"] is None
    assert kpi("win_rate", {m.LOST: 2})["value"] == 0


def test_a_count_of_nothing_is_zero() -> None:
    """Zero was computed: there were no calls."""
    assert kpi("calls", {}) == {"value": 0}


def test_what_is_won_below_nothing_is_no_deal_size() -> None:
    """Wins of 500 and 700 and a credit of 300: bookings are 900, the mean deal is 600, and velocity goes by that."""
    sums = {m.WON: 3, m.WON_MINOR: 900, m.WON_ADJUSTMENTS: 1, m.WON_ADJUSTMENTS_MINOR: 300}
    beside = {"without_amount": 0, "unconverted": 0}

    assert kpi("bookings", sums) == {"value": 900, "n": 3} | beside
    assert kpi("bookings_adjustments", sums) == {"value": 300, "n": 3} | beside
    assert kpi("avg_deal_size", sums) == {"value": 600, "numerator": 1200, "denominator": 2, "n": 2} | beside
    assert velocity(sums, {})["terms"]["avg_deal_size"] == 600
    alone = {m.WON: 1, m.WON_MINOR: -300, m.WON_ADJUSTMENTS: 1, m.WON_ADJUSTMENTS_MINOR: 300}
    assert kpi("avg_deal_size", alone)["value"] is None


def test_what_is_won_below_nothing_is_no_part_of_the_win_rate_by_value() -> None:
    """Of 1,200 won and 400 lost three quarters, whatever the credit of 300 is; of the credit and 400 lost nothing."""
    won = {m.WON: 3, m.WON_MINOR: 900, m.WON_ADJUSTMENTS: 1, m.WON_ADJUSTMENTS_MINOR: 300}
    sums = won | {m.LOST: 1, m.LOST_MINOR: 400}
    beside = {"without_amount": 0, "unconverted": 0}

    assert kpi("win_rate_value", sums) == {"value": 0.75, "numerator": 1200, "denominator": 1600, "n": 3} | beside
    credit = sums | {m.WON: 1, m.WON_MINOR: -300}
    assert kpi("win_rate_value", credit) == {"value": 0, "numerator": 0, "denominator": 400, "n": 1} | beside
    assert kpi("win_rate_value", credit | {m.LOST: 0, m.LOST_MINOR: 0})["value"] is None


def test_a_change_is_the_sum_of_its_parts() -> None:
    """500 came, 200 were won, and one amount went up by 30: 330 of three changes, of which one has no rate."""
    sums = {m.PIPELINE_NEW_MINOR: 500, m.PIPELINE_WON_MINOR: -200, m.PIPELINE_INCREASED_MINOR: 30}
    of_deals = {m.PIPELINE_CHANGES: 4, m.PIPELINE_CHANGES_UNCONVERTED: 1}

    assert kpi("pipeline_change", sums | of_deals) == {"value": 330, "n": 3, "without_amount": 0, "unconverted": 1}
    assert kpi("pipeline_won", sums | of_deals) == {"value": -200}


def test_a_family_without_any_data_is_absent() -> None:
    """Who has never had a call has no call KPIs at all, rather than zeros."""
    given = published({m.WON: 1}, families=TABLE.bits(frozenset({"deals"})))

    assert {BY_NAME[name].family for name in given} == {"deals"}


def test_durations_are_seconds() -> None:
    """Measures are milliseconds, values seconds; numerators are in the unit of the value."""
    assert kpi("talk_time", {m.TALK_MS: 90_500})["value"] == 90.5
    found = kpi("avg_talk_time", {m.TALK_MS: 90_500, m.TALK_LEGS: 2})
    assert (found["value"], found["numerator"], found["denominator"]) == (45.25, 90.5, 2)


def test_medians_come_from_the_sketch() -> None:
    """The middle of the won amounts, within 1 %."""
    amounts = [100, 5_000, 5_100, 5_200, 900_000]
    sketch = {f"{m.DEAL_SIZE}{bucket(amount)}": 1 for amount in amounts}

    found = kpi("median_deal_size", sketch)

    assert found["value"] == pytest.approx(5_100, rel=0.01)
    assert found["n"] == 5


def test_acquisition_cost_is_not_given_for_reps() -> None:
    """Cost belongs to teams and what is above them."""
    measures = {m.COST_MINOR: 1000, m.NEW_CUSTOMERS: 4}

    assert kpi("cac", measures)["value"] == 250
    assert "cac" not in published(measures, rep=True)


def test_standing_figures_are_given_now_only() -> None:
    """Open deals are a snapshot: no other window has them."""
    assert published({m.OPEN_DEALS: 2}, "now")["open_deals"] == {"value": 2}
    assert "open_deals" not in published({})
    assert "won" not in published({}, "now")


def test_velocity_of_a_known_period() -> None:
    """1,589 qualified deals, 4,238 won of 6,711, bookings of 10,005,534 and 51.782 days: 45,750.76 a day."""
    period = {m.WON: 4238, m.LOST: 2473, m.WON_MINOR: 1_000_553_400, m.WON_CYCLES: 4238, m.WON_CYCLE_DAYS: 219_452}

    found = velocity(period, {m.OPEN_QUALIFIED: 1589})

    assert found["value"] / 100 == pytest.approx(45_750.76, abs=0.05)
    assert found["terms"]["win_rate"] == pytest.approx(0.63150, abs=0.00001)


@pytest.mark.parametrize("missing", [m.WON, m.WON_CYCLES, m.WON_CYCLE_DAYS])
def test_velocity_is_null_where_a_term_is(missing: str) -> None:
    """No win, no cycle, or cycles of 0 days: there is no velocity."""
    period = {m.WON: 1, m.LOST: 1, m.WON_MINOR: 100, m.WON_CYCLES: 1, m.WON_CYCLE_DAYS: 10}
    period.pop(missing)

    assert velocity(period, {m.OPEN_QUALIFIED: 1})["value"] is None


def test_velocity_is_given_for_the_trailing_window() -> None:
    """Standing deals meet the wins of 90 days, nowhere else."""
    assert "pipeline_velocity" in published({}, "90d")
    assert "pipeline_velocity" not in published({}, "quarter")


def test_conversion_names_what_became_of_each_stage() -> None:
    """Entered deals went further, were lost, or are pending."""
    measures = {"stage_entered:default:offer": 5, "stage_converted:default:offer": 2, "stage_lost:default:offer": 1}

    assert kpi("stage_conversion", measures)["stages"] == {
        "default:offer": {"value": 0.4, "numerator": 2, "denominator": 5, "n": 5, "lost": 1, "pending": 2}
    }
    assert kpi("stage_entries", measures) == {"value": None, "stages": {"default:offer": {"value": 5}}}


def test_every_kpi_is_defined_once_and_in_full() -> None:
    """Names are unique, each row says what it means and where that comes from."""
    assert len(BY_NAME) == len(KPIS)
    assert all(kpi.description and kpi.source and kpi.basis and kpi.numerator for kpi in KPIS)


def test_every_published_measure_belongs_to_a_family() -> None:
    """A measure that no KPI uses would never make one appear."""
    named = {name: value for name, value in vars(m).items() if name.isupper() and name not in {"UNASSIGNED", "COMPANY"}}

    assert {name for name, value in named.items() if not TABLE.families_of([value])} == set()


@given(st.dictionaries(st.sampled_from([m.WON, m.LOST, m.CALLS, m.DIALS, m.CONNECTED_DIALS]), st.integers(0, 10**9)))
def test_ratios_lie_between_zero_and_one(measures: dict[str, int]) -> None:
    """A part is never more than its whole."""
    measures[m.CONNECTED_DIALS] = min(measures.get(m.CONNECTED_DIALS, 0), measures.get(m.DIALS, 0))
    for name in ("win_rate", "connect_rate"):
        value = kpi(name, measures)["value"]
        assert value is None or 0 <= value <= 1


named = [value for name, value in vars(m).items() if name.isupper() and value[-1] not in ":~"]
measured = st.dictionaries(
    st.one_of(
        st.sampled_from(named),
        st.sampled_from(sorted({stem for stem in SHARED if stem[-1] == ":"} - {*SKETCHED})).map(
            lambda stem: f"{stem}default:offer"
        ),
        st.tuples(st.sampled_from(SKETCHED), st.sampled_from(["new", "offer"]), st.integers(0, 900)).map(
            lambda found: f"{found[0]}default:{found[1]}~{found[2]}"
        ),
        st.tuples(st.sampled_from([m.DEAL_SIZE, m.WON_CYCLE, m.LOST_CYCLE]), st.integers(0, 900)).map(
            lambda found: f"{found[0]}{found[1]}"
        ),
    ),
    st.integers(-3, 10**12),
)


@example({m.WON_ADJUSTMENTS: 1}, {}, {"deals"}, "rolling", False)
@given(
    measured, measured, st.sets(st.sampled_from(FAMILIES)), st.sampled_from(["rolling", "day", "now", "90d"]),
    st.booleans(),
)  # fmt: skip
def test_every_text_says_what_the_table_does(
    measures: dict[str, int], standing: dict[str, int], families: set[str], window: str, rep: bool
) -> None:
    """Whatever was measured, the texts of all families hold just what follows from the table read row by row."""
    known = frozenset(families)

    found = published(measures, window, standing=standing, families=TABLE.bits(known), rep=rep)

    assert found == evaluate(measures, standing, known, window, rep=rep)
