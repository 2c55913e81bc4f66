"""docs/operations.md says what there is: no metric is missing, none is made up, and every line is one that is said."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from pipeline.audit.schedule import Results
from pipeline.config.settings import load_settings
from pipeline.monitoring.metrics import Metrics
from pipeline.notifying.notify_metrics import NotifyMetrics
from pipeline.policies import shown_of_all
from pipeline.sinks.kept_lines import KeptLines
from pipeline.sinks.prometheus import BoardPage, Snapshot
from pipeline.web.access import BoardMetrics
from tests.harness.quiet_board import QuietBoard

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def shown() -> set[str]:
    """The names of all metrics that a worker, a board, a notifier or an audit shows, KPIs under one name."""
    registry = CollectorRegistry()
    Metrics(registry, "any")
    Results("any", registry)
    BoardMetrics(QuietBoard("any"), registry)
    NotifyMetrics("any", registry)
    own = {f"{family.name}{'_total' * (family.type == 'counter')}" for family in registry.collect()}
    page = BoardPage("any", KeptLines("any", shown_of_all(load_settings({}))), Snapshot(), None, reps=False)
    boards = {family.name for family in page.families()}
    return {
        re.sub(r"^salespulse_kpi_\w+", "salespulse_kpi_<kpi>", name)
        for name in own | boards
        if not name.startswith("process_")
    }


def test_every_metric_has_its_line() -> None:
    """The page names exactly the metrics that there are."""
    assert set(re.findall(r"`(salespulse_[\w<>]+)`", PAGE)) == shown()


def test_ports_are_those_of_the_compose_file() -> None:
    """Every address on the page is one that the compose file opens."""
    compose = (Path(__file__).parents[3] / "deploy" / "compose" / "compose.yaml").read_text()

    for port in re.findall(r"127\.0\.0\.1:(\d+)[`>]", PAGE):
        assert f":-{port}}}:" in compose


def alerts() -> Iterator[tuple[str, str, str]]:
    """The name, severity and area of each alert in the rules of Prometheus, in their order."""
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules" / "alerts.yaml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["labels"]["severity"], rule["labels"]["area"]


def test_of_every_alert_it_is_said_who_acts_and_what_first() -> None:
    """A line for each alert, in the order of the rules, with its severity: ops act, and on the floor the lead."""
    table = PAGE.split("| alert | severity | who acts | first |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    actors = {"floor": "the team's lead"}

    assert [line[0] for line in lines] == [f"[{name}](#{name.lower()})" for name, _, _ in alerts()]
    for (name, severity, area), (_, said, who, first) in zip(alerts(), lines, strict=True):
        assert said == severity, name
        assert who.startswith(actors.get(area, "ops")), name
        assert first, name


@cache
def said_by_the_code() -> str:
    """Every text of the pipeline's code, one a line, with an ellipsis where a value is put in."""
    texts: list[str] = []
    for path in sorted((Path(__file__).parents[3] / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                texts.append("".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values))
    return "\n".join(texts)


def keys_of(heading: str) -> list[str]:
    """The lines in the first column of the table that begins with this heading."""
    rows = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [line for row in rows for line in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


@pytest.mark.parametrize("line", [*keys_of("missing"), *keys_of("the line says")])
def test_every_line_that_is_looked_up_is_said(line: str) -> None:
    """Each piece of a line between its ellipses stands in the code; the name of a library's error is not ours."""
    code = said_by_the_code()

    pieces = [piece.strip(" :,") for piece in re.split(r"…|: \w+Error\b|\d+|(?= took longer)", line)]
    assert any(pieces)
    assert [piece for piece in pieces if piece not in code] == []
