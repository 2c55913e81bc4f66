"""What a PromQL expression comes to over samples of one instant: as much of the language as the dashboards use."""

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import promql_parser

from tests.harness.redis_series import Samples

Series = frozenset[tuple[str, str]]
Vector = dict[Series, float]
NAMES = ("salespulse_kpi_", "salespulse_activities_usual", "salespulse_alert_")
"""How the names of those begin that Redis has too."""
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {"<": operator.lt, ">": operator.gt}
AGGREGATES: Mapping[str, Callable[[Iterable[float]], float]] = {
    "sum": sum, "max": max, "min": min, "count": lambda values: float(len(list(values))),
}  # fmt: skip


class OtherSeriesError(Exception):
    """An expression asks for what is not among the samples: other series, another time, what happened meanwhile."""


def evaluate(expression: str, samples: Samples) -> Vector:
    """The answer of an instant query, by labels; OtherSeriesError where the samples cannot tell."""
    found = _of(promql_parser.parse(expression), samples)
    assert isinstance(found, dict)
    return found


def _of(node: Any, samples: Samples) -> Vector | float:
    match node:
        case promql_parser.VectorSelector():
            return _selected(node, samples)
        case promql_parser.AggregateExpr():
            return _aggregated(node, samples)
        case promql_parser.BinaryExpr():
            return _combined(node, samples)
        case promql_parser.ParenExpr():
            return _of(node.expr, samples)
        case promql_parser.NumberLiteral():
            return float(node.val)
        case promql_parser.Call() if node.func.name == "vector":
            return {frozenset(): node.args[0].val}
    raise OtherSeriesError(type(node).__name__)


def _selected(node: promql_parser.VectorSelector, samples: Samples) -> Vector:
    if not (node.name or "").startswith(NAMES) or node.offset is not None:
        raise OtherSeriesError(node.name)
    return {
        frozenset(labels.items()): value
        for labels, value in samples.get(node.name or "", ())
        if all(_matches(labels.get(each.name, ""), each) for each in node.matchers.matchers)
    }


def _matches(value: str, matcher: Any) -> bool:
    if matcher.op == promql_parser.MatchOp.Equal:
        return bool(value == matcher.value)
    assert matcher.op == promql_parser.MatchOp.Re, matcher.op
    return re.fullmatch(matcher.value, value) is not None


def _aggregated(node: promql_parser.AggregateExpr, samples: Samples) -> Vector:
    inner = _of(node.expr, samples)
    assert isinstance(inner, dict)
    names = set(node.modifier.labels) if node.modifier else set()
    without = node.modifier is not None and node.modifier.type == promql_parser.AggModifierType.Without
    groups: dict[Series, list[float]] = defaultdict(list)
    for series, value in inner.items():
        groups[frozenset(label for label in series if (label[0] in names) != without)].append(value)
    return {series: AGGREGATES[str(node.op)](values) for series, values in groups.items()}


def _combined(node: promql_parser.BinaryExpr, samples: Samples) -> Vector:
    left, right, op = _of(node.lhs, samples), _of(node.rhs, samples), str(node.op)
    assert isinstance(left, dict)
    if isinstance(right, float):
        return _paired(op, left, dict.fromkeys(left, right))
    if node.modifier is not None and node.modifier.matching is not None:
        if node.modifier.matching.labels or len(right) > 1:
            raise OtherSeriesError(op)
        return {series: ARITHMETIC[op](left[series], value) for series in left for value in right.values()}
    if op == "or":
        return {**right, **left}
    return {series: left[series] for series in left if series in right} if op == "and" else _paired(op, left, right)


def _paired(op: str, left: Vector, right: Vector) -> Vector:
    both = {series: (left[series], right[series]) for series in left if series in right}
    if op in COMPARISONS:
        return {series: pair[0] for series, pair in both.items() if COMPARISONS[op](*pair)}
    return {series: ARITHMETIC[op](*pair) for series, pair in both.items()}
