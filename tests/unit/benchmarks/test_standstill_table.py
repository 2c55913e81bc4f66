"""The table of how long figures stand still."""

from benchmarks.tables import standstill


def test_each_thing_that_happens_has_a_row() -> None:
    """With what it was before in the same run, and the ratio of the longest."""
    before = {"longest_seconds": 0.9, "median_seconds": 0.5, "seconds": 40.0}
    during = {"longest_seconds": 5.4, "median_seconds": 4.0, "seconds": 30.0, "longest_ratio": 6.0, "median_ratio": 8.0}
    block = {
        "rolling_restart": {"named": {"workers": 2, "baseline": before, "restarts": during}},
        "organisation_copy": {"5000 reps": {"reps": 5000, "baseline": before, "copy": during}},
    }

    assert standstill(block).splitlines()[2:] == [
        "| 2 named workers restarted in turn | 5.4 | 4 | 0.9 | 0.5 | 6 |",
        "| the organisation's copy, 5,000 reps | 5.4 | 4 | 0.9 | 0.5 | 6 |",
    ]
