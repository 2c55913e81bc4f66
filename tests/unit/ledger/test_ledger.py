import json
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.refusals import TALLY
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Send
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.release import installed_version
from schemas import blocks, control, facts
from schemas.blocks import Block, Copy
from schemas.control import ANSWER, BLOCK, KIND_HEADER, LINK, ORG, TICK, Answer, Control, Position
from tests.harness.proofs import PROOFS, proven
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import DAY, HOUR, LOGS, MINUTE, NOON_MS, LogRecord, World, event, organisation

CALL: dict[str, Any] = {"rep_id": "rep-01", "direction": "outbound", "started_at": NOON_MS}


class Counted:
    """Metrics that a test can read."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def saw_event(self, source: str, event_type: str, count: int = 1, /) -> None:
        self.seen += [f"{source} {event_type}"] * count

    def saw_old(self, source: str, count: int, /) -> None:
        self.seen += [f"{source} old"] * count

    def refused(self, reason: str, /) -> None:
        self.seen.append(reason)

    def saw_tombstone(self) -> None:
        self.seen.append("tombstone")

    def saw_duplicate(self) -> None:
        self.seen.append("duplicate")

    def forwarded(self) -> None:
        self.seen.append("forwarded")


def _record(
    offset: int,
    one: dict[str, Any] | bytes,
    timestamp: int = NOON_MS,
    *headers: tuple[str, bytes],
    topic: str = "telephony.events",
) -> LogRecord:
    value = json.dumps(one).encode() if isinstance(one, dict) else one
    return LogRecord(offset, timestamp, None, value, proven(headers, value, topic, 0))


def _ledger(store: Store | None = None, policy: LedgerPolicy | None = None, metrics: Counted | None = None) -> Ledger:
    return Ledger("telephony", "telephony.events", 0, 1, store or Store(), policy or LedgerPolicy(), PROOFS, metrics)


def _fold(ledger: Ledger, *records: LogRecord) -> list[Send]:
    return [send for sends in ledger.fold(records) for send in sends]


def _facts(sends: list[Send]) -> list[facts.Facts]:
    return [facts.unpack(send.value or b"") for send in sends if send.topic == "facts"]


def _copy(offset: int, subject: str, payload: dict[str, Any] | None, part: int = 0) -> LogRecord:
    copy = Control("org.changes", 0, Position(offset, part), NOON_MS, "org", subject, subject, payload)
    return _record(offset, control.pack(copy), NOON_MS, (KIND_HEADER, ORG))


@given(st.lists(any_event(), min_size=5, max_size=25), st.sampled_from([1, 2, 5]), st.sampled_from([1, 3]))
def test_the_same_parts_whatever_the_batches(events: list[dict[str, Any]], batch: int, slice_objects: int) -> None:
    """A log folded in batches of any size gives the same entries: offset, part, last and cells."""
    policy = LedgerPolicy(part_cells=2, slice_objects=slice_objects)
    whole = World(policy=policy)
    whole.produce([*organisation(), *events])
    whole.run()
    logs = {where: log for where, log in whole.logs.items() if where[0] in ("crm.events", "telephony.events")}
    again = World(policy=policy, batch=batch)
    for (topic, partition), log in logs.items():
        stage = again.stages[topic, partition]
        for start in range(0, len(log), batch):
            for sends in stage.fold(log[start : start + batch]):
                again.deliver(send for send in sends if send.topic == "facts")

    assert sorted(again.entries(), key=repr) == sorted(whole.entries(), key=repr)


def test_cells_are_sorted_and_cut_into_parts_of_constant_size() -> None:
    """A change of many cells comes in numbered parts, all but the last of which are full; the last one says so."""
    policy = LedgerPolicy(part_cells=2, slice_objects=2)
    calls = [_record(n, event("call", f"c{n}", **{**CALL, "started_at": NOON_MS - n * MINUTE})) for n in range(5)]
    ledger = _ledger(policy=policy)
    _fold(ledger, *calls)
    [*_, sends] = [list(ledger.fold([_copy(9, "rep:rep-01", {})]))]
    entries = [entry for packed in _facts([s for part in sends for s in part]) for entry in packed.entries]

    assert [(entry.offset, entry.part, entry.last) for entry in entries] == [
        (9, part, part == len(entries) - 1) for part in range(len(entries))
    ]
    assert all(len(entry.cells) <= 2 for entry in entries)
    assert sum(cell[4]["calls"] for entry in entries for cell in entry.cells) == 0


def test_a_large_change_comes_in_slices() -> None:
    """The objects of an organisation change are worked on a few at a time, and what they change is sent as it comes."""
    ledger = _ledger(policy=LedgerPolicy(slice_objects=10))
    _fold(ledger, *(_record(n, event("call", f"c{n}", **CALL)) for n in range(35)))
    slices = [sends for sends in ledger.fold([_copy(99, "rep:rep-01", {})]) if sends]

    assert len(slices) == 3
    assert [entry.last for sends in slices for f in _facts(list(sends)) for entry in f.entries] == [False] * 3 + [True]


@pytest.mark.parametrize("pause", [0, 1, 2, 3])
def test_a_change_that_is_interrupted_is_stated_by_the_same_organisations(pause: int) -> None:
    """Whoever looks between two slices finds the organisation that holds now; and a replay from the state of before

    sends what was sent before the interruption, and the rest.
    """
    north, moved = {"rep_id": "rep-01", "team_id": "north"}, {"rep_id": "rep-01", "team_id": "south"}
    begin = [_record(n, event("call", f"c{n}", **CALL)) for n in range(35)]
    begin += [_copy(40, "team:north", {}), _copy(41, "team:south", {})]
    begin.append(_copy(50, "membership:m", north))

    def folding() -> tuple[Ledger, Iterator[Sequence[Send]]]:
        ledger = _ledger(policy=LedgerPolicy(slice_objects=10))
        _fold(ledger, *begin)
        return ledger, (sends for sends in ledger.fold([_copy(99, "membership:m", moved)]) if sends)

    ledger, interrupted = folding()
    sent: list[Send] = []
    for _ in range(pause):
        sent += next(interrupted)
        assert ledger.organisation.place("rep-01", NOON_MS) == ("south", "rep-01")
    again = [send for sends in folding()[1] for send in sends]

    assert again[: len(sent)] == sent
    assert [n for _, n in sorted(_teams(again).items())] == [-35, 35]


def _teams(sends: list[Send]) -> Counter[str]:
    """By team: the calls that facts bring it."""
    found: Counter[str] = Counter()
    for cell in (cell for fact in _facts(sends) for entry in fact.entries for cell in entry.cells):
        found[cell[0]] += cell[4].get("calls", 0)
    return found


def test_what_was_swept_away_does_not_show_in_the_parts() -> None:
    """A change comes in the same parts whether forgotten objects among those it concerns are still there or not."""
    calls = [event("call", f"c{n}", **{**CALL, "started_at": NOON_MS + n % 2 * DAY}) for n in range(9)]
    later_ms = NOON_MS + 35 * DAY + MINUTE

    def parts(swept_objects: int) -> list[facts.Entry]:
        policy = LedgerPolicy(slice_objects=2, part_cells=1, swept_objects=swept_objects)
        ledger = _ledger(policy=policy)
        _fold(ledger, *(_record(n, one, NOON_MS + DAY) for n, one in enumerate(calls)))
        _fold(ledger, *(_record(9 + n, b"", later_ms, (KIND_HEADER, TICK)) for n in range(40)))
        return [entry for sent in _facts(_fold(ledger, _copy(99, "rep:rep-01", {}))) for entry in sent.entries]

    assert sum(len(entry.cells) for entry in parts(0)) == 4
    assert parts(0) == parts(100)


def test_an_organisation_copy_that_changes_nothing_has_no_effect() -> None:
    """The same payload again, under a new position, sends nothing and writes nothing."""
    store = Store()
    ledger = _ledger(store)
    _fold(ledger, _record(0, event("call", "c1", **CALL)), _copy(1, "rep:rep-01", {"active": True}))
    store.take_changes()

    assert _fold(ledger, _copy(2, "rep:rep-01", {"active": True})) == []
    assert store.take_changes() == {}


def test_what_is_resent_is_dropped_by_position() -> None:
    """A copy or link whose position was seen, or is older, changes nothing, whatever it says."""
    ledger = _ledger()
    _fold(ledger, _record(0, event("call", "c1", **CALL)), _copy(7, "rep:rep-01", {}, part=3))

    assert _fold(ledger, _copy(7, "rep:rep-01", None, part=3), _copy(6, "rep:rep-01", None, part=9)) == []
    [sent] = _facts(_fold(ledger, _copy(7, "rep:rep-01", None, part=4)))
    assert len(sent.entries[0].cells) == 2


def test_a_batch_sends_one_record_of_facts() -> None:
    """All offsets of a batch travel in one record per destination, each with its own entries."""
    [sent] = _facts(_fold(_ledger(), *(_record(n, event("call", f"c{n}", **CALL)) for n in range(50))))

    assert [(entry.offset, entry.part, entry.last) for entry in sent.entries] == [(n, 0, True) for n in range(50)]
    assert (sent.topic, sent.partition, sent.now_ms) == ("telephony.events", 0, NOON_MS)


def test_very_many_cells_are_sent_in_several_records() -> None:
    """A record of facts stays far below a broker's limit."""
    records = [_record(n, event("call", f"c{n}", **CALL)) for n in range(5000)]

    assert len(_facts(_fold(_ledger(), *records))) == 3


def test_the_time_is_told_every_five_seconds() -> None:
    """A tick that crosses a boundary of five seconds gives a record of facts without entries; others give nothing."""
    ledger = _ledger()
    ticks = [_record(n, b"", NOON_MS + n * 1000, (KIND_HEADER, TICK)) for n in range(12)]
    told = [sent.now_ms for tick in ticks for sent in _facts(_fold(ledger, tick))]

    assert told == [NOON_MS, NOON_MS + 5000, NOON_MS + 10_000]


def test_now_never_goes_back() -> None:
    """An append time before the latest one does not turn the clock back."""
    ledger = _ledger()
    _fold(ledger, _record(0, b"", NOON_MS, (KIND_HEADER, TICK)))
    past = event("call", "c1", NOON_MS - HOUR, **{**CALL, "started_at": NOON_MS - HOUR})
    [sent] = _facts(_fold(ledger, _record(1, past, NOON_MS - HOUR)))

    assert sent.now_ms == NOON_MS


def test_a_feed_is_told_every_ten_seconds_to_every_partition() -> None:
    """That a source is alive goes to all partitions, at most every ten seconds of append time."""
    ledger = Ledger("telephony", "telephony.events", 0, 3, Store(), LedgerPolicy(), PROOFS)
    keys = [key for key in (f"call:c{n}" for n in range(100)) if partition_of(key, 3) == 0]
    told = []
    for n, key in enumerate(keys[:21]):
        sends = _fold(ledger, _record(n, event("call", key[5:], source="dialer"), NOON_MS + n * 1000))
        told.append({send.partition for send, sent in zip(sends, _facts(sends), strict=True) if sent.feeds})

    assert [n for n, partitions in enumerate(told) if partitions] == [0, 10, 20]
    assert told[10] == {0, 1, 2}


def test_history_does_not_make_a_feed() -> None:
    """An imported event, long past when it is appended, does not tell that its source is alive now."""
    ledger = _ledger()
    past = event("call", "c1", NOON_MS - 2 * HOUR, source="export", **{**CALL, "started_at": NOON_MS - 2 * HOUR})

    assert all(not sent.feeds for sent in _facts(_fold(ledger, _record(0, past))))


def test_a_bad_record_goes_to_the_dead_letters_and_its_neighbours_count() -> None:
    """Refused records keep key and value, with reason and origin in their headers; the batch goes on."""
    metrics = Counted()
    sends = _fold(
        _ledger(metrics=metrics),
        _record(0, event("call", "c1", **CALL, source="dialer")),
        LogRecord(1, NOON_MS, b"k", b"{"),
        _record(2, event("call", "c2", **CALL, source="dialer")),
    )
    [dead] = [send for send in sends if send.topic == "dead-letters"]

    assert (dead.key, dead.value) == (b"k", b"{")
    assert dict(dead.headers) == {
        "dlq.schema": b"1",
        "dlq.app": b"salespulse",
        "dlq.version": installed_version().encode(),
        "dlq.reason": b"invalid_json",
        "dlq.detail": b"not JSON: EOF while parsing an object at line 1 column 1",
        "dlq.orig.topic": b"telephony.events",
        "dlq.orig.partition": b"0",
        "dlq.orig.offset": b"1",
        "dlq.orig.timestamp": str(NOON_MS).encode(),
        "dlq.attempt": b"1",
        "dlq.ts": str(NOON_MS).encode(),
    }
    assert sum(len(sent.entries) for sent in _facts(sends)) == 2
    assert metrics.seen == ["invalid_json", "dialer telephony.call.changed", "dialer telephony.call.changed"]


def test_a_tombstone_says_nothing_and_is_counted() -> None:
    """A key without a value is no refusal, however many come; without a key it is nobody's, and a dead letter."""
    metrics = Counted()
    ledger = _ledger(metrics=metrics)
    sends = _fold(
        ledger,
        _record(0, event("call", "c1", **CALL, source="dialer")),
        *(LogRecord(offset, NOON_MS, b"call:c1", None) for offset in range(1, 1500)),
        LogRecord(1500, NOON_MS, None, None),
    )
    [dead] = [send for send in sends if send.topic == "dead-letters"]

    assert dict(dead.headers)["dlq.reason"] == b"empty"
    assert metrics.seen.count("tombstone") == 1499
    assert sum(len(sent.entries) for sent in _facts(sends)) == 1
    _fold(ledger, _record(1501, event("call", "c2", **CALL), NOON_MS + 2 * MINUTE))
    assert sum(minute[2] for minute in ledger._store.scalars[TALLY]) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (LINK, b""),
        (LINK, b"\xc1"),
        (ORG, b"\x93\x01\x02\x03"),
        (BLOCK, b"\x93\x01\x02\x03"),
        (BLOCK, blocks.pack(Block("org.changes", 0, Position(1, 0), 0, b"strange"))),
        (b"fwd", b"{}"),
        (ANSWER, b"\x93\x01\x02\x03"),
        (ANSWER, control.pack_answer(Answer(7, 6, None))),
        (b"strange", b""),
        (LINK, control.pack(Control("crm.events", 0, Position(1, 0), 0, "win", "call:1", "deal:1", {"won_ms": "x"}))),
        (LINK, control.pack(Control("crm.events", 0, Position(1, 0), 0, "fish", "call:1", "deal:1", {}))),
    ],
)
def test_a_malformed_control_record_is_a_dead_letter(kind: bytes, value: bytes) -> None:
    """Whoever marks nonsense as the pipeline's own record gets it back with its reason."""
    sends = _fold(_ledger(), _record(0, value, NOON_MS, (KIND_HEADER, kind)))

    assert [dict(send.headers)["dlq.reason"] for send in sends if send.topic == "dead-letters"] == [b"invalid_control"]


def test_an_answer_is_nothing_that_a_fold_counts() -> None:
    """What an operator said of append times was heeded before; neither ledger nor roster refuses it."""
    world = World(partitions=1)
    world.tick()
    for topic in LOGS:
        world.append(topic, 0, control.pack_answer(Answer(0, 0, None)), headers=((KIND_HEADER, ANSWER),))
    world.run()

    assert (world.reasons(), world.total()) == ([], {})


def test_a_block_of_copies_is_taken_in_as_they_would_be() -> None:
    """All that is right of it: what is wrong is told once, and what was known restates nothing."""
    call = _record(0, event("call", "c1", **CALL))
    records: list[Copy] = [
        ("membership:a", {"rep_id": "rep-01", "team_id": "north"}),
        ("team:north", {"time_zones": []}),
        ("team:south", {"time_zones": [[None, "Mars/Olympus"]]}),
    ]
    [packed] = blocks.cut(records)
    block = [
        _record(n, blocks.pack(Block("org.changes", 0, Position(n, 0), 0, packed)), NOON_MS, (KIND_HEADER, BLOCK))
        for n in (1, 2)
    ]
    singly = _fold(_ledger(), call, *(_copy(n, *each) for n, each in enumerate(records[:2], 1)))
    ledger = _ledger()
    sends = _fold(ledger, call, block[0])

    assert _sums(sends) == _sums(singly) != {}
    assert len([send for send in sends if send.topic == "dead-letters"]) == 1
    assert [fact for fact in _facts(_fold(ledger, block[1])) if fact.entries] == []
    assert _fold(ledger, block[0]) == []


def _sums(sends: list[Send]) -> dict[Any, int]:
    """What all cells add up to."""
    found: Counter[Any] = Counter()
    for fact in _facts(sends):
        for entry in fact.entries:
            for *place, measures in entry.cells:
                found.update({(*place, name): amount for name, amount in measures.items()})
    return {key: amount for key, amount in found.items() if amount}


def test_repeated_events_are_counted_as_duplicates() -> None:
    """An event that changes nothing sends nothing and is counted."""
    metrics = Counted()
    ledger = _ledger(metrics=metrics)
    one = event("call", "c1", **CALL)
    _fold(ledger, _record(0, one))

    assert _fold(ledger, _record(1, one)) == []
    assert metrics.seen == ["crm-1 telephony.call.changed", "duplicate", "crm-1 telephony.call.changed"]


def test_a_record_on_the_wrong_partition_keeps_its_append_time() -> None:
    """It is forwarded, judged again by when it was first appended, and taken in once."""
    world = World(partitions=2).play(organisation())
    wrong = 1 - partition_of("call:c1", 2)
    world.now_ms = NOON_MS
    world.produce([event("call", "c1", **CALL)], partition=wrong)
    world.produce([event("call", "c1", rep_id="rep-02", started_at=NOON_MS - 35 * DAY)], partition=wrong)
    world.now_ms = NOON_MS + DAY
    world.run()

    assert world.reasons() == []
    [forwarded, _] = [
        r for r in world.logs["telephony.events", 1 - wrong] if dict(r.headers).get(KIND_HEADER) == b"fwd"
    ]
    again = LogRecord(10**6, world.now_ms, forwarded.key, forwarded.value, forwarded.headers)
    assert [s for part in world.stages["telephony.events", 1 - wrong].fold([again]) for s in part] == []


def test_a_scheduled_move_takes_what_stands_open_along_when_its_time_has_come() -> None:
    """A membership that begins tomorrow moves open deals tomorrow, with no event but a tick, and moves nothing else."""
    world = World().play(organisation())
    deal = event("deal", "d1", owner_id="rep-01", created_at=NOON_MS, stage_id="new")
    move = event("membership", "m3", 5000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + DAY)
    world.play([deal, move])
    assert world.measure("open_deals", "north") == 1

    world.now_ms = NOON_MS + DAY
    world.tick()
    world.run()
    assert (world.measure("open_deals", "north"), world.measure("open_deals", "south")) == (0, 1)
    assert (world.measure("deals_created", "north"), world.total()) == (1, world.stated())


def test_a_scheduled_move_comes_after_a_restart_as_well() -> None:
    """What falls due is found again in the state."""
    world = World().play(organisation())
    world.play(
        [
            event("deal", "d1", owner_id="rep-01", created_at=NOON_MS, stage_id="new"),
            event("membership", "m3", 5000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + DAY),
        ]
    )
    for topic, partition in world.stages:
        world.restart(topic, partition)
    world.now_ms = NOON_MS + DAY
    world.tick()
    world.run()

    assert world.measure("open_deals", "south") == 1


def _deleted(one: dict[str, Any]) -> dict[str, Any]:
    kind, _, name = one["subject"].partition(":")
    return event(kind, name, NOON_MS + 1, verb="deleted")


@given(st.randoms(use_true_random=False))
def test_links_are_taken_back_with_what_they_came_from(random: Random) -> None:
    """After every touch is deleted again, in any order, a lead waits as if there had been none."""
    touches = [
        event("call", "c1", **CALL, lead_id="l1"),
        event("email", "e1", rep_id="rep-01", sent_at=NOON_MS, direction="outbound", lead_id="l1"),
        event("activity", "a1", kind="visit", rep_id="rep-01", occurred_at=NOON_MS, lead_id="l1"),
        event("meeting", "m1", rep_id="rep-01", booked_at=NOON_MS, lead_id="l1"),
    ]
    lead = event("lead", "l1", owner_id="rep-01", created_at=NOON_MS)
    random.shuffle(touches)
    world = World().play(organisation(), [lead], touches)
    assert (world.measure("leads_worked"), world.measure("leads_waiting")) == (1, 0)

    random.shuffle(touches)
    gone = [_deleted(touch) for touch in touches]
    for one in gone[:-1]:
        world.play([one])
        assert world.measure("leads_worked") == 1
    world.play(gone[-1:])
    assert (world.measure("leads_worked"), world.measure("leads_waiting")) == (0, 1)


def test_mailings_automatic_replies_and_inbound_mail_do_not_work_a_lead() -> None:
    """Only a person reaching out does."""
    email: dict[str, Any] = {"rep_id": "rep-01", "sent_at": NOON_MS, "lead_id": "l1"}
    world = World().play(
        organisation(),
        [
            event("lead", "l1", owner_id="rep-01", created_at=NOON_MS),
            event("email", "e1", **email, direction="outbound", bulk=True),
            event("email", "e2", **email, direction="outbound", auto_reply=True),
            event("email", "e3", **email, direction="inbound"),
        ],
    )

    assert (world.measure("leads_waiting"), world.measure("emails"), world.measure("emails_bulk")) == (1, 0, 1)


def test_a_disqualified_lead_no_longer_waits() -> None:
    """It was created, and nobody has to reach out any more."""
    world = World().play(organisation(), [event("lead", "l1", owner_id="rep-01", created_at=NOON_MS)])
    world.play([event("lead", "l1", NOON_MS + 1, status="disqualified")])

    assert (world.measure("leads_created"), world.measure("leads_waiting")) == (1, 0)


def test_meetings_are_set_when_booked_and_held_when_they_start() -> None:
    """A meeting counts for the rep at both times; cancelling takes back neither its booking nor makes it missed."""
    meeting: dict[str, Any] = {"rep_id": "rep-01", "booked_at": NOON_MS - DAY, "starts_at": NOON_MS}
    world = World().play(
        organisation(),
        [
            event("meeting", f"m{status}", **meeting, status=status)
            for status in ("held", "no_show", "cancelled", "scheduled")
        ],
    )

    measures = ("meetings_set", "meetings_held", "meetings_missed", "meetings_pending", "activities")
    assert [world.measure(each) for each in measures] == [4, 1, 1, 1, 1]
    assert {place[2] for place, sums in world.total().items() if "meetings_set" in sums} == {739557}


def test_cost_is_spread_over_the_days_of_its_period() -> None:
    """Shares add up exactly, lie in cells without a minute, and without a team belong to the company."""
    period: dict[str, Any] = {"period_start": "2025-11-01", "period_end": "2025-11-30", "amount_minor": 100}
    world = World().play(
        organisation(), [event("cost", "k1", **period), event("cost", "k2", team_id="north", **period)]
    )
    total = world.total()
    cells = {place: sums for place, sums in total.items() if place[0] == "company" and "cost_minor" in sums}

    assert (len(cells), sum(sums["cost_minor"] for sums in cells.values())) == (30, 100)
    assert {(rep, minute) for _, rep, _, minute in cells} == {("", None)}
    assert world.measure("cost_minor", "north") == 100


def test_a_period_that_ends_before_it_begins_costs_nothing() -> None:
    """Nor does one of more than ten years."""
    events = [
        event("cost", f"k{n}", period_start=start, period_end="2025-11-01", amount_minor=100)
        for n, start in enumerate(("2025-11-02", "1999-01-01"))
    ]

    assert World().play(organisation(), events).total() == {}


DEEP = control.pack(Control("crm.events", 0, Position(9, 0), 0, "win", "account:1", "deal:1", {"won_ms": None}))


@pytest.mark.parametrize(
    ("subject", "payload"),
    [
        ("team:north", {"time_zones": 5}),
        ("team:north", {"time_zones": [["monday", "UTC"], [None, "UTC"]]}),
        ("team:north", {"time_zones": [[None, "Nowhere/Nothing"]]}),
        ("team:north", {"parent_id": [1], "time_zones": []}),
        ("company:company", {"time_zone": 5}),
        ("process:default", {"editions": [[0, [1]]]}),
        ("rate:usd", {"currency": "USD", "effective_on": 739_000, "rate": "NaN"}),
        ("rate:usd", {"currency": "USD", "effective_on": 10**12, "rate": "1"}),
        ("membership:m", {"rep_id": "rep-01", "team_id": {}}),
        ("membership:m", {"rep_id": "rep-01", "team_id": "north", "valid_from": "today"}),
        ("rep:a\0b", {}),
    ],
)
def test_a_copy_that_is_no_record_of_its_kind_is_refused(subject: str, payload: dict[str, Any]) -> None:
    """Whoever marks a record as a copy of the organisation cannot end a fold with it."""
    [sent, *_] = _fold(_ledger(), _copy(0, subject, payload))

    assert dict(sent.headers)["dlq.reason"] == b"invalid_control"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("logged", {"at_ms": 2**62}),
        ("logged", {"dials": 2**63}),
        ("logged", {"talk_ms": -(2**63)}),
        ("win", {"rep": None, "won_ms": 2**62}),
        ("merge", {"passed": [[1, "win", None, 2**62, "deal:1", None]]}),
        ("merge", {"passed": [[17, "win", None, NOON_MS, "deal:1", None]]}),
        ("merge", {"passed": [[1, "logged", None, NOON_MS, "activity:1", None]]}),
    ],
)
def test_a_link_with_what_no_event_could_say_is_refused(kind: str, payload: dict[str, Any]) -> None:
    """Instants and counts beyond those of events would not fit what carries them on."""
    logged = {"rep": "rep-01", "at_ms": NOON_MS, "outbound": True, "dials": 1, "connected": True, "talk_ms": 1}
    said = logged | payload if kind == "logged" else payload
    link = Control("crm.events", 0, Position(0, 0), NOON_MS, kind, "call:c1", "activity:1", said)
    [sent, *_] = _fold(_ledger(), _record(0, control.pack(link), NOON_MS, (KIND_HEADER, LINK)))

    assert dict(sent.headers)["dlq.reason"] == b"invalid_control"


def test_a_link_of_a_later_version_may_say_more() -> None:
    """Fields that are not known are left out."""
    said = {"rep": "rep-01", "at_ms": NOON_MS, "outbound": True, "dials": 2, "connected": True, "talk_ms": 1, "new": 1}
    link = Control("crm.events", 0, Position(0, 0), NOON_MS, "logged", "call:c1", "activity:1", said)
    [sent] = _facts(_fold(_ledger(), _record(0, control.pack(link), NOON_MS, (KIND_HEADER, LINK))))

    assert sent.entries[0].cells[0][4]["dials"] == 2


@pytest.mark.parametrize("header", [ORG, LINK])
def test_a_deeply_nested_control_record_is_refused(header: bytes) -> None:
    """However deep its payload is nested, it is a dead letter."""
    nested = DEEP[:-1] + b"\x91" * 60_000 + b"\xc0"
    [sent, *_] = _fold(_ledger(), _record(0, nested, NOON_MS, (KIND_HEADER, header)))

    assert dict(sent.headers)["dlq.reason"] == b"invalid_control"
