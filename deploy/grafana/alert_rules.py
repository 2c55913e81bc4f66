"""What the alerts of Prometheus watch: of each its series and limit, read from the rules, and what a query shows."""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import promql_parser
import yaml

from pipeline.alerts.team_limits import LIMITING
from pipeline.measures import UNASSIGNED
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Part, Read
from pipeline.sinks.series_names import series_name

RULES = Path(__file__).parents[1] / "prometheus" / "rules"
COMPARISONS = frozenset((">", "<", ">=", "<=", "==", "!="))
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
OF_TIME = frozenset(("rate", "increase", "changes"))
"""Functions that make another quantity of a series: those of `…_over_time` tell the same one of a while."""
AVARIABLE = re.compile(r"\$\{?\w+\}?")
ALERTS_OF_SALESPULSE = re.compile(r"salespulse_alert_(opened_timestamp_seconds|acknowledged|muted_until_\w+)")
"""What is told of the alerts that `salespulse_alert_open` tells of."""

UNASSIGNED_SCOPE = frozenset((f"team:{UNASSIGNED}",))
"""What no team can be given has rules of its own, and no working hours."""


class Subject(NamedTuple):
    """What an expression is about: a series in some form (its value, age, rate, ratio, …), chosen by labels."""

    form: str
    series: str
    chosen: Mapping[str, frozenset[str]]
    """The values that a label may have, where they are named."""

    @property
    def metric(self) -> str:
        """The series, of a histogram without the part."""
        return self.series.removesuffix("_bucket")

    def may_be(self, other: "Subject") -> bool:
        """Whether both are of one metric, and no label tells them apart."""
        return self.metric == other.metric and all(
            self.chosen[label] & other.chosen[label] for label in self.chosen.keys() & other.chosen.keys()
        )


class Limit(NamedTuple):
    """What an alert watches. It fires where the comparison with `number` holds; None: it is not with a number."""

    alert: str
    runbook_url: str
    subject: Subject
    comparison: str = ""
    number: float | None = None


@cache
def limits() -> tuple[Limit, ...]:
    """Of every alert in the rules, in their order."""
    return tuple(
        Limit(rule["alert"], rule["annotations"]["runbook_url"], *found)
        for rule in _rules()
        if "alert" in rule
        for found in _watched(promql_parser.parse(rule["expr"]))
    )


def subjects(expression: str) -> list[Subject]:
    """What a query of a dashboard shows; its variables may have any value."""
    return list(_subjects(promql_parser.parse(AVARIABLE.sub(_placeholder, expression))))


def runbooks(expressions: Iterable[str]) -> dict[str, str]:
    """The section of each alert that watches what these queries show, by the alert's name."""
    shown = [same for expression in expressions for each in subjects(expression) for same in _told_by(each)]
    return {limit.alert: limit.runbook_url for limit in limits() if any(limit.subject.may_be(each) for each in shown)}


def _told_by(subject: Subject) -> Iterator[Subject]:
    """A subject, and those of whose alerts it tells: feeds are watched by who misses them, figures by their limits."""
    if ALERTS_OF_SALESPULSE.fullmatch(subject.series):
        subject = subject._replace(series="salespulse_alert_open")
    if "feed_silent" in subject.chosen.get("kind", ()):
        subject = Subject("", "salespulse_feed_missed", {})
    kinds = _kinds_of(subject)
    if kinds:
        yield Subject("", "salespulse_alert_open", {"kind": kinds})
    if subject.chosen.get("scope") != UNASSIGNED_SCOPE:
        yield subject


def _kinds_of(subject: Subject) -> frozenset[str]:
    """The rules of Salespulse's own that have a limit of a figure."""
    if subject.chosen.get("scope") == UNASSIGNED_SCOPE:
        return frozenset(("reps_unknown", "teams_unknown"))
    return frozenset(kind for series, kind in _limited().items() if series == subject.series)


@cache
def _limited() -> Mapping[str, str]:
    """By series of a KPI, or of what it is the quotient of: the rule that has a limit of it."""
    found = {
        series_name(Read(BY_NAME[kpi], part)): rule.kind
        for kpi, rule in LIMITING.items()
        for part in (get_args(Part) if BY_NAME[kpi].formula == "ratio" else ("",))
    }
    return {**found, "salespulse_longest_wait_since_timestamp_seconds": "longest_wait"}


def _placeholder(found: re.Match[str]) -> str:
    return "1m" if "interval" in found[0] else ".+"


@cache
def _rules() -> tuple[dict[str, Any], ...]:
    files = sorted(RULES.glob("*.yaml"))
    return tuple(
        rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
    )


@cache
def _recorded() -> Mapping[str, str]:
    return {rule["record"]: rule["expr"] for rule in _rules() if "record" in rule}


def _watched(node: Any) -> Iterator[tuple[Subject, str, float | None]]:
    """What decides whether an alert fires; conditions that only have to hold besides are none of it."""
    match node:
        case promql_parser.ParenExpr() | promql_parser.AggregateExpr():
            yield from _watched(node.expr)
        case promql_parser.BinaryExpr() if str(node.op) == "or":
            yield from _watched(node.lhs)
            yield from _watched(node.rhs)
        case promql_parser.BinaryExpr() if str(node.op) in COMPARISONS:
            yield from ((each, str(node.op), _constant(node.rhs)) for each in _subjects(node.lhs))
        case promql_parser.BinaryExpr():
            yield from _watched(node.lhs)
        case _:
            yield from ((each, "", None) for each in _subjects(node))


def _subjects(node: Any) -> Iterator[Subject]:
    match node:
        case promql_parser.VectorSelector():
            yield from _selected(node)
        case promql_parser.MatrixSelector():
            yield from _selected(node.vector_selector)
        case promql_parser.AggregateExpr():
            yield from _as("count" if str(node.op) == "count" else None, node.expr)
        case promql_parser.ParenExpr() | promql_parser.SubqueryExpr():
            yield from _subjects(node.expr)
        case promql_parser.Call() if node.func.name == "histogram_quantile":
            yield from _as("quantile", node.args[1])
        case promql_parser.Call() if node.args:
            yield from _as(node.func.name if node.func.name in OF_TIME else None, node.args[0])
        case promql_parser.BinaryExpr():
            yield from _combined(node)


def _as(form: str | None, node: Any) -> Iterator[Subject]:
    return (each if form is None else each._replace(form=form) for each in _subjects(node))


def _combined(node: promql_parser.BinaryExpr) -> Iterator[Subject]:
    left, right, op = _constant(node.lhs), _constant(node.rhs), str(node.op)
    if op == "*" and 0 in (left, right):
        return  # It only gives labels to what it is added to.
    if left is not None:
        yield from _subjects(node.rhs)
    elif op == "-" and isinstance(node.lhs, promql_parser.Call) and node.lhs.func.name == "time":
        yield from _as("age", node.rhs)
    elif op == "/" and right is None:
        yield from _as("ratio", node.lhs)
    else:
        yield from _subjects(node.lhs)
        if op in ("or", "+"):
            yield from _subjects(node.rhs)


def _selected(node: promql_parser.VectorSelector) -> Iterator[Subject]:
    name = node.name or ""
    if name in _recorded():
        yield from _subjects(promql_parser.parse(_recorded()[name]))
    else:
        plain = {each.name: each.value.split("|") for each in node.matchers.matchers}
        chosen = {label: frozenset(values) for label, values in plain.items() if all(map(_is_word, values))}
        yield Subject("", name, chosen)


def _is_word(value: str) -> bool:
    return re.fullmatch(r"[\w.:]*\w", value) is not None


def _constant(node: Any) -> float | None:
    match node:
        case promql_parser.NumberLiteral():
            return float(node.val)
        case promql_parser.ParenExpr():
            return _constant(node.expr)
        case promql_parser.BinaryExpr() if str(node.op) in ARITHMETIC:
            left, right = _constant(node.lhs), _constant(node.rhs)
            return None if left is None or right is None else ARITHMETIC[str(node.op)](left, right)
    return None
