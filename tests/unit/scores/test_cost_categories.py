"""What a new customer costs by category: pure, from the measures of a window."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.measures import COST_CATEGORY_MINOR
from pipeline.scores.cost_categories import MOST_CATEGORIES, REST, by_category


def test_each_category_is_told_with_what_it_is_for_each_customer() -> None:
    """Worked out by hand: 300.00 and 50.00 for two customers. What came to nothing is not named."""
    found = by_category({COST_CATEGORY_MINOR: {"ads": 30_000, "tools": 5_000, "events": 0}}, 2)

    assert found == {
        "value": None,
        "categories": {
            "ads": {"value": 15_000, "numerator": 30_000, "denominator": 2},
            "tools": {"value": 2_500, "numerator": 5_000, "denominator": 2},
        },
    }


def test_without_a_new_customer_there_is_cost_and_no_cost_of_one() -> None:
    """Nor where more customers were taken back than came."""
    for customers in (0, -1):
        told = by_category({COST_CATEGORY_MINOR: {"ads": 30_000}}, customers)["categories"]["ads"]
        assert told == {"value": None, "numerator": 30_000, "denominator": customers}


def test_what_leaves_64_bits_is_null() -> None:
    """And says so."""
    told = by_category({COST_CATEGORY_MINOR: {"ads": 2**63}}, 1)["categories"]["ads"]
    assert told == {"value": None, "numerator": None, "denominator": None, "overflow": True}


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(-(10**9), 10**9), max_size=90))
def test_few_are_named_and_all_are_told(spent: dict[str, int]) -> None:
    """All that was spent, in at most so many categories and the rest; the largest by name."""
    found = by_category({COST_CATEGORY_MINOR: spent}, 1)["categories"]

    assert sum(each["numerator"] for each in found.values()) == sum(spent.values())
    assert len(found) <= MOST_CATEGORIES + 1
    least = min((each["numerator"] for name, each in found.items() if name != REST), default=0)
    assert all(minor <= least for name, minor in spent.items() if minor and name not in found)
