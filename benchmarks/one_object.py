"""`python -m benchmarks.one_object`: what the N-th thing told of one object costs: touches, wins, edits, moves, merges.

One ledger in one process, without a broker. Of the last events up to N: processor time in microseconds, and bytes of
what they change in the state; of merges the bytes that they append to the log, each an event for three.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipeline.kernel.stage import Headers
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas import control
from schemas.control import LINK, ORG, Control, Position
from schemas.events import iso
from tests.harness.proofs import PROOFS, signed

NOW_MS = 1_793_000_000_000
SIZES = (10, 100, 1_000, 10_000, 20_000)
LEADS = (10, 100, 385, 1_000)
ZONES = (10, 100, 1_000)
MEMBERSHIPS = (10, 100, 1_000, 2_000)
EMAILS = 100
"""So many of a rep's emails are looked at again with each membership."""
LAST = 5
STAGES = [{"id": "new"}, {"id": "offer"}, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
ORGANISATION: dict[str, dict[str, Any]] = {
    "company:company": {"time_zone": "Europe/Berlin", "currency": "EUR"},
    "team:north": {"time_zones": [[None, "Europe/Berlin"]]},
    "rep:rep-01": {"active": True},
    "membership:m1": {"rep_id": "rep-01", "team_id": "north"},
    "process:default": {"editions": [[0, STAGES]]},
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the consumer gives it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Log:
    """One partition of `crm.events` with its ledger; what this sends to the log is folded next."""

    def __init__(self) -> None:
        self.store = Store()
        self.ledger = Ledger("crm", "crm.events", 0, 1, self.store, LedgerPolicy(), PROOFS)
        self.link_bytes = self.seconds = 0.0
        self._offset = 0
        for part, (key, payload) in enumerate(ORGANISATION.items()):
            copy = Control("org.changes", 0, Position(0, part), NOW_MS, "org", key, key, payload)
            value = control.pack(copy)
            self.fold([(key, value, signed(ORG, value, "crm.events", 0, key.encode()))])

    def fold(self, told: Iterable[tuple[str, bytes, Headers]]) -> None:
        """Fold records, and what they cause."""
        waiting = list(told)
        while waiting:
            records = []
            for key, value, headers in waiting:
                records.append(Record(self._offset, NOW_MS, key.encode(), value, headers))
                self._offset += 1
            began = time.process_time()
            sends = [send for some in self.ledger.fold(records) for send in some]
            self.seconds += time.process_time() - began
            waiting = [((s.key or b"").decode(), s.value or b"", s.headers) for s in sends if s.topic == "crm.events"]
            self.link_bytes += sum(len(value) for _, value, _ in waiting)

    def changed_bytes(self) -> int:
        """What has changed in the state since the last call."""
        return sum(len(key) + len(form or b"") for key, form in self.store.take_changes().items())


Told = tuple[str, bytes, Headers]


def main() -> None:
    """Measure and print."""
    print(f"{'µs an event / bytes of delta':30}" + "".join(f"{size:>16,}" for size in SIZES))
    for name, told in KINDS.items():
        cells = [_cost(told, size) for size in SIZES]
        print(f"{name:30}" + "".join(f"{seconds * 1e6:9.0f} /{size:5.0f}" for seconds, size in cells))
    print(f"{'leads: µs / bytes of log each':30}" + "".join(f"{size:>16,}" for size in LEADS))
    for name, circle in (("merged in a chain", False), ("merged in a circle", True)):
        cells = [_merged(size, circle=circle) for size in LEADS]
        print(f"{name:30}" + "".join(f"{seconds * 1e6:9.0f} /{size:5.0f}" for seconds, size in cells))
    print(f"{'zones of a team: µs / bytes':30}" + "".join(f"{size:>16,}" for size in ZONES))
    cells = [_zoned(size) for size in ZONES]
    print(f"{'a copy, sent to each log':30}" + "".join(f"{seconds * 1e6:9.0f} /{size:5.0f}" for seconds, size in cells))
    print(f"{'memberships: µs each':30}" + "".join(f"{size:>16,}" for size in MEMBERSHIPS))
    for emails in (0, EMAILS):
        cells_us = [_joined(size, emails) * 1e6 for size in MEMBERSHIPS]
        print(f"{f'of a rep with {emails} emails':30}" + "".join(f"{us:16.0f}" for us in cells_us))


def _cost(told: Callable[[int], Told], count: int) -> tuple[float, float]:
    log = Log()
    log.fold(map(told, range(count - LAST)))
    log.changed_bytes()
    log.seconds = 0.0
    written = 0
    for number in range(count - LAST, count):
        log.fold([told(number)])
        written += log.changed_bytes()
    return log.seconds / LAST, written / LAST


def _merged(leads: int, *, circle: bool) -> tuple[float, float]:
    log = Log()
    log.link_bytes = log.seconds = 0.0
    for number in range(leads):
        following = (number + 1) % leads if circle else number + 1
        log.fold(_merge(number, following))
    return log.seconds / leads, log.link_bytes / leads


def _zoned(zones: int) -> tuple[float, float]:
    """What the last of a team's zones cost the roster, and what each writes to each log."""
    store = Store()
    roster = Roster(0, 1, store, RosterPolicy(), PROOFS)
    events = [
        Record(number, NOW_MS, key.encode(), value) for number, (key, value, _) in enumerate(map(_zone, range(zones)))
    ]
    for _ in roster.fold(events[:-LAST]):
        pass
    began = time.process_time()
    sent = [send for some in roster.fold(events[-LAST:]) for send in some if send.topic == "facts"]
    return (time.process_time() - began) / LAST, sum(len(send.value or b"") for send in sent) / LAST


def _zone(number: int) -> Told:
    since = date(2020, 1, 1) + timedelta(days=number)
    data: dict[str, object] = {"time_zone": ("Asia/Kolkata", "UTC")[number % 2], "time_zone_from": since.isoformat()}
    at_ms = NOW_MS - 86_400_000 + number
    told = {"specversion": "1.0", "id": f"t{number}", "source": "crm", "type": "org.team.changed"}
    return "team:north", json.dumps({**told, "subject": "team:north", "time": iso(at_ms), "data": data}).encode(), ()


def _joined(memberships: int, emails: int) -> float:
    """What the last memberships of a rep cost, an hour each, of whom so many emails are known."""
    log = Log()
    sent = {"rep_id": "rep-01", "direction": "outbound", "bulk": False}
    for number in range(emails):
        at_ms = NOW_MS - number * 60_000
        log.fold([told_event("email", f"e{number}", at_ms, {**sent, "sent_at": iso(at_ms)})])
    log.fold(map(_membership, range(memberships - LAST)))
    log.seconds = 0.0
    for number in range(memberships - LAST, memberships):
        log.fold([_membership(number)])
    return log.seconds / LAST


def _membership(number: int) -> Told:
    from_ms = NOW_MS - 86_400_000 - number * 3_600_000
    payload = {"rep_id": "rep-01", "team_id": "north", "valid_from": from_ms, "valid_to": from_ms + 3_600_000}
    key = f"membership:former-{number:06}"
    said = Control("org.changes", 0, Position(1 + number, 0), NOW_MS, "org", key, key, payload)
    value = control.pack(said)
    return key, value, signed(ORG, value, "crm.events", 0, key.encode())


def _merge(number: int, following: int) -> Iterator[Told]:
    lead, at_ms = f"l{number:017}", NOW_MS - 86_400_000 + number
    sent = {"rep_id": "rep-01", "sent_at": iso(at_ms), "direction": "outbound", "bulk": False, "lead_id": lead}
    yield told_event("email", f"e{number:017}", at_ms, sent)
    yield told_event("lead", lead, at_ms, {"owner_id": "rep-01", "created_at": iso(at_ms)})
    yield told_event("lead", lead, at_ms + 1, {"into": f"l{following:017}"}, "merged")


def told_event(kind: str, name: str, at_ms: int, data: dict[str, object], verb: str = "changed") -> Told:
    """An event about one object."""
    told = {"specversion": "1.0", "id": f"{kind}-{name}-{at_ms}", "source": "crm", "type": f"crm.{kind}.{verb}"}
    value = json.dumps({**told, "subject": f"{kind}:{name}", "time": iso(at_ms), "data": data}).encode()
    return f"{kind}:{name}", value, ()


def _link(kind: str, subject: str, origin: str, number: int, payload: dict[str, object]) -> Told:
    topic = "crm.events" if origin.startswith("deal:") else "telephony.events"
    said = Control(topic, 0, Position(number, 0), NOW_MS, kind, subject, origin, payload)
    value = control.pack(said)
    return subject, value, signed(LINK, value, "crm.events", 0, subject.encode())


def _touch(number: int) -> Told:
    payload: dict[str, object] = {"rep": "rep-01", "at_ms": NOW_MS + number, "outbound": True}
    return _link("touch", "lead:walk-in", f"call:0065g0000{number:09}", number, payload)


def _win(number: int) -> Told:
    payload: dict[str, object] = {"rep": "rep-01", "won_ms": NOW_MS + number}
    return _link("win", "account:walk-in", f"deal:0065g0000{number:09}", number, payload)


def _deal(number: int, stage: str) -> Told:
    created = iso(NOW_MS - 86_400_000)
    data: dict[str, object] = {"owner_id": "rep-01", "stage_id": stage, "created_at": created, "amount_minor": number}
    return told_event("deal", "d1", NOW_MS - 40_000_000 + number, data)


KINDS: dict[str, Callable[[int], Told]] = {
    "touches of a lead": _touch,
    "wins of an account": _win,
    "edits of a deal's amount": lambda number: _deal(number, "new"),
    "stage changes of a deal": lambda number: _deal(number, ("new", "offer")[number % 2]),
    "won, opened again, won": lambda number: _deal(number, ("new", "won")[number % 2]),
}


if __name__ == "__main__":
    main()
