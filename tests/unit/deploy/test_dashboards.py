import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import promql_parser
import pytest
import yaml

from deploy.grafana.build import DASHBOARDS, DIRECTORY, rendered
from deploy.grafana.grid import Line, Section, place
from deploy.grafana.panels import Look, Query, number
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Part, Read
from pipeline.scores.windows import CALENDAR, NOW, ROLLING, TRAILING
from pipeline.sinks.series_names import series_name
from tests.harness.dashboards import dashboard, expressions, marks, panels, with_values

DEPLOY = Path(__file__).parents[3] / "deploy"
PROVISIONING = DEPLOY / "grafana" / "provisioning"
DAYS = {*CALENDAR, TRAILING}
WINDOWS = {*(window for window, _ in ROLLING), *DAYS, NOW}

every_dashboard = pytest.mark.parametrize("name", sorted(DASHBOARDS))


def named(value: Any, key: str) -> Iterator[Any]:
    """Every value that stands under `key`, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from named(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner, key)


@every_dashboard
class TestDashboard:
    """Each committed dashboard."""

    def test_is_the_one_that_the_code_describes(self, name: str) -> None:
        """The committed JSON is what `make dashboards` writes."""
        committed = (DIRECTORY / f"{name}.json").read_text(encoding="utf-8")

        assert committed == rendered(name)

    def test_panels_have_ids_of_their_own(self, name: str) -> None:
        """No two panels share an id, and none lacks one."""
        ids = [panel.get("id") for panel in dashboard(name)["panels"]]

        assert None not in ids
        assert len(ids) == len(set(ids))

    def test_panels_do_not_overlap(self, name: str) -> None:
        """Every panel has a place of its own within the 24 columns."""
        places = [panel["gridPos"] for panel in dashboard(name)["panels"]]

        assert all(at["x"] >= 0 and at["x"] + at["w"] <= 24 for at in places)
        for one, other in combinations(places, 2):
            beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
            assert beside or below, (one, other)

    def test_asks_only_data_sources_that_are_provisioned(self, name: str) -> None:
        """Every panel, query and variable names a data source, by the uid of a provisioned one."""
        provisioned = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yaml").read_text())["datasources"]
        known = {(source["type"], source["uid"]) for source in provisioned}
        board = dashboard(name)
        asked = [panel.get("datasource") for panel in panels(board)]
        asked += [target.get("datasource") for panel in panels(board) for target in panel["targets"]]
        asked += [variable.get("datasource") for variable in board["templating"]["list"]]

        named = {(source["type"], source["uid"]) if source else ("none", "") for source in asked}

        chosen = next(each for each in board["templating"]["list"] if each["type"] == "datasource")
        assert named <= {("prometheus", "${datasource}"), ("none", "")}
        assert (chosen["query"], chosen["current"]["value"][0]) in known

    def test_queries_are_promql(self, name: str) -> None:
        """Every query parses, once its variables have values."""
        for expression in (*expressions(dashboard(name)), *marks(dashboard(name))):
            assert promql_parser.parse(with_values(expression)) is not None

    def test_queries_ask_for_kpis_and_windows_that_exist(self, name: str) -> None:
        """A KPI in a query is a row of the KPI table, its window one that the KPI is given in."""
        asked = [
            found
            for expression in expressions(dashboard(name))
            for found in re.findall(r"(salespulse_kpi_\w+)\{[^}]*window=\"(\w+)\"", expression)
        ]

        known = {series_name(Read(kpi, part)): kpi.name for kpi in BY_NAME.values() for part in get_args(Part)}
        for series, window in asked:
            kpi = known[series]
            assert window in WINDOWS
            assert BY_NAME[kpi].where in {"period", window, "days" if window in DAYS else window}, (kpi, window)
            assert (window == NOW) == (BY_NAME[kpi].where == NOW), (kpi, window)

    def test_panels_explain_themselves(self, name: str) -> None:
        """Every panel has a title and a description, every curve a legend, every query a reference of its own."""
        for panel in panels(dashboard(name)):
            assert panel["title"]
            assert panel["description"]
            references = [target["refId"] for target in panel["targets"]]
            assert len(references) == len(set(references))
            if panel["type"] == "timeseries":
                assert panel["options"]["legend"]["showLegend"] is True

    def test_refreshes_every_five_seconds_for_a_chosen_deployment_and_team(self, name: str) -> None:
        """The page follows by itself; beside the data source there is no variable but these two, and each is used."""
        board = dashboard(name)
        names = [variable["name"] for variable in board["templating"]["list"]]
        asked = " ".join(expressions(board))

        assert board["refresh"] == "5s"
        assert names == ["datasource", *[each for each in ("namespace", "team") if f"${each}" in asked]]
        assert names[1] == "namespace"

    def test_leads_to_the_others(self, name: str) -> None:
        """All have the tag by which each links to the others, with time and variables kept."""
        board = dashboard(name)
        (link,) = board["links"]

        assert (link["type"], link["tags"], link["keepTime"], link["includeVars"]) == (
            "dashboards", board["tags"], True, True,
        )  # fmt: skip

    def test_is_where_provisioning_and_compose_expect_it(self, name: str) -> None:
        """Compose mounts the folder that the provider reads, and every dashboard has a uid for links to it."""
        provider = yaml.safe_load((PROVISIONING / "dashboards" / "salespulse.yaml").read_text())["providers"][0]
        grafana = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())["services"]["grafana"]

        assert f"../grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
        assert dashboard(name)["uid"] == name


class TestGrid:
    """Places of panels."""

    def test_a_line_that_is_not_full_is_refused(self) -> None:
        """Panels that leave a gap, or are too wide together, are a mistake that names both widths."""
        panel = number("Calls", Query("up"), Look(), "Calls.")

        with pytest.raises(ValueError, match="20 columns wide instead of 24"):
            place([Section("Now", [Line(4, [(20, panel)])])])


def test_every_committed_dashboard_is_generated() -> None:
    """There is no dashboard without code that writes it."""
    assert {file.stem for file in DIRECTORY.glob("*.json")} == set(DASHBOARDS)
    assert all(json.loads(file.read_text()) for file in DIRECTORY.glob("*.json"))
