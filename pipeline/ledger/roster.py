"""The roster: the fold that merges the organisation's records and copies them to whoever needs them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pipeline.intake.batches import taken_apart
from pipeline.intake.control_records import NOT_OURS, ControlRecords
from pipeline.intake.intake_metrics import IntakeMetrics, Unmetered
from pipeline.intake.positions import advance, first_time
from pipeline.intake.refusals import Letters, PassedOn, Tally
from pipeline.intake.verdicts import Accepted, Judge, Refused, elements_of, is_tombstone
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage import Headers, Record, Send
from pipeline.kernel.store import Store
from pipeline.ledger.roster_capacity import is_full
from pipeline.ledger.roster_fields import FORMS, STAGES, STAGES_FROM
from pipeline.objects.object import LIFE, MENTIONED, Object
from pipeline.organisation.goals import PLACED, places_of, watching
from pipeline.organisation.organisation import Record as OrganisationRecord
from schemas import blocks, control
from schemas.blocks import Block
from schemas.cloud_events import structured
from schemas.control import (
    ANSWER,
    BLOCK,
    FORWARDED,
    KIND_HEADER,
    ORG,
    TICK,
    Control,
    Forwarded,
    Position,
    control_kind,
    forwarded_key,
)
from schemas.dead_letters import Reason
from schemas.events import TOPICS

TOPIC = "org.changes"
_json = msgspec.json.Encoder(order="sorted").encode
READERS = ("crm.events", "telephony.events", "facts", "parts")
"""Logs whose every partition gets a copy of every record, but of targets and curves: those go to whoever shows them."""
BOARDS = ("facts", "parts")
OF_BOARDS = ("absence", "proration", "special_day", "score", "contest", "recognition", "benchmark")
"""Kinds of records of which no object is counted otherwise: boards alone get a copy."""
LEDGERS = ("crm.events", "telephony.events")
OF_LEDGERS = ("identity",)
"""Kinds by which objects are read, and nothing else: boards get no copy."""
READERS_OF = {**dict.fromkeys(OF_BOARDS, BOARDS), **dict.fromkeys(OF_LEDGERS, LEDGERS)}
"""By kind: who gets copies, where not all do."""
Place = tuple[str, int]
"""Topic and partition."""
SOURCES = frozenset(TOPICS.values())
OBJECT = b"x"
DATED = {
    "team": ("time_zone", "time_zones"),
    "company": ("week_start", "week_starts"),
    "rep": ("role", "roles"),
}
"""What holds from a local day on, and the list of it in the copies. In the store each such day has a register of its
own: `time_zone@738000`, `time_zone@` since ever."""
ENDING = ("team", "membership", "identity")
"""What ends when it is deleted: what it was before that, it stays."""
HELD_RATES = "held_rates"
"""Scalar: the keys of the rates that are to be copied together."""
RATES_MS = "rates_ms"
"""Scalar: when a rate was copied last."""
SENDS_AT_ONCE = 500
"""So many copies, or some more, are queued in one go: a record has one for each partition of four logs."""


@dataclass(frozen=True, slots=True)
class RosterPolicy:
    """What shapes the copies. `most_dated` days, instants and names of stages are told of one record: some 200 KB.

    The whole organisation is sent again every `resend_ms` of append time, in blocks.

    Of the exchange rates that change within `rates_ms` of append time the first is copied at once, and all others
    together, in a block. Told oldest first each holds for all later days, until the next one is there: so whoever tells
    a thousand would have everything restated a thousand times.

    `jump_ms` is how far ahead of its own append time a forwarded record may say that it began. Without
    `letter_bodies` dead letters hold nothing of what was refused.
    """

    future_tolerance_ms: int = 300_000
    most_dated: int = 2_000
    resend_ms: int = 12 * 3_600_000
    rates_ms: int = 5_000
    jump_ms: int = 6 * 3_600_000
    letter_bodies: bool = True


class Roster:
    """The fold of one partition of `org.changes`.

    In the store: each record's encoded object, and as scalars `now_ms`, `seen`, `rates_ms` and `held_rates`.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        store: Store,
        policy: RosterPolicy,
        proofs: Proofs,
        metrics: IntakeMetrics | None = None,
    ) -> None:
        self._partition = partition
        self._partitions = partitions
        self._store = store
        self._policy = policy
        self._metrics: IntakeMetrics = metrics or Unmetered()
        self._judge = Judge("org", policy.future_tolerance_ms)
        self._proofs = proofs
        self._seal = seal = proofs.at(TOPIC, partition)
        self._records = ControlRecords(TOPIC, partition, partitions, seal, policy.jump_ms)
        self._letters = Letters(TOPIC, partition, partitions, seal, bodies=policy.letter_bodies)
        self._tally = Tally(self._letters.sent_again)
        self._part = 0

    def restore(self) -> None:
        """Nothing is derived from the store."""

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        sends: list[Send] = []
        for record in records:
            self._part = 0
            before_ms, now_ms = advance(self._store, record.timestamp)
            if before_ms // self._policy.rates_ms != now_ms // self._policy.rates_ms:
                sends += self._held_rates(record)
            if before_ms and before_ms // self._policy.resend_ms != now_ms // self._policy.resend_ms:
                yield sends
                sends = []
                yield from self._everything(record)
            kind = control_kind(record.headers)
            if kind is None:
                sends += self._event(record, record)
            elif (flaw := self._seal.flaw(record)) is not None:
                sends += self._refuse(record, Refused("invalid_control", f"headers.sp: {flaw}"))
            elif kind != TICK:
                sends += self._control(kind, record)
            if len(sends) >= SENDS_AT_ONCE:
                yield sends
                sends = []
        yield sends

    def _everything(self, record: Record) -> Iterator[Sequence[Send]]:
        placed: dict[Place, list[blocks.Copy]] = {}
        of_some: dict[tuple[str, ...], list[Object]] = {BOARDS: [], LEDGERS: []}

        def others() -> Iterator[Object]:
            for key, form in self._store.items(OBJECT):
                item = FORMS.decode(key[1:].decode(), form)
                if item.kind in READERS_OF:
                    of_some[READERS_OF[item.kind]].append(item)
                elif item.kind not in PLACED:
                    yield item
                elif (copied := record_of(item)) is not None:
                    for place in self._places(item.kind, copied):
                        placed.setdefault(place, []).append((item.key, copied))

        yield from self._blocks(record, others())
        for readers, items in of_some.items():
            yield from self._blocks(record, items, readers)
        yield from self._placed_again(record, placed)

    def _blocks(
        self, record: Record, items: Iterable[Object], readers: Sequence[str] = READERS
    ) -> Iterator[Sequence[Send]]:
        """Copies of all these that are there."""
        copies = ((item.key, copied) for item in items if (copied := record_of(item)) is not None)
        for packed in blocks.cut(copies):
            yield self._to_all(self._block(record, packed), None, BLOCK, readers)

    def _block(self, record: Record, packed: bytes) -> bytes:
        return blocks.pack(Block(TOPIC, self._partition, self._next_position(record), record.timestamp, packed))

    def _control(self, kind: bytes, record: Record) -> list[Send]:
        try:
            if kind == ANSWER:  # What it says was heeded when its records were read.
                self._records.answer(record)
                return []
            if kind != FORWARDED:
                raise ValueError("unknown kind")
            original = self._records.forwarded(record)
        except ValueError:
            return self._refuse(record, Refused("invalid_control", f"headers.sp: {NOT_OURS}"))
        if not first_time(self._store, original.topic, original.partition, original.position):
            return []
        return self._event(record, PassedOn.of(original))

    def _event(self, record: Record, came: Record) -> list[Send]:
        """Take in what `record` brings: itself, or what `came` to another partition first."""
        if is_tombstone(came):
            self._metrics.saw_tombstone()
            return []
        verdict = self._judge.verdict(came)
        if isinstance(verdict, Refused):
            elements = elements_of(came) if came is record else None
            if elements is None or isinstance(elements, Refused):
                return self._refuse(came, elements or verdict)
            return self._take_apart(record, elements)
        if came is record:
            self._count(record)
            owner = partition_of(verdict.key, self._partitions)
            if owner != self._partition:
                return [self._forward(record, structured(record.value, record.headers) or b"", owner)]
        return self._merge(record, came, verdict)

    def _take_apart(self, record: Record, elements: Iterable[bytes]) -> list[Send]:
        """Pass each event of a batch on to the partition of its object, as a record by itself."""
        sends: list[Send] = []
        for came, verdict in taken_apart(self._judge, TOPIC, self._partition, record, elements):
            if isinstance(verdict, Refused):
                sends += self._refuse(came, verdict)
                self._next_position(record)
            else:
                self._count(came)
                owner = partition_of(verdict.key, self._partitions)
                sends.append(self._forward(record, came.value or b"", owner, came.element))
        return sends

    def _merge(self, record: Record, came: Record, event: Accepted) -> list[Send]:
        item, changes = self._item(event.key), changes_of(event)
        if is_full(item, changes, self._policy.most_dated):
            return self._refuse(came, Refused("full", f"{item.key}: no room for another day, instant or stage"))
        self._metrics.saw_event(event.source, event.type)
        old = record_of(item)
        if not item.merge(event.version, changes):
            self._metrics.saw_duplicate()
            return []
        self._store.put(OBJECT + event.key.encode(), FORMS.encode(item))
        new = record_of(item)
        if new == old:
            return []
        if item.kind == "rate" and new is not None:
            return self._rate(record, event.key, new)
        if item.kind in PLACED:
            return self._placed(record, event.key, old, new)
        return self._copies(record, event.key, new)

    def _item(self, key: str) -> Object:
        form = self._store.get(OBJECT + key.encode())
        return Object(key) if form is None else FORMS.decode(key, form)

    def _rate(self, record: Record, key: str, copied: OrganisationRecord) -> list[Send]:
        """Copy a rate at once, where it is the first for a while; else it is held until others are copied too."""
        scalars, rates_ms = self._store.scalars, self._policy.rates_ms
        now_ms = scalars["now_ms"]
        if now_ms // rates_ms != scalars.get(RATES_MS, -1) // rates_ms:
            scalars[RATES_MS] = now_ms
            return self._copies(record, key, copied)
        held = scalars.setdefault(HELD_RATES, [])
        if key not in held:
            held.append(key)
        return self._held_rates(record) if len(held) >= blocks.MOST_RECORDS else []

    def _placed(
        self, record: Record, key: str, old: OrganisationRecord | None, new: OrganisationRecord | None
    ) -> list[Send]:
        """Copy a record to whoever shows the figures that it is for, and tell whoever did before that it is gone."""
        kind = key.partition(":")[0]
        places, former = self._places(kind, new), self._places(kind, old)
        sends = [self._copy_to(record, key, None, place) for place in sorted(former - places)]
        return sends + [self._copy_to(record, key, new, place) for place in sorted(places)]

    def _places(self, kind: str, record: OrganisationRecord | None) -> set[Place]:
        found = {(topic, partition_of(home, self._partitions)) for topic, home in places_of(record)}
        log = watching(record) if kind == "target" else None
        return found if log is None else found | {(log, partition) for partition in range(self._partitions)}

    def _copy_to(self, record: Record, key: str, payload: OrganisationRecord | None, place: Place) -> Send:
        topic, partition = place
        return Send(topic, partition, self._copy(record, key, payload), key.encode(), ((KIND_HEADER, ORG),))

    def _placed_again(self, record: Record, placed: Mapping[Place, Sequence[blocks.Copy]]) -> Iterator[Sequence[Send]]:
        for (topic, partition), copies in sorted(placed.items()):
            yield [
                Send(topic, partition, self._block(record, packed), None, ((KIND_HEADER, BLOCK),))
                for packed in blocks.cut(copies)
            ]

    def _held_rates(self, record: Record) -> list[Send]:
        held = self._store.scalars.pop(HELD_RATES, ())
        if held:
            self._store.scalars[RATES_MS] = self._store.scalars["now_ms"]
        return [send for sends in self._blocks(record, map(self._item, sorted(held))) for send in sends]

    def _copies(self, record: Record, key: str, payload: OrganisationRecord | None) -> list[Send]:
        readers = READERS_OF.get(key.partition(":")[0], READERS)
        return self._to_all(self._copy(record, key, payload), key.encode(), ORG, readers)

    def _copy(self, record: Record, key: str, payload: OrganisationRecord | None) -> bytes:
        position = self._next_position(record)
        return control.pack(Control(TOPIC, self._partition, position, record.timestamp, "org", key, key, payload))

    def _to_all(self, value: bytes, key: bytes | None, kind: bytes, readers: Sequence[str]) -> list[Send]:
        headers = ((KIND_HEADER, kind),)
        return [
            Send(topic, partition, value, key, self._signed(topic, partition, value, key, headers))
            for topic in readers
            for partition in range(self._partitions)
        ]

    def _signed(self, topic: str, partition: int, value: bytes, key: bytes | None, headers: Headers) -> Headers:
        """Copies for boards need no proof: nobody but workers may write to their logs."""
        return self._proofs.at(topic, partition).signed(value, key, headers) if topic in SOURCES else headers

    def _forward(self, record: Record, value: bytes, owner: int, element: int = 0) -> Send:
        self._metrics.forwarded()
        position, key = self._next_position(record), forwarded_key(record.key)
        passed = Forwarded(TOPIC, self._partition, position, record.timestamp, key, value, element)
        packed = control.pack_forwarded(passed)
        return Send(TOPIC, owner, packed, key, self._signed(TOPIC, owner, packed, key, ((KIND_HEADER, FORWARDED),)))

    def _refuse(self, record: Record, refused: Refused) -> list[Send]:
        self._metrics.refused(refused.reason)
        self._count(record, refused.reason)
        return [self._letters.letter(record, refused.reason, refused.detail)]

    def _count(self, record: Record, refused: Reason | None = None) -> None:
        self._tally.saw(record, refused)
        self._tally.note(self._store, self._store.scalars["now_ms"])

    def _next_position(self, record: Record) -> Position:
        position = Position(record.offset, self._part)
        self._part += 1
        return position


def _by_day(changes: Mapping[str, Any], dated: str) -> dict[str, Any]:
    """A dated field as a register of its own for each day from which one of its values holds."""
    kept = {field: value for field, value in changes.items() if field not in (dated, f"{dated}_from")}
    if dated in changes:
        first_day = changes.get(f"{dated}_from")
        kept[f"{dated}@{'' if first_day is None else first_day}"] = changes[dated]
    return kept


def _stages_by_instant(changes: Mapping[str, Any], event_ms: int) -> dict[str, Any]:
    """A process's stages as a register of their own for each instant from which some hold."""
    kept = {field: value for field, value in changes.items() if field not in ("stages", "valid_from")}
    if "stages" in changes:
        from_ms, stages = changes.get("valid_from"), changes["stages"]
        digest = None
        if stages is not None:
            digest = hashlib.sha256(_json(stages)).hexdigest()[:16]
            kept[f"{STAGES}{digest}"] = stages
        kept[f"{STAGES_FROM}{event_ms if from_ms is None else from_ms}"] = digest
    return kept or {MENTIONED: None}


def changes_of(event: Accepted) -> dict[str, Any]:
    """What an event of the organisation changes, as registers: of a dated field and an edition, one for each."""
    kind = event.key.partition(":")[0]
    if kind in DATED:
        return _by_day(event.changes, DATED[kind][0])
    return _stages_by_instant(event.changes, event.version[0]) if kind == "process" else event.changes


def record_of(item: Object) -> OrganisationRecord | None:
    """The merged record as the copies carry it (see `Organisation`); None for one that is not there or deleted.

    A process is read on once it is deleted: the deals that went through it did. Teams, memberships and identities end
    with it. Of a rep who was deleted it says that: memberships that were left as they were bring nobody back.
    """
    if item.kind == "process":
        implied = item.values.get("implied")
        more = {} if implied is None else {"implied": implied}
        return {"editions": _editions(item.values), **more} if item.has_events else None
    ended_ms = _ended_ms(item)
    if not item.live and ended_ms is None:
        return {"deleted": True} if item.kind == "rep" and LIFE in item.values else None
    known = {field: value for field, value in sorted(item.values.items()) if value is not None}
    dated, listed = DATED.get(item.kind, ("", ""))
    record: OrganisationRecord = {
        field: value
        for field, value in known.items()
        if field != LIFE and not (dated and field.startswith(f"{dated}@"))
    }
    if dated:
        record[listed] = _since(known, f"{dated}@")
    if ended_ms is not None:
        field = "ended_at" if item.kind == "team" else "valid_to"
        record[field] = min(record.get(field, ended_ms), ended_ms)
    return record


def _ended_ms(item: Object) -> int | None:
    """When a team, membership or identity was deleted; None where it is there, or nothing else was ever told of it."""
    if item.kind not in ENDING or item.values.get(LIFE) != "deleted" or item.values.keys() == {LIFE}:
        return None
    version = item.older.get(LIFE, item.version)
    return None if version is None else version[0]


def _since(known: Mapping[str, Any], prefix: str) -> list[list[Any]]:
    """What of a dated field holds from which day on, in order."""
    days = ((field.removeprefix(prefix), value) for field, value in known.items() if field.startswith(prefix))
    return sorted(([int(day) if day else None, value] for day, value in days), key=lambda entry: entry[0] or 0)


def _editions(values: Mapping[str, Any]) -> list[list[Any]]:
    """From when on which stages hold; an edition that repeats the one before it adds nothing."""
    told = sorted(
        (int(field.removeprefix(STAGES_FROM)), digest)
        for field, digest in values.items()
        if field.startswith(STAGES_FROM) and digest is not None
    )
    digests = [digest for _, digest in told]
    return [
        [from_ms, values[f"{STAGES}{digest}"]]
        for (from_ms, digest), before in zip(told, [None, *digests], strict=False)
        if digest != before
    ]
