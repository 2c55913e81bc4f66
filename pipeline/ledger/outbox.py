"""What a ledger sends: facts packed per destination, links, forwarded records, dead letters."""

from collections.abc import Iterator
from typing import Any

from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage import Record, Send
from pipeline.kinds.cells import Cells, Place
from pipeline.ledger.links import topic_of
from pipeline.ledger.parts import RECORD_BYTES, in_parts, in_records, is_one_part
from schemas import control, facts
from schemas.control import FORWARDED, KIND_HEADER, LINK, Control, Forwarded, Position, forwarded_key
from schemas.facts import Cell, Entry, Facts

MOST_TEAMS = 100_000


class Outbox:
    """Collects what the records of one partition cause, in order; `flush` hands it over.

    The parts of one offset depend on that record and the state before it alone, never on the batch it came in.
    """

    def __init__(self, topic: str, partition: int, partitions: int, part_cells: int, proofs: Proofs) -> None:
        self._topic = topic
        self._partition = partition
        self._partitions = partitions
        self._part_cells = part_cells
        self._proofs = proofs
        self._sends: list[Send] = []
        self._entries: dict[int, list[Entry]] = {}
        self._feeds: dict[str, int] = {}
        self._served: dict[str, dict[str, int]] = {}
        self._clock = False
        self._everywhere = False
        self._homes: dict[str, int] = {}
        self.record: Record
        """The record that is folded: everything until `close` is numbered by its offset."""
        self.begun = False
        """Whether something was collected that `close` has to end."""
        self._open: dict[int, list[Cell]] = {}
        self._parts: dict[int, int] = {}
        self._control_part = 0

    def cells(self, changed: Cells) -> None:
        """Add signed cells, sorted and cut into parts; the last part waits for `close`."""
        self.begun = True
        for destination, cells in self._grouped(changed).items():
            if destination in self._open:
                self._part(destination, self._open.pop(destination), last=False)
            *full, self._open[destination] = in_parts(cells, self._part_cells)
            for part in full:
                self._part(destination, part, last=False)

    def last_cells(self, changed: Cells) -> None:
        """As `cells`, for a record that adds none after these: mostly few, which then are the only part."""
        if self.begun or len(changed) > self._part_cells or not is_one_part(changed.values()):
            self.cells(changed)
            return
        if len(changed) == 1:
            for place, amounts in changed.items():
                destination = self._homes.get(place[0])
                self._whole(self._home(place[0]) if destination is None else destination, [(*place, amounts)])
            return
        for destination, cells in self._grouped(changed).items():
            self._whole(destination, cells)

    def _whole(self, destination: int, cells: list[Cell]) -> None:
        entry = Entry(self.record.offset, 0, True, cells)
        if destination in self._entries:
            self._entries[destination].append(entry)
        else:
            self._entries[destination] = [entry]

    def _grouped(self, changed: Cells) -> dict[int, list[Cell]]:
        """The cells in the order of their places, by where they go."""
        grouped: dict[int, list[Cell]] = {}
        for place in changed if len(changed) == 1 else sorted(changed, key=_rank):
            destination = self._homes.get(place[0])
            if destination is None:
                destination = self._home(place[0])
            cell = (*place, changed[place])
            if destination in grouped:
                grouped[destination].append(cell)
            else:
                grouped[destination] = [cell]
        return grouped

    def _home(self, team: str) -> int:
        if len(self._homes) >= MOST_TEAMS:
            self._homes.clear()
        home = self._homes[team] = partition_of(f"team:{team}", self._partitions)
        return home

    def close(self) -> None:
        """End the record: its last parts go out."""
        for destination, cells in self._open.items():
            self._part(destination, cells, last=True)
        self._open.clear()
        self._parts.clear()
        self._control_part = 0
        self.begun = False

    def _part(self, destination: int, cells: list[Cell], *, last: bool) -> None:
        number = self._parts.get(destination, 0)
        self._parts[destination] = number + 1
        entries = self._entries.get(destination)
        if entries is None:
            entries = self._entries[destination] = []
        entries.append(Entry(self.record.offset, number, last, cells))

    def _next_position(self) -> Position:
        position = Position(self.record.offset, self._control_part)
        self._control_part += 1
        self.begun = True
        return position

    def pass_over(self) -> None:
        """Use up a position, of an event of a batch that is not passed on."""
        self._next_position()

    def link(self, kind: str, subject: str, origin: str, payload: Any) -> None:
        """Say something of `subject` to the log that owns it; None takes it back."""
        said = Control(
            self._topic, self._partition, self._next_position(), self.record.timestamp, kind, subject, origin, payload
        )
        destination = partition_of(subject, self._partitions)
        self._send(topic_of(subject), destination, control.pack(said), subject.encode(), LINK)

    def forward(self, record: Record, value: bytes, destination: int, element: int = 0) -> None:
        """Pass an event on to the partition that owns its object; `element` counts those of a batch from 1."""
        key = forwarded_key(record.key)
        passed = Forwarded(self._topic, self._partition, self._next_position(), record.timestamp, key, value, element)
        self._send(self._topic, destination, control.pack_forwarded(passed), key, FORWARDED)

    def _send(self, topic: str, partition: int, value: bytes, key: bytes | None, kind: bytes) -> None:
        headers = self._proofs.at(topic, partition).signed(value, key, ((KIND_HEADER, kind),))
        self._sends.append(Send(topic, partition, value, key, headers))

    def refuse(self, letter: Send) -> None:
        """Pass a dead letter on."""
        self._sends.append(letter)

    def tell_time(self, *, everywhere: bool = False) -> None:
        """Let the next flush carry the time to the own number's partition, or to all, be there facts or not."""
        self._clock = True
        self._everywhere |= everywhere

    def tell_feed(self, source: str, heard_ms: int) -> None:
        """Let the next flush tell every partition that a source is alive."""
        self._feeds[source] = heard_ms

    def tell_served(self, source: str, team: str, heard_ms: int) -> None:
        """Let the next flush tell every partition that a source served a team."""
        self._served.setdefault(source, {})[team] = heard_ms

    def flush(self, now_ms: int) -> list[Send]:
        """All that has come together; parts of a record that is not closed yet stay back."""
        destinations = set(self._entries)
        if self._feeds or self._served or self._everywhere:
            destinations.update(range(self._partitions))
        if self._clock:
            destinations.add(self._partition)
        sends = self._sends
        for destination in sorted(destinations):
            sends += self._packed(destination, self._entries.get(destination, []), now_ms)
        self._sends, self._entries, self._feeds, self._served = [], {}, {}, {}
        self._clock = self._everywhere = False
        return sends

    def _packed(self, destination: int, entries: list[Entry], now_ms: int) -> Iterator[Send]:
        value = self._pack(entries, now_ms)
        if len(value) <= RECORD_BYTES:
            yield Send("facts", destination, value)
            return
        for packed in in_records(entries):
            yield Send("facts", destination, self._pack(packed, now_ms))

    def _pack(self, entries: list[Entry], now_ms: int) -> bytes:
        return facts.pack(Facts(1, self._topic, self._partition, now_ms, self._feeds, entries, self._served))


def _rank(place: Place) -> tuple[str, str, int, int]:
    """By which places are ordered: None comes first."""
    team, rep, day, minute = place
    return team, rep, -1 if day is None else day, -1 if minute is None else minute
