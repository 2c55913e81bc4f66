"""What the benchmark of the audit audits: a floor whose teams and reps are known, in all its figures."""

from pathlib import Path

from benchmarks.audit import audited, write
from benchmarks.scene import scene


def test_figures_of_a_known_organisation_are_worked_out(tmp_path: Path) -> None:
    """Without its copies all that happened would be of nobody, and lie in a hundredth of the cells."""
    given = scene(400, reps=8, teams=4)
    write(tmp_path, given.organisation, given.arrivals)
    found = audited(tmp_path)

    assert found["events"] == len(given.organisation) + len(given.arrivals)
    assert found["cells"] > found["objects"] > 200
    assert found["kpis"] > 80
    assert found["numbers"] > 10_000
