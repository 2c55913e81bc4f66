from datetime import date
from typing import Any

from pipeline.kernel.store import Store
from pipeline.ledger.roster import BOARDS, READERS, SENDS_AT_ONCE, Roster, RosterPolicy
from schemas import blocks, control
from schemas.control import BLOCK, KIND_HEADER, ORG, TICK
from tests.harness.proofs import PROOFS
from tests.unit.ledger.test_ledger import _record
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, LogRecord, event


def _roster(store: Store | None = None) -> Roster:
    return Roster(0, 1, Store() if store is None else store, RosterPolicy(), PROOFS)


def _copies(roster: Roster, *records: LogRecord) -> list[tuple[int, int, str, Any]]:
    """Offset, part, key and record of each copy, of those in blocks too."""
    found: list[tuple[int, int, str, Any]] = []
    for send in (send for sends in roster.fold(records) for send in sends if send.topic == "facts"):
        if send.headers == ((KIND_HEADER, BLOCK),):
            block = blocks.unpack(send.value or b"")
            found += [(block.position.offset, block.position.part, *copy) for copy in block.records()]
        else:
            copy = control.unpack(send.value or b"")
            found.append((copy.position.offset, copy.position.part, copy.subject, copy.payload))
    return found


def _tick(offset: int, timestamp: int) -> LogRecord:
    return _record(offset, b"", timestamp, (KIND_HEADER, TICK), topic="org.changes")


def test_a_change_is_copied_whole_to_every_partition_of_every_reader() -> None:
    """A partial update makes a copy of the whole merged record, the same for all."""
    roster = Roster(0, 2, Store(), RosterPolicy(), PROOFS)
    team = next(f"t{n}" for n in range(50) if _owned(f"team:t{n}"))
    first = _record(0, event("team", team, 1000, parent_id="emea"))
    second = _record(1, event("team", team, 2000, time_zone="Europe/Berlin"))
    sends = [send for sends in roster.fold([first, second]) for send in sends]

    assert sorted((send.topic, send.partition) for send in sends[4 * 2 :]) == sorted(
        (topic, partition) for topic in READERS for partition in range(2)
    )
    assert {(send.key, send.headers[0]) for send in sends} == {(f"team:{team}".encode(), (KIND_HEADER, ORG))}
    assert control.unpack(sends[-1].value or b"").payload == {
        "parent_id": "emea",
        "time_zones": [[None, "Europe/Berlin"]],
    }


def _owned(key: str) -> bool:
    from pipeline.kernel.partitioner import partition_of

    return partition_of(key, 2) == 0


def test_zones_are_kept_by_the_day_they_begin_on() -> None:
    """Each day from which a zone holds has its own; a later event may correct or take back one of them."""
    roster = _roster()
    base = _record(0, event("team", "north", 1000, time_zone="Europe/Berlin"))
    moved = _record(1, event("team", "north", 2000, time_zone="Asia/Kolkata", time_zone_from="2025-11-03"))
    cleared = _record(2, event("team", "north", 3000, time_zone=None, time_zone_from="2025-11-03"))

    assert [copy[3]["time_zones"] for copy in _copies(roster, moved, base, cleared)] == [
        [[739558, "Asia/Kolkata"]],
        [[None, "Europe/Berlin"], [739558, "Asia/Kolkata"]],
        [[None, "Europe/Berlin"]],
    ]


def test_the_first_day_of_the_week_is_kept_by_the_day_it_holds_from() -> None:
    """As zones are: in any order, each corrected or taken back by itself."""
    roster = _roster()
    from_january: dict[str, Any] = {"week_start": "sunday", "week_start_from": "2026-01-01"}
    told = event("company", "company", 2000, **from_january)
    ever = event("company", "company", 1000, week_start="saturday", currency="EUR")
    cleared = event("company", "company", 3000, **from_january | {"week_start": None})

    copies = _copies(roster, *(_record(number, each) for number, each in enumerate((told, ever, cleared))))
    assert [copy[3]["week_starts"] for copy in copies] == [
        [[739617, "sunday"]],
        [[None, "saturday"], [739617, "sunday"]],
        [[None, "saturday"]],
    ]
    assert all("week_start" not in copy[3] for copy in copies)


def test_what_changes_nothing_is_not_copied() -> None:
    """A repeated event, and a later one that says the same, send nothing."""
    roster = _roster()
    rep = event("rep", "7", 1000, active=True)

    assert len(_copies(roster, _record(0, rep), _record(1, rep), _record(2, event("rep", "7", 2000, active=True)))) == 1


def test_a_deleted_record_is_copied_as_gone() -> None:
    """Its payload is None, and restoring it sends it whole again."""
    roster = _roster()
    events = [
        event("policy", "7", 1000, most_links=1),
        event("policy", "7", 2000, verb="deleted"),
        event("policy", "7", 3000, verb="restored"),
    ]

    assert [copy[3] for copy in _copies(roster, *(_record(n, one) for n, one in enumerate(events)))] == [
        {"most_links": 1},
        None,
        {"most_links": 1},
    ]


def test_of_a_deleted_rep_the_copy_says_so() -> None:
    """Whether the rep was ever told of or not, before the deletion or after it: memberships may still name them."""
    gone = [{"deleted": True}]
    told, deleted = event("rep", "7", 1000, active=True), event("rep", "7", 2000, verb="deleted")

    assert [copy[3] for copy in _copies(_roster(), _record(0, deleted), _record(1, told))] == gone
    assert [copy[3] for copy in _copies(_roster(), _record(0, told), _record(1, deleted))][1:] == gone


def test_everything_is_sent_again_twice_a_day() -> None:
    """When time crosses a boundary of twelve hours all is copied again, numbered under the record that did it."""
    roster = _roster()
    _copies(roster, *(_record(n, event("policy", str(n), 1000, most_links=1)) for n in range(3)))
    _copies(roster, _record(3, event("policy", "1", 2000, verb="deleted")))

    assert _copies(roster, _tick(4, NOON_MS + HOUR // 2)) == []
    sent = [copy[:3] for copy in _copies(roster, _tick(5, NOON_MS + DAY // 2))]
    assert sent == [(5, 0, "policy:0"), (5, 0, "policy:2")]
    assert _copies(roster, _tick(6, NOON_MS + DAY // 2 + 1)) == []


def test_copies_of_many_records_take_turns() -> None:
    """Some hundred are queued in one go, all of a record together: what is new to a whole company are thousands."""
    roster = _roster()
    slices = list(roster.fold([_record(n, event("policy", str(n), 1000, most_links=1)) for n in range(1000)]))

    assert sum(len(slice_) for slice_ in slices) == 1000 * len(READERS)
    assert max(len(slice_) for slice_ in slices) < SENDS_AT_ONCE + len(READERS)
    assert {len(slice_) % len(READERS) for slice_ in slices} == {0}


def test_an_event_that_crosses_the_boundary_is_copied_after_the_rest() -> None:
    """The copies of one offset are numbered on, so that the newest comes last."""
    roster = _roster()
    _copies(roster, _record(0, event("rep", "1", 1000, active=True)))

    assert _copies(roster, _record(1, event("rep", "1", 2000, active=False), NOON_MS + DAY)) == [
        (1, 0, "rep:1", {"active": True, "roles": []}),
        (1, 1, "rep:1", {"active": False, "roles": []}),
    ]


def test_bad_organisation_events_are_dead_letters() -> None:
    """A bad record is refused with its reason and stops nothing."""
    sends = [
        send
        for sends in _roster().fold(
            [_record(0, b"{"), _record(1, event("team", "company")), _record(2, event("rep", "7"))]
        )
        for send in sends
    ]

    assert [dict(send.headers)["dlq.reason"] for send in sends if send.topic == "dead-letters"] == [
        b"invalid_json",
        b"invalid_event",
    ]
    assert len([send for send in sends if send.topic == "facts"]) == 1


def test_the_whole_is_sent_again_in_few_records() -> None:
    """Blocks of a constant number of records and of bytes, the same for every partition of every reader."""
    roster = Roster(0, 1, Store(), RosterPolicy(), PROOFS)
    number = 2 * blocks.MOST_RECORDS + 10
    _copies(roster, *(_record(n, event("rep", f"{n:05}", 1000, active=True)) for n in range(number)))
    sends = [send for sends in roster.fold([_tick(number, NOON_MS + DAY // 2)]) for send in sends]

    assert [send.topic for send in sends] == [topic for _ in range(3) for topic in READERS]
    assert len({send.value for send in sends}) == 3
    sizes = [len(blocks.unpack(send.value or b"").records()) for send in sends if send.topic == "parts"]
    assert sizes == [blocks.MOST_RECORDS, blocks.MOST_RECORDS, 10]


def test_absences_and_prorations_go_to_boards_alone() -> None:
    """At once and in the blocks: no object counts otherwise because somebody was away."""
    store = Store()
    roster = Roster(0, 1, store, RosterPolicy(), PROOFS)
    absence = event("absence", "a", 1000, rep_id="7", first_day="2026-11-23", last_day="2026-11-24")
    told = [_record(0, absence), _record(1, event("proration", "p", 1000, ramp=[2500, 5000]))]
    sends = [send for batch in roster.fold(told) for send in batch]
    assert [(send.key, send.topic) for send in sends] == [
        (key, topic) for key in (b"absence:a", b"proration:p") for topic in BOARDS
    ]

    again = [send for batch in roster.fold([_tick(2, NOON_MS + DAY)]) for send in batch]
    assert [send.topic for send in again] == list(BOARDS)


def test_the_role_of_a_rep_is_kept_by_the_day_it_holds_from() -> None:
    """A promotion in June leaves what the rep was before."""
    roster = _roster()
    _copies(roster, _record(0, event("rep", "7", 1000, role="sdr", hired_on="2026-01-01")))
    (copy,) = _copies(roster, _record(1, event("rep", "7", 2000, role="closer", role_from="2026-06-01")))

    assert copy[3] == {
        "hired_on": date(2026, 1, 1).toordinal(),
        "roles": [[None, "sdr"], [date(2026, 6, 1).toordinal(), "closer"]],
    }


def _rate(offset: int, day: int, at_ms: int, verb: str = "changed", rate: str = "2") -> LogRecord:
    told: dict[str, Any] = {"currency": "USD", "effective_on": f"2025-10-{day:02}", "rate": rate}
    fields = told if verb == "changed" else {}
    return _record(offset, event("rate", f"r{day}", 1000 + offset, verb=verb, **fields), at_ms)


def test_of_rates_the_first_is_copied_at_once_and_the_others_together() -> None:
    """In a block, once five seconds of append time are over: whoever reads them restates what they concern once."""
    roster, turn_ms = _roster(), NOON_MS + 5_000
    assert [copy[2] for copy in _copies(roster, _rate(0, 1, NOON_MS))] == ["rate:r1"]
    assert _copies(roster, _rate(1, 3, NOON_MS), _rate(2, 2, NOON_MS), _rate(3, 3, NOON_MS + 1, rate="3")) == []

    sent = _copies(roster, _tick(4, turn_ms))
    assert [(copy[0], copy[2], copy[3]["rate"]) for copy in sent] == [(4, "rate:r2", "2"), (4, "rate:r3", "3")]
    assert _copies(roster, _rate(5, 4, turn_ms)) == []
    assert [copy[2] for copy in _copies(roster, _rate(6, 5, turn_ms + 5_000))] == ["rate:r4"]


def test_a_held_rate_that_ends_is_gone_at_once() -> None:
    """And is not copied with the others; what is held stays so in another worker."""
    store = Store()
    _copies(_roster(store), _rate(0, 1, NOON_MS), _rate(1, 2, NOON_MS), _rate(2, 3, NOON_MS))
    assert _copies(_roster(store), _rate(3, 2, NOON_MS, "deleted")) == [(3, 0, "rate:r2", None)]

    assert [copy[2] for copy in _copies(_roster(store), _tick(4, NOON_MS + 5_000))] == ["rate:r3"]


def test_no_more_rates_are_held_than_a_block_has() -> None:
    """A connector may tell thousands a second: then they go as soon as a block is full."""
    roster = _roster()
    told = [
        _record(n, event("rate", f"r{n}", 1000, currency="USD", effective_on="2025-10-01", rate="2"), NOON_MS)
        for n in range(2 * blocks.MOST_RECORDS + 2)
    ]

    assert len(_copies(roster, *told)) == 2 * blocks.MOST_RECORDS + 1
    assert len(_copies(roster, _tick(len(told), NOON_MS + 5_000))) == 1
