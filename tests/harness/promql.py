"""What a PromQL expression asks for: the series it selects, and the labels it needs of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import promql_parser

FROM_PROMETHEUS = frozenset({"instance", "job", "__name__"})
"""Labels that a scrape gives to every series."""


class Selection(NamedTuple):
    """Series by name, and the labels by which they are matched or grouped."""

    name: str
    labels: frozenset[str]


def selections(expression: str) -> list[Selection]:
    """All selections of an expression, in their order, without labels that the scrape or the expression itself adds."""
    return list(_of(promql_parser.parse(expression), frozenset()))


def _of_one(modifier: Any, grouped: frozenset[str]) -> frozenset[str]:
    """The labels that the right side needs: where it is one for many of the left, those they meet by and it gives."""
    if modifier is None or modifier.card != promql_parser.VectorMatchCardinality.ManyToOne:
        return grouped
    return frozenset((*modifier.matching.labels, *modifier.group_labels))


def _of(node: Any, grouped: frozenset[str]) -> Iterator[Selection]:
    match node:
        case promql_parser.VectorSelector():
            matched = {matcher.name for matcher in node.matchers.matchers}
            yield Selection(node.name or "", (grouped | matched) - FROM_PROMETHEUS)
        case promql_parser.MatrixSelector():
            yield from _of(node.vector_selector, grouped)
        case promql_parser.AggregateExpr():
            by = node.modifier if node.modifier and node.modifier.type == promql_parser.AggModifierType.By else None
            yield from _of(node.expr, grouped | set(by.labels) if by else grouped)
        case promql_parser.Call():
            added = {node.args[1].val} if node.func.name == "label_replace" else set()
            for argument in node.args:
                yield from _of(argument, grouped - added)
        case promql_parser.BinaryExpr():
            yield from _of(node.lhs, grouped)
            yield from _of(node.rhs, _of_one(node.modifier, grouped))
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr() | promql_parser.SubqueryExpr():
            yield from _of(node.expr, grouped)
        case promql_parser.NumberLiteral() | promql_parser.StringLiteral():
            return
        case _:
            raise TypeError(f"no idea what {type(node).__name__} selects")
