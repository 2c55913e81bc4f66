"""docs/operations.md says what there is: no metric is missing, none is made up."""

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from pipeline.audit.schedule import Results
from pipeline.metrics import Metrics
from pipeline.sinks.prometheus import Snapshot, SnapshotCollector

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def shown() -> set[str]:
    """The names of all metrics that a worker or an audit shows, KPIs under one name."""
    registry = CollectorRegistry()
    Metrics(registry, "any")
    Results("any", registry)
    own = {f"{family.name}{'_total' * (family.type == 'counter')}" for family in registry.collect()}
    boards = {family.name for family in SnapshotCollector("any", Snapshot(), frozenset(), reps=True).collect()}
    return {re.sub(r"^salespulse_kpi_\w+", "salespulse_kpi_<kpi>", name) for name in own | boards}


def test_every_metric_has_its_line() -> None:
    """The page names exactly the metrics that there are."""
    assert set(re.findall(r"`(salespulse_[\w<>]+)`", PAGE)) == shown()


def test_ports_are_those_of_the_compose_file() -> None:
    """Every address on the page is one that the compose file opens."""
    compose = (Path(__file__).parents[2] / "deploy" / "compose" / "compose.yaml").read_text()

    for port in re.findall(r"127\.0\.0\.1:(\d+)[`>]", PAGE):
        assert f":-{port}}}:" in compose
