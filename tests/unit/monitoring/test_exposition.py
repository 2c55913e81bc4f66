"""What is written is what the parsers of the client library read: any text, any number, in both formats."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from pipeline.monitoring.exposition import Gauges, content_type, gauges, takes_gzip, written

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
READERS = {"text/plain": read_text, OPENMETRICS: read_openmetrics}
accepts = pytest.mark.parametrize("accept", list(READERS))
numbers = st.one_of(st.floats(), st.integers(), st.integers(-(10**400), 10**400))
"""NaN, infinities, negative zero, and whole numbers beyond what a float holds."""


class OneFamily:
    """A page of one family, after the metrics of a registry."""

    def __init__(self, family: Gauges, own: CollectorRegistry | None = None) -> None:
        self.own = own
        self._family = family

    def families(self) -> Iterator[Gauges]:
        """The family."""
        yield self._family


def read(page: OneFamily, accept: str) -> list[Any]:
    """The families of a page, as a scraper reads them."""
    families: Iterator[Any] = READERS[accept](b"".join(written(page, accept)).decode())  # type: ignore[no-untyped-call]
    return list(families)


def as_float(number: float) -> float:
    """What a scraper makes of a number."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def same(one: float, other: float) -> bool:
    """Whether two numbers are the same one: NaN is, and zero with another sign is not."""
    return (math.isnan(one) and math.isnan(other)) or (
        one == other and math.copysign(1, one) == math.copysign(1, other)
    )


@accepts
@given(st.data())
def test_what_is_parsed_is_what_was_put_in(accept: str, data: st.DataObject) -> None:
    """Names of labels with their values, and numbers, sample by sample, and what the family means."""
    text = data.draw(st.text().map(str.strip))
    samples = data.draw(st.dictionaries(st.tuples(st.text(), st.text()), numbers))
    told = [({"scope": scope, "rep": rep}, value) for (scope, rep), value in samples.items()]
    [family] = read(OneFamily(gauges("salespulse_kpi", text, told)), accept)

    assert (family.name, family.type, family.documentation) == ("salespulse_kpi", "gauge", text)
    assert [sample.labels for sample in family.samples] == [labels for labels, _ in told]
    assert all(same(as_float(s.value), as_float(value)) for s, (_, value) in zip(family.samples, told, strict=True))


@accepts
@example('\\"\n')
@example("\\n")
@example('"} 1\nsalespulse_kpi{scope="')
@given(st.text(alphabet='\\"\nn{}=, \r\u2028'))
def test_no_text_ends_a_label(accept: str, scope: str) -> None:
    """Backslashes, quotes and line breaks in any order stay within the value."""
    [family] = read(OneFamily(gauges("salespulse_kpi", "KPI", [({"scope": scope}, 1)])), accept)

    assert [(s.labels, s.value) for s in family.samples] == [({"scope": scope}, 1)]


@accepts
def test_the_client_library_writes_its_own(accept: str) -> None:
    """Its metrics stand before ours, in the same format, under one end."""
    own = CollectorRegistry()
    Counter("salespulse_events", "Events.", registry=own).inc()
    Histogram("salespulse_batch_seconds", "Of a batch.", registry=own).observe(0.2)
    found = read(OneFamily(gauges("salespulse_kpi", "KPI", [({}, 1)]), own), accept)

    names = [family.name for family in found if not family.name.endswith("_created")]
    assert names == ["salespulse_events", "salespulse_batch_seconds", "salespulse_kpi"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        (f"{OPENMETRICS};q=0.5,text/plain;version=0.0.4;q=0.3", "application/openmetrics-text; version=1.0.0"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(accept: str, expected: str) -> None:
    """Text, unless OpenMetrics is asked for; it ends with its mark, and text has none."""
    page = OneFamily(gauges("salespulse_kpi", "KPI", [({}, 1)]))

    assert content_type(accept).startswith(expected)
    assert b"".join(written(page, accept)).endswith(b"# EOF\n") == expected.startswith("application")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("gzip", True), ("deflate, GZIP;q=0.5", True), ("*", True), ("", False), ("br", False), ("gzip; q=0", False)],
)
def test_gzip_is_sent_to_whoever_takes_it(header: str, expected: bool) -> None:
    """As the header says; a quality of 0 refuses it."""
    assert takes_gzip(header) is expected
