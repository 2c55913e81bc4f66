"""What workers and a scheduled audit tell in their metrics: releases, sinks, and the last audit's result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from pipeline.doctor.finding import Examined, Finding, fault, warning

PART = "metrics"
AUDIT_DAYS = 2
DAY_SECONDS = 86_400


class Sample(NamedTuple):
    """One number of one scrape."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples_of(text: str) -> list[Sample]:
    """Our own samples in a scrape; ValueError for what is none."""
    return [
        Sample(each.name, each.labels, each.value)
        for family in text_string_to_metric_families(text)
        for each in family.samples
        if each.name.startswith("salespulse_")
    ]


def examine_scrapes(scrapes: Mapping[str, Sequence[Sample] | None], now_seconds: float) -> Examined:
    """Judge scrapes by their addresses; None stands for one that did not answer. Pure."""
    answered = {address: samples for address, samples in scrapes.items() if samples is not None}
    releases = {
        sample.labels.get("version", "")
        for samples in answered.values()
        for sample in samples
        if sample.name == "salespulse_build_info" and sample.value
    }
    summary = f"{len(answered)} of {len(scrapes)} answer"
    if releases:
        summary += f", release {', '.join(sorted(releases))}"
    return Examined(PART, summary, tuple(_findings(scrapes, answered, releases, now_seconds)))


def _findings(
    scrapes: Mapping[str, object],
    answered: Mapping[str, Sequence[Sample]],
    releases: set[str],
    now_seconds: float,
) -> Iterator[Finding]:
    for address in scrapes:
        if address not in answered:
            yield fault(f"{address} does not answer", "is the process running, and the address right?")
    if len(releases) > 1:
        yield warning(
            f"workers are of releases {', '.join(sorted(releases))}", "bring all to one, or wait for the rest"
        )
    for address, samples in answered.items():
        for sample in samples:
            if sample.name == "salespulse_sink_up" and sample.value == 0:
                sink = sample.labels.get("sink", "")
                yield fault(f"{address} cannot publish to {sink}", "the worker's log and /readyz say why")
        yield from _of_audit(address, {sample.name: sample.value for sample in samples}, now_seconds)


def _of_audit(address: str, told: Mapping[str, float], now_seconds: float) -> Iterator[Finding]:
    if "salespulse_audit_last_run_timestamp_seconds" not in told:
        return
    if differences := told.get("salespulse_audit_differences", 0):
        line = f"the last audit of {address} found {differences:,.0f} differences"
        yield fault(line, "salespulse audit shows them; docs/operations.md says what to do")
    if not told.get("salespulse_audit_could_run", 1):
        yield warning(f"the last audit of {address} could not run", "its log says why")
    age_days = (now_seconds - told.get("salespulse_audit_last_success_timestamp_seconds", 0)) / DAY_SECONDS
    if age_days > AUDIT_DAYS:
        yield warning(f"{address} has completed no audit for {AUDIT_DAYS} days", "is it still scheduled?")
