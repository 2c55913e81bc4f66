"""The kinds of panels, with everything set that the SDK leaves open: data source, legend, reference ids, look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as shared
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

PROMETHEUS = shared.DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The chosen data source."""

Steps = Sequence[tuple[float | None, str]]
"""Colours from a value on; the first one starts below everything (None)."""
Words = Mapping[str, tuple[str, str]]
"""Text and colour in place of a number."""
CURRENCIES = (
    "BRL", "CHF", "CZK", "DKK", "EUR", "GBP", "INR", "ISK", "JPY", "KRW", "NOK", "PLN", "SEK", "USD", "ZAR",
)  # fmt: skip
"""Those that Grafana has a unit of; of others there is the code alone."""
AnyPanel = stat.Panel | timeseries.Panel | bargauge.Panel | table.Panel | statetimeline.Panel
P = TypeVar("P", stat.Panel, timeseries.Panel, bargauge.Panel, table.Panel, statetimeline.Panel)


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and the legend of its series."""

    expression: str
    legend: str = "__auto"


@dataclass(frozen=True, slots=True)
class Look:
    """How values are shown: Grafana's unit id, decimals, colours by value, bounds, and words for some numbers.

    Of money (`of_money`) the name of a series ends with the currency: it stands beside a large figure, and its sign
    before every number.
    """

    unit: str = "short"
    decimals: int | None = None
    steps: Steps = ((None, "text"),)
    bounds: tuple[float, float] | None = None
    words: Words = field(default_factory=dict)
    of_money: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: heading, expression and look."""

    heading: str
    expression: str
    look: Look = field(default_factory=Look)


def number(title: str, query: Query, look: Look, description: str) -> stat.Panel:
    """One large figure of now, with its course behind it."""
    panel = (
        stat.Panel()
        .with_target(_target(query, "A").range())
        .graph_mode(shared.BigValueGraphMode.AREA)
        .color_mode(shared.BigValueColorMode.VALUE)
        .text_mode(shared.BigValueTextMode.VALUE_AND_NAME if look.of_money else shared.BigValueTextMode.VALUE)
        .justify_mode(shared.BigValueJustifyMode.CENTER)
        .reduce_options(_last_value())
    )
    return _dressed(panel, title, look, description)


def curve(title: str, queries: Sequence[Query], look: Look, description: str) -> timeseries.Panel:
    """The course of some series, with their last, mean and largest values, and lines where the look changes colour."""
    legend = (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(shared.LegendDisplayMode.TABLE)
        .placement(shared.LegendPlacement.BOTTOM)
        .calcs(["lastNotNull", "mean", "max"])
    )
    panel = (
        timeseries.Panel()
        .targets([_target(query, _letter(n)).range() for n, query in enumerate(queries)])
        .legend(legend)
        .tooltip(common.VizTooltipOptions().mode(shared.TooltipDisplayMode.MULTI).sort(shared.SortOrder.DESCENDING))
        .line_width(2)
        .fill_opacity(8)
        .show_points(shared.VisibilityMode.NEVER)
        .axis_soft_min(0)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
    )
    if len(look.steps) > 1:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(shared.GraphThresholdsStyleMode.DASHED))
    return _dressed(panel, title, look, description)


def timeline(title: str, query: Query, look: Look, description: str) -> statetimeline.Panel:
    """A line for each series, coloured by the words of the look for as long as they hold."""
    panel = (
        statetimeline.Panel()
        .with_target(_target(query, "A").range())
        .legend(common.VizLegendOptions().show_legend(True).display_mode(shared.LegendDisplayMode.LIST))
        .tooltip(common.VizTooltipOptions().mode(shared.TooltipDisplayMode.SINGLE))
        .show_value(shared.VisibilityMode.NEVER)
        .merge_values(True)
        .row_height(0.8)
        .per_page(20)
    )
    return _dressed(panel, title, look, description)


def bars(title: str, queries: Sequence[Query], look: Look, description: str) -> bargauge.Panel:
    """One horizontal bar for each series of now."""
    panel = (
        bargauge.Panel()
        .targets([_target(query, _letter(n)).instant() for n, query in enumerate(queries)])
        .orientation(shared.VizOrientation.HORIZONTAL)
        .display_mode(shared.BarGaugeDisplayMode.GRADIENT)
        .legend(common.VizLegendOptions().show_legend(False))
        .reduce_options(_last_value())
    )
    return _dressed(panel, title, look, description)


def listing(title: str, query: Query, labels: Mapping[str, str], description: str) -> table.Panel:
    """One row for each series of now: the labels that `labels` names, under their headings, without the value."""
    panel = (
        table.Panel()
        .with_target(_target(query, "A").instant().format(PromQueryFormat.TABLE))
        .show_header(True)
        .with_transformation(_organized(labels, "Time", "Value"))
    )
    return _dressed(panel, title, Look(), description)


def by_team(title: str, columns: Sequence[Column], description: str) -> table.Panel:
    """One row for each team; the expression of every column leaves the label `team`, of money the currency, no other.

    The currency is a column: Grafana merges rows by the labels that all columns have.
    """
    money = any(column.look.of_money for column in columns)
    return rows(title, {"team": "Team", **({"currency": "Currency"} if money else {})}, columns, description)


def rows(title: str, labels: Mapping[str, str], columns: Sequence[Column], description: str) -> table.Panel:
    """One row for each combination of these labels, under their headings; every expression leaves no other."""
    values = [f"Value #{_letter(n)}" for n in range(len(columns))] if len(columns) > 1 else ["Value"]
    named = {value: column.heading for value, column in zip(values, columns, strict=True)}
    queries = [_target(Query(column.expression), _letter(n)).instant() for n, column in enumerate(columns)]
    panel = (
        table.Panel()
        .targets([query.format(PromQueryFormat.TABLE) for query in queries])
        .show_header(True)
        .cell_height(shared.TableCellHeight.SM)
        .with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(_organized({**labels, **named}, "Time"))
    )
    for column in columns:
        panel.override_by_name(column.heading, _properties(column.look))
    return _dressed(panel, title, Look(), description)


def _target(query: Query, letter: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery().datasource(PROMETHEUS).expr(query.expression).legend_format(query.legend).ref_id(letter)
    )


def _dressed(panel: P, title: str, look: Look, description: str) -> P:
    panel.title(title).description(description).datasource(PROMETHEUS)
    panel.unit(look.unit).no_value("–").thresholds(_thresholds(look.steps)).mappings(_mappings(look.words))
    if look.decimals is not None:
        panel.decimals(look.decimals)
    if look.bounds is not None:
        panel.min(look.bounds[0]).max(look.bounds[1])
    for code in CURRENCIES if look.of_money else ():
        panel.override_by_regexp(f"/(^| ){code}$/", [model.DynamicConfigValue("unit", f"currency{code}")])
    return panel


def _properties(look: Look) -> list[model.DynamicConfigValue]:
    """A look as Grafana wants it for a single column; a column with colours shows them behind its text."""
    given = [model.DynamicConfigValue("unit", look.unit), model.DynamicConfigValue("noValue", "–")]
    if look.decimals is not None:
        given.append(model.DynamicConfigValue("decimals", look.decimals))
    if look.words:
        given.append(model.DynamicConfigValue("mappings", [m.to_json() for m in _mappings(look.words)]))
    if len(look.steps) > 1:
        given.append(model.DynamicConfigValue("thresholds", _thresholds(look.steps).build().to_json()))
    if look.words or len(look.steps) > 1:
        given.append(model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return given


def _organized(columns: Mapping[str, str], *hidden: str) -> model.DataTransformerConfig:
    """Show these columns under their headings, in this order, and not the hidden ones."""
    order = {name: n for n, name in enumerate(columns)}
    options = {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": order,
        "renameByName": dict(columns),
    }
    return model.DataTransformerConfig(id_val="organize", options=options)


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=color) for value, color in steps])
    )


def _mappings(words: Words) -> list[model.ValueMapping]:
    results = {
        number: model.ValueMappingResult(text=text, color=color, index=n)
        for n, (number, (text, color)) in enumerate(words.items())
    }
    return [model.ValueMap(options=results)] if results else []


def _last_value() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def _letter(n: int) -> str:
    """The n-th reference id: A to Z."""
    return chr(ord("A") + n)
