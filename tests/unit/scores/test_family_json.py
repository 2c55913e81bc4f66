"""A family is written in one piece exactly as its KPIs are one by one, whatever its rows and however large sums are."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.family_json import family_writer
from pipeline.scores.kpi import Amounts, Formula, Kpi
from pipeline.scores.kpi_json import kpi_writer
from pipeline.scores.named import Named

MEASURES = ("calls", "it's", 'a "b"', "{won}", "lost\\n", "deals", "without", "unconverted")
names = st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3).map(tuple)
numbers = st.one_of(st.integers(-3, 9), st.integers(-(2**66), 2**66))
NOTHING_NAMED = Named({}, {})


@st.composite
def rows(draw: st.DrawFn) -> Kpi:
    """A row with any formula that has a number, and velocity, which has more than that."""
    formula: Formula = draw(st.sampled_from(["count", "age", "ratio", "mean", "velocity"]))
    quotient = formula in ("ratio", "mean")
    amounts = draw(st.lists(st.just(Amounts("deals", "without", "unconverted")), max_size=2).map(tuple))
    return Kpi(
        number=1,
        name=draw(st.sampled_from(["one", "two", "three"])),
        family="any",
        formula=formula,
        unit="count",
        basis="",
        better="up",
        description="",
        source="",
        numerator=draw(st.sampled_from(MEASURES).map(lambda name: (name,)) if formula == "age" else names),
        denominator=draw(names) if quotient else (),
        divisor=draw(st.sampled_from([1, 1000])) if formula != "age" else 1,
        left_out=draw(st.one_of(st.just(()), names)) if quotient else (),
        amounts=amounts if formula != "age" else (),
    )


@given(
    st.lists(rows(), min_size=1, max_size=5),
    st.dictionaries(st.sampled_from(MEASURES), numbers),
    st.dictionaries(st.sampled_from(MEASURES), numbers),
)
def test_a_family_is_written_as_its_kpis_are(
    kpis: list[Kpi], measures: dict[str, int], standing: dict[str, int]
) -> None:
    """Also where what is divided by is 0, and where one sum of the family leaves 64 bits."""
    one_by_one = [kpi_writer(kpi) for kpi in kpis]
    at_once = family_writer(kpis, one_by_one)

    text = at_once(measures, standing, NOTHING_NAMED)

    assert text == ",".join(write(measures, standing, NOTHING_NAMED) for write in one_by_one)
