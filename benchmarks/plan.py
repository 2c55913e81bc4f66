"""A worked plan for very many reps, computed from what was measured; the assumptions are in docs/performance.md."""

import math
from typing import NamedTuple

from benchmarks.tables import Block, number, table
from schemas.blocks import MOST_RECORDS

REPS = 1_000_000
MEASURED_BLOCKS = ("growth", "recovery")
"""What it is computed from."""
GIB = 1 << 30


class Assumptions(NamedTuple):
    """What is assumed of the company and of its machines."""

    reps_a_deployment: int = 50_000
    events_per_rep_and_s: float = 0.01
    peak: int = 3
    working_hours: int = 8
    new_objects_share: float = 0.7
    days_remembered: int = 25
    core_share_at_peak: float = 0.5
    partitions: int = 64
    cores_a_machine: int = 16
    gib_a_machine: int = 128
    organisation_records_per_rep: int = 2
    logs_with_copies: int = 4
    hours_between_copies: int = 12


def plan(results: Block, given: Assumptions | None = None) -> str:
    """The table of the plan."""
    a = given or Assumptions()
    cost_us = _cost_us(results)
    per_object = results["recovery"]["memory_bytes_per_object"]
    object_seconds = results["recovery"]["longest_take_over_seconds"] / results["recovery"]["objects"]
    events = a.reps_a_deployment * a.events_per_rep_and_s
    cores = events * a.peak * cost_us / 1e6 / a.core_share_at_peak
    objects = events * a.working_hours * 3600 * a.new_objects_share * a.days_remembered
    memory_gib = objects * per_object / GIB
    deployments = math.ceil(REPS / a.reps_a_deployment)
    machines = max(math.ceil(cores / a.cores_a_machine), math.ceil(memory_gib / a.gib_a_machine / 0.75))
    workers = min(a.partitions, max(math.ceil(cores), machines * a.cores_a_machine))
    organisation = a.reps_a_deployment * a.organisation_records_per_rep
    blocks = math.ceil(organisation / a.partitions / MOST_RECORDS) * a.partitions * a.logs_with_copies * a.partitions
    rows = [
        ("deployments (namespaces)", deployments),
        ("each: reps", number(a.reps_a_deployment)),
        ("each: events/s, on average and at the peak", f"{number(events)} and {number(events * a.peak)}"),
        ("each: cores for the peak", number(cores)),
        ("each: objects remembered", number(objects)),
        ("each: memory for them, GiB", number(memory_gib)),
        ("each: partitions, and workers", f"{a.partitions} and {workers}"),
        ("each: objects of one partition", number(objects / a.partitions)),
        ("each: to read a worker's state back after a crash, s", number(objects / workers * object_seconds)),
        ("each: blocks of organisation copies a second", number(blocks / a.hours_between_copies / 3600)),
        ("each: machines", machines),
        ("in all: machines", machines * deployments),
    ]
    return table(("what", "value"), rows)


def _cost_us(results: Block) -> float:
    """Of an event on the most expensive of the floors that differ in reps."""
    return float(max(found["core_microseconds_per_event"] for found in results["growth"]["reps"].values()))
