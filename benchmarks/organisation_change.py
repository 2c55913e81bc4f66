"""`python -m benchmarks.organisation_change`: what one change of the organisation costs a ledger that remembers much.

One ledger in one process, without a broker. Printed are processor time, the longest time in one go, and bytes of facts.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.one_object import NOW_MS, STAGES, Log, Record, Told, told_event
from pipeline.engine.supervision import gc_tuning
from schemas import control
from schemas.control import ORG, Control, Position
from schemas.events import iso
from tests.harness.proofs import signed

Payload = dict[str, object]
CHANGES: dict[str, tuple[str, Payload]] = {
    "a membership of a rep who sent all emails": (
        "membership:m2", {"rep_id": "rep-01", "team_id": "south", "valid_from": NOW_MS - 3_600_000_000}
    ),
    "the zone of the team of that rep": ("team:north", {"time_zones": [[None, "Asia/Kolkata"]]}),
    "a rate of all deals' currency": (
        "rate:r1", {"currency": "USD", "effective_on": 735_000, "rate": "0.9"}
    ),
    "another edition of the process of all deals": (
        "process:default", {"editions": [[0, [*STAGES, {"id": "more"}]]]}
    ),
}  # fmt: skip


class Cost(NamedTuple):
    """Seconds in all and in one go, and bytes of facts."""

    seconds: float
    longest: float
    facts_bytes: int


def emails(count: int) -> Iterator[Told]:
    """Emails of one rep, a minute apart."""
    for number in range(count):
        at_ms = NOW_MS - number * 60_000
        data: Payload = {"rep_id": "rep-01", "direction": "outbound", "bulk": False, "sent_at": iso(at_ms)}
        yield told_event("email", f"e{number}", at_ms, data)


def deals(count: int) -> Iterator[Told]:
    """Deals in dollars, a minute apart."""
    for number in range(count):
        at_ms = NOW_MS - number * 60_000
        data: Payload = {"owner_id": "rep-01", "stage_id": "new", "created_at": iso(at_ms), "amount_minor": number,
                         "currency": "USD"}  # fmt: skip
        yield told_event("deal", f"d{number}", at_ms, data)


def changed(objects: Callable[[int], Iterator[Told]], count: int, key: str, payload: Payload) -> Cost:
    """Cost of one change of the organisation, once the index of references is there."""
    log = Log()
    log.fold(_copy("team:south", {"time_zones": [[None, "UTC"]]}, 0))
    log.fold(objects(count))
    log.fold(_copy("membership:m9", {"rep_id": "rep-09", "team_id": "south"}, 1))
    gc_tuning.tune()
    began = at = time.process_time()
    longest, written = 0.0, 0
    ((_, value, headers),) = _copy(key, payload, 2)
    for sends in log.ledger.fold([Record(10**9, NOW_MS, key.encode(), value, headers)]):
        written += sum(len(send.value or b"") for send in sends if send.topic == "facts")
        longest, at = max(longest, time.process_time() - at), time.process_time()
    return Cost(time.process_time() - began, longest, written)


def _copy(key: str, payload: Payload, number: int) -> list[Told]:
    said = Control("org.changes", 0, Position(10 + number, 0), NOW_MS, "org", key, key, payload)
    value = control.pack(said)
    return [(key, value, signed(ORG, value, "crm.events", 0, key.encode()))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.organisation_change", description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    asked = parser.parse_args()
    for name, (key, payload) in CHANGES.items():
        objects = deals if "deals" in name else emails
        cost = changed(objects, asked.objects, key, payload)
        print(
            f"{name}, {asked.objects:,} objects: {cost.seconds:.2f} s, at most {cost.longest * 1000:.0f} ms in one go, "
            f"{cost.facts_bytes / 1e6:.1f} MB of facts",
            flush=True,
        )


if __name__ == "__main__":
    main()
