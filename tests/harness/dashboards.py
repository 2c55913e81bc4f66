"""Dashboards as Grafana reads them: their panels and queries, with values in place of variables."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.grafana.build import DIRECTORY

VALUES = {"namespace": "salespulse", "team": "team:.+", "__rate_interval": "1m", "__interval": "15s"}


def dashboard(name: str) -> dict[str, Any]:
    """A committed dashboard."""
    result: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return result


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its panels, without the headings; those under a heading that is collapsed lie in it."""
    return [
        panel for each in board["panels"] for panel in (each.get("panels") or () if each["type"] == "row" else [each])
    ]


def expressions(board: Mapping[str, Any]) -> Iterator[str]:
    """The PromQL of every panel, in order, with Grafana's variables in it."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield target["expr"]


def marks(board: Mapping[str, Any]) -> list[str]:
    """The PromQL of what is marked on the curves, which is nothing while nothing happens."""
    return [mark["expr"] for mark in board["annotations"]["list"]]


def with_values(expression: str, **values: str) -> str:
    """The expression as Grafana would send it, with these values of variables, or the usual ones."""
    for name, value in sorted({**VALUES, **values}.items(), key=lambda item: -len(item[0])):
        expression = expression.replace(f"${{{name}}}", value).replace(f"${name}", value)
    assert "$" not in expression, expression
    return expression
