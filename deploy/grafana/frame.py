"""What all dashboards have alike: variables, links to each other, marks of what happened."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus

from deploy.grafana.alert_rules import runbooks
from deploy.grafana.grid import Section, place
from deploy.grafana.panels import PROMETHEUS
from deploy.grafana.queries import HERE, deploys, firing, restarts

TAG = "salespulse"


def framed(title: str, uid: str, description: str, sections: Sequence[Section], *, teams: bool) -> model.Dashboard:
    """A dashboard as Grafana's provisioning reads it. With `teams` some can be chosen; queries then ask for `$team`."""
    board = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .refresh("5s")
        .time("now-8h", "now")
        .timezone("browser")
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Salespulse")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(False)
            .include_vars(True)
            .keep_time(True)
        )
        .annotation(_mark("Worker restarts", restarts(), "{{instance}} began", "orange"))
        .annotation(_mark("Deploys", deploys(), "{{version}}", "blue"))
        .annotation(_mark("Alerts", firing(), "{{alertname}}", "red"))
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label("Data source")
            .type("prometheus")
            .current(model.VariableOption(text=["Prometheus"], value=["salespulse-prometheus"]))
        )
        .with_variable(_variable("namespace", "Deployment", "salespulse_build_info", "namespace"))
    )
    if teams:
        series = f'salespulse_kpi_activities{{{HERE},scope=~"team:.+",window="day"}}'
        board = board.with_variable(
            _variable("team", "Team", series, "scope")
            .multi(True)
            .include_all(True)
            .all_value("team:.+")
            .current(model.VariableOption(text=["All"], value=["$__all"]))
        )
    built = board.build()
    built.panels = place(sections)
    for panel in _panels(built.panels):
        panel.links = _runbooks(panel)
    return built


def _panels(placed: Sequence[model.Panel | model.RowPanel]) -> Iterator[model.Panel]:
    for each in placed:
        if isinstance(each, model.RowPanel):
            yield from each.panels
        else:
            yield each


def _runbooks(panel: model.Panel) -> list[model.DashboardLink] | None:
    """The sections on the alerts that watch what a panel shows."""
    expressions = [target.expr for target in panel.targets or () if isinstance(target, prometheus.Dataquery)]
    links = [
        dashboard.DashboardLink(f"Runbook: {alert}").type(model.DashboardLinkType.LINK).url(url).target_blank(True)
        for alert, url in runbooks(expressions).items()
    ]
    return [link.build() for link in links] or None


def _mark(name: str, expression: str, text: str, colour: str) -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(PROMETHEUS)
        .enable(True)
        .icon_color(colour)
        .expr(expression)
        .title_format(name)
        .text_format(text)
    )


def _variable(name: str, label: str, series: str, of: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query({"qryType": 1, "query": f"label_values({series}, {of})", "refId": name})
        .definition(f"label_values({series}, {of})")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
    )
