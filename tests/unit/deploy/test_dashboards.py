import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import promql_parser
import pytest
import yaml

from deploy.grafana.alert_rules import subjects
from deploy.grafana.build import DASHBOARDS, DIRECTORY, rendered
from deploy.grafana.grid import Line, Section, place
from deploy.grafana.panels import Look, Query, number
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Part, Read
from pipeline.scores.windows import CALENDAR, NOW, ROLLING, TRAILING
from pipeline.sinks.series_names import is_money, series_name
from tests.harness.dashboards import dashboard, expressions, marks, panels, with_values
from tests.harness.grafana_models import faults

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


def placed(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All panels and headings, those under a heading that is collapsed among them."""
    return [each for panel in board["panels"] for each in (panel, *(panel.get("panels") or ()))]


def overlapping(places: Iterable[dict[str, int]]) -> list[tuple[dict[str, int], dict[str, int]]]:
    """The places that share a part of the grid, in pairs."""
    return [
        (one, other)
        for one, other in combinations(places, 2)
        if one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    ]


@every_dashboard
class TestDashboard:
    """Each committed dashboard."""

    def test_is_the_one_that_the_code_describes(self, name: str) -> None:
        """The committed JSON is what `make dashboards` writes."""
        committed = (DIRECTORY / f"{name}.json").read_text(encoding="utf-8")

        assert committed == rendered(name)

    def test_panels_have_ids_of_their_own(self, name: str) -> None:
        """No two panels share an id, those under a heading that is collapsed among them, and none lacks one."""
        ids = [panel.get("id") for panel in placed(dashboard(name))]

        assert None not in ids
        assert len(ids) == len(set(ids))

    def test_panels_do_not_overlap(self, name: str) -> None:
        """Every panel has a place of its own within the 24 columns, also below a heading that somebody opens."""
        board = dashboard(name)
        opened = [[heading, *heading["panels"]] for heading in board["panels"] if heading.get("panels")]

        for together in (board["panels"], *opened):
            places = [panel["gridPos"] for panel in together]
            assert all(at["x"] >= 0 and at["x"] + at["w"] <= 24 for at in places)
            assert overlapping(places) == []

    def test_what_is_collapsed_lies_below_its_heading(self, name: str) -> None:
        """Grafana moves what follows down by as much as the panels of a heading are high: they begin right below it."""
        for heading in dashboard(name)["panels"]:
            inside = [panel["gridPos"] for panel in heading.get("panels") or ()]

            assert heading["type"] == "row" or not inside
            assert bool(inside) == bool(heading.get("collapsed"))
            if inside:
                assert min(at["y"] for at in inside) == heading["gridPos"]["y"] + 1

    def test_is_what_the_models_of_grafana_describe(self, name: str) -> None:
        """Every key is known, every value of its type, also in what plugins and transformations take."""
        assert faults(dashboard(name)) == []

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
                legend = panel["options"]["legend"]
                assert (legend["showLegend"], legend["displayMode"]) == (True, "table")
                assert legend["calcs"] == ["lastNotNull", "mean", "max"]

    def test_money_has_its_currency(self, name: str) -> None:
        """Every query of an amount leaves the currency, and its name or a column of the table says it."""
        amounts = [kpi for kpi in BY_NAME.values() if is_money(Read(kpi))]
        money = {series_name(Read(kpi)) for kpi in amounts}
        money |= {series_name(Read(kpi, "numerator")) for kpi in amounts if kpi.formula == "mean"}
        for panel in panels(dashboard(name)):
            for target in panel["targets"]:
                shown = [each.series for each in subjects(target["expr"])]
                if money.isdisjoint(shown):
                    continue
                columns = [each["options"].get("renameByName", {}) for each in panel.get("transformations", ())]
                assert re.search(r"by \([^)]*currency\)", target["expr"]), panel["title"]
                named = target["legendFormat"].endswith("{{currency}}")
                assert named or any("currency" in each for each in columns), panel["title"]

    def test_marks_what_happened(self, name: str) -> None:
        """Restarts, deploys and alerts stand on the curves of every dashboard."""
        marked = {each["name"]: each["enable"] for each in dashboard(name)["annotations"]["list"]}

        assert marked == {"Worker restarts": True, "Deploys": True, "Alerts": True}

    def test_keeps_details_collapsed(self, name: str) -> None:
        """What few look for is under a heading that somebody has to open, at the end."""
        headings = [each for each in dashboard(name)["panels"] if each["type"] == "row"]

        assert [bool(each.get("collapsed")) for each in headings] == [False] * (len(headings) - 1) + [True]

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


def _a_key_too_many(board: dict[str, Any]) -> None:
    board["panels"][1]["legend"] = {}


def _no_height(board: dict[str, Any]) -> None:
    del board["panels"][1]["gridPos"]["h"]


def _another_plugin(board: dict[str, Any]) -> None:
    board["panels"][1]["type"] = "graph"


def _an_unknown_choice(board: dict[str, Any]) -> None:
    table(board)["options"]["cellHeight"] = "tiny"


def _an_unknown_unit(board: dict[str, Any]) -> None:
    board["panels"][1]["fieldConfig"]["defaults"]["unit"] = "percentunits"


def _an_override_of_nothing(board: dict[str, Any]) -> None:
    table(board)["fieldConfig"]["overrides"][0]["properties"][0]["id"] = "custom.cellOption"


def _a_column_by_word(board: dict[str, Any]) -> None:
    table(board)["transformations"][1]["options"]["indexByName"]["scope"] = "1"


def _a_mistake_under_a_heading(board: dict[str, Any]) -> None:
    next(panel for panel in board["panels"] if panel.get("panels"))["panels"][0]["targets"][0]["query"] = "up"


def table(board: Mapping[str, Any]) -> dict[str, Any]:
    """The first table of a dashboard."""
    return next(panel for panel in board["panels"] if panel["type"] == "table")


class TestModels:
    """What is found of a dashboard that Grafana would not understand."""

    @pytest.mark.parametrize(
        ("mistake", "where"),
        [
            (_a_key_too_many, "dashboard.panels[1]: nobody knows legend"),
            (_no_height, "dashboard.panels[1].gridPos: h is missing"),
            (_another_plugin, "dashboard.panels[1].options: nobody knows what that is"),
            (_an_unknown_choice, ".options.cellHeight: 'tiny' is no TableCellHeight"),
            (_an_unknown_unit, "dashboard.panels[1].fieldConfig.defaults.unit: 'percentunits' is none of"),
            (_an_override_of_nothing, ".fieldConfig.overrides.custom.cellOption: nobody knows what that is"),
            (_a_column_by_word, ".options.indexByName.scope: '1' is no int"),
            (_a_mistake_under_a_heading, ".panels[0].targets[0]: nobody knows query"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, mistake: Callable[[dict[str, Any]], None], where: str) -> None:
        """One mistake in a dashboard that is right is found."""
        board = deepcopy(dashboard("alerts-and-silence"))
        mistake(board)

        assert any(where in fault for fault in faults(board)), faults(board)


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
